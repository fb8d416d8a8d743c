import type { V1Secret } from '../../generated/types.ts';
import { append, type FieldError, invalid, isEnough, required, tooLong } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, invalidEach } from '../../validation/fields.ts';
import { validateConfigMapKey } from '../../validation/names.ts';
import { ANNOTATION_SERVICE_ACCOUNT_NAME } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { MAX_DATA_BYTES, base64Bytes, validateImmutable } from './configMap.ts';

/** Keys that a Secret of a type must have. */
const REQUIRED_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);
/** Types whose one key must hold JSON. */
const JSON_KEYS: ReadonlyMap<string, string> = new Map([['kubernetes.io/dockercfg', '.dockercfg'], ['kubernetes.io/dockerconfigjson', '.dockerconfigjson']]);

export const secret = defineKind<V1Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  model: 'V1Secret',
  setDefaults,
  validate,
  validateUpdate: (object, previous) => [...immutable('type', object.type, previous.type), ...validateImmutable(object, previous, ['data'])],
  columns: [textColumn('Type', { of: 'V1Secret.type' }, ({ type }) => type ?? ''), textColumn('Data', { of: 'V1Secret.data' }, ({ data }) => Object.keys(data ?? {}).length), ageColumn],
  selectableFields: ({ type }) => ({ type: type ?? '' }),
});

function setDefaults(object: IncomingObject<V1Secret>): void {
  object.type ||= 'Opaque';
  if (!object.stringData) return;
  // Written in the clear for convenience, and never given out so.
  const encoded = Object.entries(object.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  object.data = { ...object.data, ...(Object.fromEntries(encoded) as Record<string, string>) };
  delete object.stringData;
}

function validate({ metadata, type = '', data = {} }: IncomingObject<V1Secret>): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const key in data) {
    if (!isEnough(errors)) append(errors, invalidEach(`data[${key}]`, key, validateConfigMapKey(key)));
    size += base64Bytes(data[key]);
  }
  if (size > MAX_DATA_BYTES) errors.push(tooLong('data', MAX_DATA_BYTES));
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[ANNOTATION_SERVICE_ACCOUNT_NAME]) {
    errors.push(required(`metadata.annotations[${ANNOTATION_SERVICE_ACCOUNT_NAME}]`));
  }
  if (type === 'kubernetes.io/basic-auth' && !Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) errors.push(required('data[username]'), required('data[password]'));
  for (const key of REQUIRED_KEYS.get(type) ?? []) if (!Object.hasOwn(data, key)) errors.push(required(`data[${key}]`));
  const jsonKey = JSON_KEYS.get(type);
  if (jsonKey !== undefined) append(errors, validateJson(`data[${jsonKey}]`, data[jsonKey]));
  return errors;
}

function validateJson(field: string, encoded: string | undefined): FieldError[] {
  if (encoded === undefined) return [required(field)];
  try {
    JSON.parse(Buffer.from(encoded, 'base64').toString());
    return [];
  } catch (error) {
    // The parser's message may quote the content.
    return error instanceof SyntaxError ? [invalid(field, '<secret contents redacted>', 'invalid character in JSON')] : [];
  }
}

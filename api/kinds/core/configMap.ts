import type { V1ConfigMap } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, isEnough, tooLong } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateConfigMapKey } from '../../validation/names.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

/** A ConfigMap's or a Secret's data together, in bytes (`MaxSecretSize`). */
export const MAX_DATA_BYTES = 1024 * 1024;

export const configMap = defineKind<V1ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  model: 'V1ConfigMap',
  validate,
  validateUpdate: (object, previous) => validateImmutable(object, previous, ['data', 'binaryData']),
  columns: [textColumn('Data', { of: 'V1ConfigMap.data' }, ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length), ageColumn],
});

function validate({ data = {}, binaryData = {} }: IncomingObject<V1ConfigMap>): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const key in data) {
    if (!isEnough(errors)) append(errors, invalidEach(`data[${key}]`, key, validateConfigMapKey(key)));
    if (Object.hasOwn(binaryData, key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    size += Buffer.byteLength(data[key] ?? '');
  }
  for (const key in binaryData) {
    if (!isEnough(errors)) append(errors, invalidEach(`binaryData[${key}]`, key, validateConfigMapKey(key)));
    size += base64Bytes(binaryData[key]);
  }
  if (size > MAX_DATA_BYTES) errors.push(tooLong('[]', MAX_DATA_BYTES));
  return errors;
}

/** How many bytes a base64 text stands for. */
export function base64Bytes(text: string | undefined): number {
  if (!text) return 0;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}

/** What was made immutable stays so, with the content that it has. */
export function validateImmutable<K extends string>(object: { readonly immutable?: boolean } & Partial<Record<K, unknown>>, previous: { readonly immutable?: boolean } & Partial<Record<K, unknown>>, fields: readonly K[]): FieldError[] {
  if (!previous.immutable) return [];
  const message = 'field is immutable when `immutable` is set';
  const errors = object.immutable ? [] : [forbidden('immutable', message)];
  for (const field of fields) if (!semanticEqual(object[field], previous[field])) errors.push(forbidden(field, message));
  return errors;
}

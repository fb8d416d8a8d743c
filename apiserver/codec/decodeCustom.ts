import { badRequest } from '../../api/apiError.ts';
import type { ApiError } from '../../api/apiError.ts';
import { invalid } from '../../api/fieldError.ts';
import { applyDefaults } from '../../api/customResources/defaults.ts';
import { forEachEmbedded, hasEmbedded } from '../../api/customResources/embedded.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import type { Fields, JsonSchema } from '../../api/customResources/jsonSchema.ts';
import { pruneObject } from '../../api/customResources/prune.ts';
import type { GroupVersionKind } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { deepCopy } from '../../api/values/deepCopy.ts';
import { goQuote, jsonKind } from '../../api/values/goPrint.ts';
import { DecodeTypeError } from './decodeError.ts';
import { decodeValue } from './decodeValue.ts';
import type { ParsedBody } from './parseBody.ts';
import { MAX_STRICT_ERRORS } from './parseBody.ts';

interface CustomTarget extends GroupVersionKind {
  readonly schema: JsonSchema;
}

interface DecodedCustom {
  readonly object: Fields & { apiVersion: string; kind: string };
  readonly warnings: readonly string[];
}

/**
 * Makes of parsed JSON a custom object: its metadata as every kind's, defaults set, forbidden nulls and fields that the schema does not have dropped and
 * named. Whether the values fit the schema is for validation to say. `refuse` words what `Strict` refuses, and metadata of a wrong type. Throws an `ApiError`.
 */
export function decodeCustom(schema: Schema, parsed: ParsedBody, target: CustomTarget, fieldValidation: 'Strict' | 'Warn' | 'Ignore', refuse?: (message: string) => ApiError): DecodedCustom {
  const kind = claimedKind(parsed.value, target);
  const say = refuse ?? ((message: string): ApiError => badRequest(`${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${target.kind}: ${message}`));
  try {
    const unknown: string[] = [];
    const { apiVersion: _apiVersion, kind: _kind, metadata, ...content } = parsed.value as Fields;
    const meta = metadata === undefined || metadata === null ? {} : decodeMetadata(schema, metadata, 'metadata', unknown);
    const defaulted = applyDefaults<Fields>({ apiVersion: `${kind.group}/${kind.version}`, kind: kind.kind, metadata: meta, ...content }, target.schema, parsed.nulls);
    const dropped: string[] = [];
    const pruned = pruneObject(defaulted, target.schema, dropped);
    for (const path of dropped.sort()) unknown.push(`unknown field ${goQuote(path)}`);
    const within: string[] = [];
    const object = coerceEmbedded(schema, pruned, target.schema, within);
    for (const each of within.sort()) unknown.push(each);
    const strictErrors = fieldValidation === 'Ignore' ? [] : [...parsed.strictErrors, ...unknown].slice(0, MAX_STRICT_ERRORS);
    if (fieldValidation === 'Strict' && strictErrors.length > 0) throw say(`strict decoding error: ${strictErrors.join(', ')}`);
    return { object: object as DecodedCustom['object'], warnings: strictErrors };
  } catch (error) {
    if (error instanceof DecodeTypeError) throw say(error.message);
    throw error;
  }
}

/** What the data say that they are; a kind of another name is refused by validation only. */
function claimedKind(value: unknown, target: CustomTarget): GroupVersionKind {
  if (!isRecord(value)) throw badRequest(`the object provided is unrecognized (must be of type ${target.kind}): json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`);
  const { apiVersion, kind } = value;
  const expected = `${target.group}/${target.version}`;
  if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== expected) throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`);
  return { group: target.group, version: target.version, kind: typeof kind === 'string' && kind !== '' ? kind : target.kind };
}

function decodeMetadata(schema: Schema, metadata: unknown, path: string, unknown: string[]): Fields {
  const decoded = decodeValue(schema, schema.model('V1ObjectMeta'), metadata, path);
  unknown.push(...decoded.unknown);
  return decoded.value;
}

/** A fault of a part's decoding, with the part. */
function named<T>(path: string, value: unknown, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeTypeError) throw new DecodeTypeError(inField(path, value, error.message));
    throw error;
  }
}

const inField = (path: string, value: unknown, detail: string): string => `${path}: ${invalid(path, value, detail).message}`;

/** Metadata of embedded resources take the form that metadata have. */
function coerceEmbedded(schema: Schema, object: Fields, custom: JsonSchema, unknown: string[]): Fields {
  if (!hasEmbedded(custom)) return object;
  const copy = deepCopy(object);
  forEachEmbedded(copy, custom, (resource, path) => {
    for (const name of ['apiVersion', 'kind']) {
      const value = resource[name];
      if (value !== undefined && typeof value !== 'string') throw new DecodeTypeError(inField(`${path}.${name}`, value, 'must be a string'));
    }
    const { metadata } = resource;
    if (metadata === null) resource['metadata'] = {};
    else if (metadata !== undefined) resource['metadata'] = named(`${path}.metadata`, metadata, () => decodeMetadata(schema, metadata, `${path}.metadata`, unknown));
  });
  return copy;
}

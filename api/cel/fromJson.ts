import { STRING_FORMATS } from '../customResources/formats.ts';
import { isRecord } from '../values/isRecord.ts';
import { escapeName } from './escape.ts';
import type { CelType, ObjectField, ObjectType } from './types.ts';
import { CelError } from './values/celError.ts';
import { CelList } from './values/list.ts';
import { JsonMap, JsonObject } from './values/map.ts';
import { UnorderedList } from './values/unorderedList.ts';
import { Bytes, Double, Duration, Timestamp, Uint } from './values/scalars.ts';
import { parseDate, parseDuration, parseTimestamp } from './values/time.ts';
import type { CelValue } from './values/value.ts';

type Fields = Readonly<Record<string, unknown>>;

/** JSON as a value, without a type: numbers are `int` where they are whole, else `double`. What it holds is converted when it is asked for. */
export function fromAnyJson(json: unknown): CelValue {
  if (json === null || json === undefined) return null;
  if (typeof json === 'number') return Number.isSafeInteger(json) ? json : new Double(json);
  if (typeof json === 'string' || typeof json === 'boolean' || typeof json === 'bigint') return json;
  if (Array.isArray(json)) return new CelList(json, fromAnyJson);
  return isRecord(json) ? new JsonMap(json, fromAnyJson) : new CelError(`unsupported type conversion: ${typeof json}`);
}

/**
 * JSON as a value of a declared type: objects have the fields of their type and no others, texts with a format become what the format says. What does not fit its
 * type is an error, where it is used.
 */
export function fromJson(json: unknown, type: CelType): CelValue {
  if (json === null || json === undefined) return null;
  switch (type.kind) {
    case 'string':
      return typeof json === 'string' ? json : misfit(json, 'string');
    case 'bool':
      return typeof json === 'boolean' ? json : misfit(json, 'bool');
    case 'int':
      return (typeof json === 'number' && Number.isSafeInteger(json)) || typeof json === 'bigint' ? json : misfit(json, 'int');
    case 'uint':
      return typeof json === 'number' && Number.isSafeInteger(json) && json >= 0 ? new Uint(BigInt(json)) : misfit(json, 'uint');
    case 'double':
      return typeof json === 'number' || typeof json === 'bigint' ? new Double(Number(json)) : misfit(json, 'double');
    case 'bytes':
      return typeof json === 'string' ? bytesOf(json) : misfit(json, 'bytes');
    case 'timestamp':
      return timestampOf(json);
    case 'duration':
      return durationOf(json);
    case 'list': {
      const { element, keys } = type;
      if (!Array.isArray(json)) return misfit(json, 'list');
      const convert = (item: unknown): CelValue => fromJson(item, element);
      return keys ? new UnorderedList(json, convert, keys) : new CelList(json, convert);
    }
    case 'map': {
      const { value } = type;
      return isRecord(json) ? new JsonMap(json, (each) => fromJson(each, value)) : misfit(json, 'map');
    }
    case 'object':
      return isRecord(json) ? fromFields(json, type) : misfit(json, 'map');
    default:
      return fromAnyJson(json);
  }
}

/** A field that is null is as one that is not there. */
const convertField = (json: unknown, { type }: ObjectField): CelValue | undefined => (json === null ? undefined : fromJson(json, type));

function fromFields(fields: Fields, type: ObjectType): CelValue {
  const nameOf = (jsonName: string): string | undefined => {
    const name = escapeName(jsonName);
    return name !== undefined && type.field(name)?.jsonName === jsonName ? name : undefined;
  };
  return new JsonObject(fields, type.name, (name) => type.field(name), nameOf, convertField);
}

const misfit = (json: unknown, wanted: string): CelError => new CelError(`invalid data, expected ${wanted}, got ${Array.isArray(json) ? 'list' : typeof json}`);

function bytesOf(text: string): CelValue {
  return STRING_FORMATS['byte']!(text) ? new Bytes(new Uint8Array(Buffer.from(text, 'base64'))) : new CelError(`byte formatted string is not base64 encoded: ${text}`);
}

function timestampOf(json: unknown): CelValue {
  const nanos = typeof json === 'string' ? (parseTimestamp(json) ?? parseDate(json)) : undefined;
  return nanos === undefined ? new CelError(`invalid date-time: ${String(json)}`) : new Timestamp(nanos);
}

const WORDS: readonly (readonly [units: RegExp, seconds: bigint])[] = [
  [/^(\d+)\s*(?:days?|d)$/, 86_400n],
  [/^(\d+)\s*(?:weeks?|wks?|wk|w)$/, 604_800n],
  [/^(\d+)\s*(?:hours?|hrs?|hr|h)$/, 3_600n],
  [/^(\d+)\s*(?:minutes?|mins?|m)$/, 60n],
  [/^(\d+)\s*(?:seconds?|secs?|s)$/, 1n],
];

function durationOf(json: unknown): CelValue {
  if (typeof json !== 'string' || json.length > 100) return new CelError('invalid duration');
  const nanos = parseDuration(json);
  if (nanos !== undefined) return new Duration(nanos);
  for (const [units, seconds] of WORDS) {
    const amount = units.exec(json.trim().toLowerCase())?.[1];
    if (amount !== undefined) return new Duration(BigInt(amount) * seconds * 1_000_000_000n);
  }
  return new CelError(`invalid duration: ${json}`);
}

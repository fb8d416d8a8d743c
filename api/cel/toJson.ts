import { Bytes, Double, Duration, Optional, Timestamp, Uint } from './values/scalars.ts';
import { CelError } from './values/celError.ts';
import { CelList } from './values/list.ts';
import { CelMap } from './values/map.ts';
import { showDouble } from './values/show.ts';
import { formatDuration, formatTimestamp } from './values/time.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';

/** A value is, or holds, what JSON has no form for. */
export class NotJsonError extends Error {}

/** A value as JSON: objects and maps by the names of their fields, times and durations as texts, bytes in base64. Throws a `NotJsonError`. */
export function toJson(value: CelValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof CelList) return value.toArray().map(toJson);
  if (value instanceof CelMap) return fieldsOf(value);
  if (value instanceof Double) return finite(value.value);
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Bytes) return Buffer.from(value.value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Optional && value.value !== undefined) return toJson(value.value);
  throw new NotJsonError(value instanceof CelError ? value.message : `unsupported conversion of ${typeNameOf(value)} to JSON`);
}

function fieldsOf(map: CelMap): Record<string, unknown> {
  const fields: [string, unknown][] = [];
  for (const key of map.keys()) {
    if (typeof key !== 'string') throw new NotJsonError(`map key ${JSON.stringify(toJson(key))} is of type ${typeNameOf(key)}, not string`);
    const value = map.get(key);
    if (value !== undefined) fields.push([key, toJson(value)]);
  }
  // A field that is called __proto__ stays a field.
  return Object.fromEntries(fields);
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new NotJsonError(`${showDouble(value)} has no form in JSON`);
}

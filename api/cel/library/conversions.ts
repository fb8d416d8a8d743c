import { isUtf8 } from 'node:buffer';
import { global } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError, INTEGER_OVERFLOW, UNSIGNED_OVERFLOW } from '../values/celError.ts';
import { integerOf, UINT_MAX } from '../values/integers.ts';
import { Bytes, Double, Duration, TypeValue, Uint } from '../values/scalars.ts';
import type { Timestamp } from '../values/scalars.ts';
import { showDouble } from '../values/show.ts';
import { anyTimestamp, checkedTimestamp, formatDuration, formatTimestamp, parseDuration } from '../values/time.ts';
import { typeNameOf } from '../values/typeNameOf.ts';
import type { CelValue } from '../values/value.ts';

const NANOS = 1_000_000_000n;
/** Longer texts are no number of 64 bits. */
const LONGEST_NUMBER = 100;
const same = (value: CelValue): CelValue => value;

function intOf(value: bigint): CelValue {
  return integerOf(value) ?? INTEGER_OVERFLOW;
}

const uintOf = (value: bigint): CelValue => (value >= 0n && value <= UINT_MAX ? new Uint(value) : UNSIGNED_OVERFLOW);

/** The least doubles that are too large for an integer. */
const INT_END = 2 ** 63;
const UINT_END = 2 ** 64;

/** A double towards 0; the least integer is none that a double becomes. */
const intOfDouble = ({ value }: Double): CelValue => (value > -INT_END && value < INT_END ? intOf(BigInt(Math.trunc(value))) : INTEGER_OVERFLOW);
const uintOfDouble = ({ value }: Double): CelValue => (value >= 0 && value < UINT_END ? uintOf(BigInt(Math.trunc(value))) : UNSIGNED_OVERFLOW);

/** cel-go does not say why a text has no value of a type. */
const noConversion = (to: string): CelError => new CelError(`type conversion error from 'string' to '${to}'`);

function intFromText(text: string): CelValue {
  const value = text.length <= LONGEST_NUMBER && /^[+-]?\d+$/.test(text) ? integerOf(BigInt(text.replace(/^\+/, ''))) : undefined;
  return value ?? noConversion('int');
}

function uintFromText(text: string): CelValue {
  const value = text.length <= LONGEST_NUMBER && /^\d+$/.test(text) ? BigInt(text) : undefined;
  return value !== undefined && value <= UINT_MAX ? new Uint(value) : noConversion('uint');
}

function doubleFromText(text: string): CelValue {
  const special = /^[+-]?(?:inf|infinity)$/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : /^nan$/i.test(text) ? Number.NaN : undefined;
  if (special !== undefined) return new Double(special);
  const isNumber = text.length <= 1_000 && /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  return isNumber && Number.isFinite(Number(text)) ? new Double(Number(text)) : noConversion('double');
}

const TRUE_TEXTS = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE_TEXTS = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

function boolFromText(text: string): CelValue {
  if (TRUE_TEXTS.includes(text)) return true;
  return FALSE_TEXTS.includes(text) ? false : noConversion('bool');
}

const textOfBytes = ({ value }: Bytes): CelValue => (isUtf8(value) ? Buffer.from(value).toString() : new CelError('invalid UTF-8 in bytes, cannot convert to string'));

function durationOf(text: string): CelValue {
  const nanos = parseDuration(text);
  return nanos === undefined ? noConversion('google.protobuf.Duration') : new Duration(nanos);
}

function timestampOf(text: string): CelValue {
  // Go knows no small letters there.
  const nanos = /[tz]/.test(text) ? undefined : anyTimestamp(text);
  return nanos === undefined ? noConversion('google.protobuf.Timestamp') : checkedTimestamp(nanos);
}

/** `int()`, `string()`, `type()` and their like. */
export const CONVERSIONS: readonly Overload[] = [
  global('bool', '(bool) -> bool', 'bool_to_bool', same),
  global('bool', '(string) -> bool', 'string_to_bool', boolFromText),
  global('bytes', '(bytes) -> bytes', 'bytes_to_bytes', same),
  global('bytes', '(string) -> bytes', 'string_to_bytes', (text: string) => new Bytes(new TextEncoder().encode(text))),
  global('double', '(double) -> double', 'double_to_double', same),
  global('double', '(int) -> double', 'int64_to_double', (value: number | bigint) => new Double(Number(value))),
  global('double', '(uint) -> double', 'uint64_to_double', ({ value }: Uint) => new Double(Number(value))),
  global('double', '(string) -> double', 'string_to_double', doubleFromText),
  global('duration', '(duration) -> duration', 'duration_to_duration', same),
  global('duration', '(string) -> duration', 'string_to_duration', durationOf),
  global('duration', '(int) -> duration', 'int64_to_duration', (value: number | bigint) => new Duration(BigInt(value))),
  global('dyn', '(A) -> dyn', 'to_dyn', same),
  global('int', '(int) -> int', 'int64_to_int64', same),
  global('int', '(double) -> int', 'double_to_int64', intOfDouble),
  global('int', '(duration) -> int', 'duration_to_int64', ({ nanos }: Duration) => intOf(nanos)),
  global('int', '(string) -> int', 'string_to_int64', intFromText),
  global('int', '(timestamp) -> int', 'timestamp_to_int64', ({ nanos }: Timestamp) => intOf(nanos < 0n && nanos % NANOS !== 0n ? nanos / NANOS - 1n : nanos / NANOS)),
  global('int', '(uint) -> int', 'uint64_to_int64', ({ value }: Uint) => intOf(value)),
  global('string', '(string) -> string', 'string_to_string', same),
  global('string', '(bool) -> string', 'bool_to_string', String),
  global('string', '(bytes) -> string', 'bytes_to_string', textOfBytes),
  global('string', '(double) -> string', 'double_to_string', ({ value }: Double) => showDouble(value)),
  global('string', '(duration) -> string', 'duration_to_string', formatDuration),
  global('string', '(int) -> string', 'int64_to_string', String),
  global('string', '(timestamp) -> string', 'timestamp_to_string', formatTimestamp),
  global('string', '(uint) -> string', 'uint64_to_string', ({ value }: Uint) => String(value)),
  global('timestamp', '(timestamp) -> timestamp', 'timestamp_to_timestamp', same),
  global('timestamp', '(string) -> timestamp', 'string_to_timestamp', timestampOf),
  global('timestamp', '(int) -> timestamp', 'int64_to_timestamp', (seconds: number | bigint) => checkedTimestamp(BigInt(seconds) * NANOS)),
  global('type', '(A) -> type(A)', 'type', (value: CelValue) => new TypeValue(typeNameOf(value))),
  global('uint', '(uint) -> uint', 'uint64_to_uint64', same),
  global('uint', '(double) -> uint', 'double_to_uint64', uintOfDouble),
  global('uint', '(int) -> uint', 'int64_to_uint64', (value: number | bigint) => uintOf(BigInt(value))),
  global('uint', '(string) -> uint', 'string_to_uint64', uintFromText),
];

import { CelError, INTEGER_OVERFLOW } from './celError.ts';
import { INT_MAX, INT_MIN } from './integers.ts';
import { Duration, Timestamp } from './scalars.ts';

const SECOND = 1_000_000_000n;
const EARLIEST = -62_135_596_800n * SECOND;
const LATEST = 253_402_300_800n * SECOND - 1n;
const UNITS: Readonly<Record<string, bigint>> = { ns: 1n, us: 1_000n, µs: 1_000n, μs: 1_000n, ms: 1_000_000n, s: SECOND, m: 60n * SECOND, h: 3600n * SECOND };
const PART = /(\d+)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)|\.(\d+)(ns|us|µs|μs|ms|s|m|h)/y;
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
/** Longer texts are no time. */
const LONGEST = 1_000;

export const checkedDuration = (nanos: bigint): Duration | CelError => (nanos >= INT_MIN && nanos <= INT_MAX ? new Duration(nanos) : INTEGER_OVERFLOW);
export const checkedTimestamp = (nanos: bigint): Timestamp | CelError => (nanos >= EARLIEST && nanos <= LATEST ? new Timestamp(nanos) : new CelError('timestamp overflow'));

/** Nanoseconds of a duration as Go writes it (`1h30m`, `-1.5s`); undefined where it is none. */
export function parseDuration(text: string): bigint | undefined {
  if (text.length > LONGEST) return undefined;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const body = text.slice(sign.length);
  if (body === '0') return 0n;
  let nanos = 0n;
  PART.lastIndex = 0;
  do {
    const found = PART.exec(body);
    if (!found) return undefined;
    const [, whole = '0', fraction = '', unit, bare, bareUnit] = found;
    nanos += amount(whole, bare ?? fraction, UNITS[unit ?? bareUnit!]!);
  } while (PART.lastIndex < body.length);
  const signed = sign === '-' ? -nanos : nanos;
  return signed >= INT_MIN && signed <= INT_MAX ? signed : undefined;
}

const amount = (whole: string, fraction: string, unit: bigint): bigint => BigInt(whole) * unit + (fraction === '' ? 0n : (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length));

/** Nanoseconds since 1970 of an RFC 3339 time; undefined where it is none, or out of bounds. */
export function parseTimestamp(text: string): bigint | undefined {
  const nanos = anyTimestamp(text);
  return nanos !== undefined && nanos >= EARLIEST && nanos <= LATEST ? nanos : undefined;
}

/** As `parseTimestamp`, without bounds. */
export function anyTimestamp(text: string): bigint | undefined {
  const parts = text.length > LONGEST ? null : RFC3339.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) return undefined;
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const offset = (parts[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60;
  return (BigInt(date.getTime() / 1000) - BigInt(offset)) * SECOND + BigInt((parts[7] ?? '').slice(0, 9).padEnd(9, '0'));
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Midnight of a date (`2006-01-02`) in UTC; undefined where it is none. */
export const parseDate = (text: string): bigint | undefined => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined);

/** More digits than these a double may not hold. */
const EXACT_DIGITS = 15;

/** As `string()` shows it: seconds, e.g. `90s`, `1.5s`; what a double holds of them. */
export function formatDuration({ nanos }: Duration): string {
  const exact = decimal(nanos);
  if (exact.replace(/\D/g, '').length <= EXACT_DIGITS) return `${exact}s`;
  return `${String(Number(nanos / SECOND) + Number(nanos % SECOND) / 1e9)}s`;
}

/** Seconds with up to nine decimals. */
function decimal(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % SECOND).padStart(9, '0').replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / SECOND}${fraction === '' ? '' : `.${fraction}`}`;
}

/** RFC 3339 in UTC, with as many decimals as there are. */
export function formatTimestamp(timestamp: Timestamp): string {
  const fraction = String(floorModulo(timestamp.nanos, SECOND)).padStart(9, '0').replace(/0+$/, '');
  const date = dateOf(timestamp);
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const rest = date.toISOString().replace(/^[+-]?\d+-/, '').slice(0, 14);
  return `${year}-${rest}${fraction === '' ? '' : `.${fraction}`}Z`;
}

export function floorModulo(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}

/** To the millisecond, rounded down. */
export function dateOf({ nanos }: Timestamp): Date {
  return new Date(Number((nanos - floorModulo(nanos, 1_000_000n)) / 1_000_000n));
}

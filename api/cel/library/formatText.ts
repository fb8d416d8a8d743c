import { CelError } from '../values/celError.ts';
import { CelList } from '../values/list.ts';
import { CelMap } from '../values/map.ts';
import { Bytes, Double, Duration, Timestamp, TypeValue, Uint } from '../values/scalars.ts';
import { checkLength } from '../values/size.ts';
import { formatDuration, formatTimestamp } from '../values/time.ts';
import { typeNameOf } from '../values/typeNameOf.ts';
import type { CelValue } from '../values/value.ts';

const CLAUSE = /%(?:%|(?:\.(\d+))?([a-zA-Z])|([\s\S]?))/g;
/** Decimals that a clause may ask for. */
const MAX_PRECISION = 1_000;

class FormatFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** `'%s is %d'.format([name, count])`. */
export function formatText(text: string, values: CelList): string | CelError {
  let next = 0;
  let length = 0;
  try {
    return text.replace(CLAUSE, (whole, precision: string | undefined, verb: string | undefined) => {
      if (whole === '%%') return '%';
      if (verb === undefined) throw new FormatFault('unexpected end of string');
      if (next >= values.size) throw new FormatFault(`index ${next} out of range`);
      const value = values.at(next);
      next += 1;
      const shown = clause(verb, value, precision === undefined ? undefined : Number(precision));
      length += shown.length;
      checkLength(length);
      return shown;
    });
  } catch (error) {
    if (error instanceof FormatFault) return new CelError(error.message);
    throw error;
  }
}

function clause(verb: string, value: CelValue, precision: number | undefined): string {
  if (precision !== undefined && precision > MAX_PRECISION) throw new FormatFault(`precision ${precision} exceeds the maximum of ${MAX_PRECISION}`);
  switch (verb) {
    case 's':
      return show(value);
    case 'd':
      return inBase(value, 10, 'decimal clause can only be used on integers');
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : inBase(value, 2, 'only integers and bools can be formatted as binary');
    case 'o':
      return inBase(value, 8, 'octal clause can only be used on integers');
    case 'x':
    case 'X': {
      const shown = hexadecimal(value);
      return verb === 'X' ? shown.toUpperCase() : shown;
    }
    case 'f':
      return floating(value, 'fixed-point', (number) => number.toFixed(Math.min(precision ?? 6, 100)));
    case 'e':
      return floating(value, 'scientific', (number) => number.toExponential(Math.min(precision ?? 6, 100)).replace(/e([+-])(\d)$/, 'e$10$2'));
    default:
      throw new FormatFault(`could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb)}`);
  }
}

function wholeNumber(value: CelValue): bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  return value instanceof Uint ? value.value : undefined;
}

function inBase(value: CelValue, base: number, fault: string): string {
  if (value instanceof Double && !Number.isFinite(value.value)) return special(value.value);
  const number = wholeNumber(value);
  if (number === undefined) throw new FormatFault(`error during formatting: ${fault}, was given ${typeNameOf(value)}`);
  return number.toString(base);
}

function hexadecimal(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Bytes ? Buffer.from(value.value).toString('hex') : inBase(value, 16, 'only integers, byte buffers, and strings can be formatted as hex');
}

function floating(value: CelValue, name: string, write: (number: number) => string): string {
  const number = value instanceof Double ? value.value : wholeNumber(value);
  if (number === undefined) throw new FormatFault(`error during formatting: ${name} clause can only be used on doubles, was given ${typeNameOf(value)}`);
  const double = Number(number);
  return Number.isFinite(double) ? write(double) : special(double);
}

const special = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity');

function show(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'object') {
    if (value instanceof Double) return Number.isFinite(value.value) ? plain(value.value) : special(value.value);
    if (value instanceof Uint) return String(value.value);
    if (value instanceof Bytes) return Buffer.from(value.value).toString();
    if (value instanceof Timestamp) return formatTimestamp(value);
    if (value instanceof Duration) return formatDuration(value);
    if (value instanceof TypeValue) return value.name;
    if (value instanceof CelList) return `[${value.toArray().map(show).join(', ')}]`;
    if (value instanceof CelMap) return `{${[...value.keys()].map((key) => [show(key), show(value.get(key)!)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, shown]) => `${key}: ${shown}`).join(', ')}}`;
    throw new FormatFault(`error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeNameOf(value)}`);
  }
  return String(value);
}

/** Without an exponent. */
const plain = (value: number): string => (/e/.test(String(value)) ? (Math.abs(value) >= 1 ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, '')) : String(value));

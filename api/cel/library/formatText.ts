import { CelError, CostExceeded } from '../values/celError.ts';
import { CelList } from '../values/list.ts';
import { CelMap } from '../values/map.ts';
import { Bytes, Double, Duration, Timestamp, TypeValue, Uint } from '../values/scalars.ts';
import { showDouble } from '../values/show.ts';
import { checkLength } from '../values/size.ts';
import { formatDuration, formatTimestamp } from '../values/time.ts';
import { typeNameOf } from '../values/typeNameOf.ts';
import type { CelValue } from '../values/value.ts';
import { FormatFault, parseFormat, wrongType } from './formatClauses.ts';
import type { Clause } from './formatClauses.ts';
import { fixedPoint, scientific } from './formatNumber.ts';

/** `'%s is %d'.format([name, count])`, as version 2 of cel-go's strings library writes it: texts within lists and maps are quoted. */
export function formatText(text: string, values: CelList): string | CelError {
  try {
    const shown = new Shown();
    let next = 0;
    for (const part of parseFormat(text, () => values.size)) {
      if (typeof part === 'string') {
        shown.add(part);
        continue;
      }
      clause(part, values.at(next), shown);
      next += 1;
    }
    return shown.text;
  } catch (error) {
    if (error instanceof FormatFault) return new CelError(error.message);
    throw error;
  }
}

/** A text that is being made, and never longer than could be paid for. */
class Shown {
  readonly #parts: string[] = [];
  #length = 0;

  add(part: string): void {
    this.#length += part.length;
    checkLength(this.#length);
    this.#parts.push(part);
  }

  get text(): string {
    return this.#parts.join('');
  }
}

function clause({ verb, precision }: Clause, value: CelValue, shown: Shown): void {
  const number = wholeNumber(value);
  switch (verb) {
    case 's':
      return show(value, shown, 0);
    case 'f':
    case 'e': {
      const double = doubleOf(value);
      if (double === undefined) throw wrongType(verb, typeNameOf(value));
      return shown.add(verb === 'f' ? fixedPoint(double, precision) : scientific(double));
    }
    case 'b':
      return shown.add(typeof value === 'boolean' ? String(Number(value)) : inBase(number, 2, verb, value));
    case 'x':
    case 'X': {
      const hex = typeof value === 'string' ? Buffer.from(value).toString('hex') : value instanceof Bytes ? Buffer.from(value.value).toString('hex') : inBase(number, 16, verb, value);
      return shown.add(verb === 'X' ? hex.toUpperCase() : hex);
    }
    default:
      return shown.add(inBase(number, verb === 'o' ? 8 : 10, verb, value));
  }
}

function wholeNumber(value: CelValue): bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  return value instanceof Uint ? value.value : undefined;
}

const SPECIAL: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };

function doubleOf(value: CelValue): number | undefined {
  if (value instanceof Double) return value.value;
  return typeof value === 'string' && Object.hasOwn(SPECIAL, value) ? SPECIAL[value] : undefined;
}

function inBase(number: bigint | undefined, base: number, verb: Clause['verb'], value: CelValue): string {
  if (number === undefined) throw wrongType(verb, typeNameOf(value));
  return number.toString(base);
}

/** Deeper values are not shown: they would exhaust the stack. */
const DEEPEST = 1_000;

function show(value: CelValue, shown: Shown, depth: number): void {
  if (depth > DEEPEST) throw new CostExceeded();
  if (value instanceof CelList) return showList(value, shown, depth);
  if (value instanceof CelMap) return showMap(value, shown, depth);
  shown.add(scalarText(value));
}

function scalarText(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Double) return showDouble(value.value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Bytes) return Buffer.from(value.value).toString();
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof TypeValue) return value.name;
  throw wrongType('s', typeNameOf(value));
}

function showList(list: CelList, shown: Shown, depth: number): void {
  shown.add('[');
  for (let index = 0; index < list.size; index += 1) {
    if (index > 0) shown.add(', ');
    showWithin(list.at(index), shown, depth + 1);
  }
  shown.add(']');
}

/** Entries by what their keys look like. */
function showMap(map: CelMap, shown: Shown, depth: number): void {
  const keys = [...map.keys()].map((key) => ({ key, text: keyText(key) })).toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  shown.add('{');
  for (const [index, { key, text }] of keys.entries()) {
    shown.add(`${index > 0 ? ', ' : ''}${text}:`);
    showWithin(map.get(key)!, shown, depth + 1);
  }
  shown.add('}');
}

function keyText(key: CelValue): string {
  if (key instanceof Double) throw new FormatFault('error during formatting: no formatting function for map key of type double');
  return typeof key === 'string' ? quoted(key) : scalarText(key);
}

/** A part of a list or a map, as an expression would write it. */
function showWithin(value: CelValue, shown: Shown, depth: number): void {
  if (typeof value === 'string') return shown.add(quoted(value));
  if (value instanceof Bytes) return shown.add(`b${quoted(scalarText(value))}`);
  if (value instanceof Double) return shown.add(Number.isFinite(value.value) ? fixedDigits(value.value) : quoted(showDouble(value.value)));
  if (value instanceof Timestamp) return shown.add(`timestamp(${quoted(scalarText(value))})`);
  if (value instanceof Duration) return shown.add(`duration(${quoted(scalarText(value))})`);
  if (!(value instanceof CelList || value instanceof CelMap) && typeof value === 'object' && value !== null && !(value instanceof Uint || value instanceof TypeValue)) throw new FormatFault(`error during formatting: no formatting function for ${typeNameOf(value)}`);
  show(value, shown, depth);
}

/** As Go's `%.6f`, without separators between thousands. */
const fixedDigits = (value: number): string => fixedPoint(value, undefined).replaceAll(',', '');

/** As Go's `%q`. */
const quoted = (text: string): string => JSON.stringify(text);

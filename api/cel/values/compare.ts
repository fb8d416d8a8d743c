import { CostExceeded, NO_SUCH_OVERLOAD } from './celError.ts';
import type { CelError } from './celError.ts';
import { CelList } from './list.ts';
import { CelMap, JsonMap, mapKey } from './map.ts';
import { OpaqueValue } from './opaque.ts';
import { Bytes, Double, Duration, Optional, Timestamp, TypeValue, Uint } from './scalars.ts';
import type { CelValue } from './value.ts';

/** How much comparing has looked at: what is nested is not in cel-go's costs, and must not be free. */
export interface Looked {
  elements: number;
  /** Lists and maps around what is being compared. */
  depth?: number;
  /** Where more is to be looked at, comparing is given up: `LookedTooMuch` is thrown. */
  readonly most?: number;
}

/** Two values are too large to be compared in one go. */
export class LookedTooMuch extends Error {}

/** Deeper values are not compared: no rule is about such, and they would exhaust the stack. */
const DEEPEST = 1_000;

/** Begins with what a list or a map holds. Throws `CostExceeded` where that is too deep. */
export function enter(looked: Looked): void {
  looked.depth = (looked.depth ?? 0) + 1;
  if (looked.depth > DEEPEST) throw new CostExceeded();
}

const isInt = (value: CelValue): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

/** A number of any type as one that JavaScript compares rightly with numbers and bigints; undefined for anything else. */
function numeric(value: CelValue): number | bigint | undefined {
  if (isInt(value)) return value;
  if (value instanceof Double) return value.value;
  return value instanceof Uint ? value.value : undefined;
}

function lookAt(looked: Looked): void {
  looked.elements += 1;
  if (looked.most !== undefined && looked.elements > looked.most) throw new LookedTooMuch();
}

/** `==`: values of different types are not equal, but numbers are compared as numbers. */
export function equal(a: CelValue, b: CelValue, looked: Looked): boolean {
  lookAt(looked);
  if (a === b) return true;
  const first = numeric(a);
  if (first !== undefined) {
    const second = numeric(b);
    // With a double, integers are compared as doubles, and else exactly: a number and a bigint are by ==.
    // oxlint-disable-next-line eslint/eqeqeq
    return second !== undefined && (a instanceof Double || b instanceof Double ? Number(first) === Number(second) : first == second);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b, looked);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b, looked);
  if (a instanceof Bytes) return b instanceof Bytes && a.value.length === b.value.length && Buffer.compare(a.value, b.value) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) return b instanceof Optional && (a.value === undefined || b.value === undefined ? a.value === b.value : equal(a.value, b.value, looked));
  return a instanceof OpaqueValue && b instanceof OpaqueValue && a.typeName === b.typeName && a.equals(b);
}

function equalLists(a: CelList, b: CelList, looked: Looked): boolean {
  if (a.size !== b.size) return false;
  const ordered = a.inOrderOf(b, looked);
  if (!ordered) return false;
  enter(looked);
  for (let index = 0; index < b.size; index += 1) if (!equal(ordered.at(index), b.at(index), looked)) return leave(looked, false);
  return leave(looked, true);
}

function equalMaps(a: CelMap, b: CelMap, looked: Looked): boolean {
  if (a.size !== b.size || !a.hasSameUnknown(b)) return false;
  enter(looked);
  const quick = a instanceof JsonMap && b instanceof JsonMap ? [a, b] as const : undefined;
  for (const key of a.keys()) {
    if (quick && isSameScalar(quick[0].raw(key as string), quick[1].raw(key as string))) {
      lookAt(looked);
      continue;
    }
    const other = b.get(key);
    if (other === undefined || !equal(a.get(key)!, other, looked)) return leave(looked, false);
  }
  return leave(looked, true);
}

/** Of JSON: what is the same text, number or truth becomes the same value, whatever its type. */
const isSameScalar = (a: unknown, b: unknown): boolean => a === b && (typeof a === 'string' || typeof a === 'number' || typeof a === 'boolean');

/** Ends with it. */
export function leave(looked: Looked, result: boolean): boolean {
  looked.depth! -= 1;
  return result;
}

/** Negative, 0 or positive; undefined with a NaN, of which nothing holds; an error for what has no order. */
export function compare(a: CelValue, b: CelValue): number | undefined | CelError {
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : NO_SUCH_OVERLOAD;
  const first = numeric(a);
  if (first !== undefined) {
    const second = numeric(b);
    if (second === undefined) return NO_SUCH_OVERLOAD;
    return first < second ? -1 : first > second ? 1 : Number.isNaN(first) || Number.isNaN(second) ? undefined : 0;
  }
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : NO_SUCH_OVERLOAD;
  if (a instanceof Timestamp) return b instanceof Timestamp ? order(a.nanos, b.nanos) : NO_SUCH_OVERLOAD;
  if (a instanceof Duration) return b instanceof Duration ? order(a.nanos, b.nanos) : NO_SUCH_OVERLOAD;
  return a instanceof Bytes && b instanceof Bytes ? Buffer.compare(a.value, b.value) : NO_SUCH_OVERLOAD;
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** By code points, as Go compares UTF-8: JavaScript's own order differs beyond the first plane. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const one = a.charCodeAt(at);
    const two = b.charCodeAt(at);
    if (one === two) continue;
    const [isHighOne, isHighTwo] = [one >= 0xd800 && one <= 0xdfff, two >= 0xd800 && two <= 0xdfff];
    return isHighOne === isHighTwo ? one - two : isHighOne ? 1 : -1;
  }
  return a.length - b.length;
}

/** Whether a value can be the key of a map. */
export const isKey = (value: CelValue): boolean => mapKey(value) !== undefined;

import { equalAtOnce, equalInTurns, isWhole, lookedAtOnce, Pace, positionInTurns } from './compareInTurns.ts';
import { missingOperator } from './missingOverload.ts';
import type { Run } from './run.ts';
import { begun } from './step.ts';
import type { Pending } from './step.ts';
import { CelError, INTEGER_OVERFLOW, noSuchKey, NO_SUCH_OVERLOAD, UNSIGNED_OVERFLOW } from './values/celError.ts';
import { compare, equal } from './values/compare.ts';
import { integerOf, UINT_MAX } from './values/integers.ts';
import { CelList } from './values/list.ts';
import { CelMap } from './values/map.ts';
import { OpaqueValue } from './values/opaque.ts';
import { Bytes, Double, Duration, NONE, Optional, Timestamp, Uint } from './values/scalars.ts';
import { roughSize } from './values/size.ts';
import { checkedDuration, checkedTimestamp } from './values/time.ts';
import { showKey } from './values/show.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';

type Binary = (a: CelValue, b: CelValue, run: Run) => CelValue;

const isInt = (value: CelValue): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
const DIVIDE_BY_ZERO = new CelError('division by zero');
const MODULUS_BY_ZERO = new CelError('modulus by zero');
/** A traversal's cost for each character. */
const PER_CHARACTER = 0.1;

/** Integers of 64 bits: numbers while it goes, bigints where it does not. */
function integers(a: number | bigint, b: number | bigint, quick: (a: number, b: number) => number, exact: (a: bigint, b: bigint) => bigint): CelValue {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = quick(a, b);
    // Adding 0 turns -0, which no integer is, into 0.
    if (Number.isSafeInteger(result)) return result + 0;
  }
  return integerOf(exact(BigInt(a), BigInt(b))) ?? INTEGER_OVERFLOW;
}

function unsigned(value: bigint): CelValue {
  return value >= 0n && value <= UINT_MAX ? new Uint(value) : UNSIGNED_OVERFLOW;
}

const add: Binary = (a, b, run) => {
  if (isInt(a) && isInt(b)) {
    run.charge(1);
    return integers(a, b, (x, y) => x + y, (x, y) => x + y);
  }
  if (typeof a === 'string' && typeof b === 'string') {
    run.charge(Math.ceil((a.length + b.length) * PER_CHARACTER));
    return a + b;
  }
  if (a instanceof Bytes && b instanceof Bytes) {
    run.charge(Math.ceil((a.value.length + b.value.length) * PER_CHARACTER));
    return new Bytes(new Uint8Array(Buffer.concat([a.value, b.value])));
  }
  if (a instanceof CelList && b instanceof CelList) {
    // cel-go chains lists at no cost by length; we copy, and copying must not be free.
    run.charge(1 + Math.floor((a.size + b.size) / 25));
    return a.concat(b);
  }
  run.charge(1);
  if (a instanceof Double && b instanceof Double) return new Double(a.value + b.value);
  if (a instanceof Uint && b instanceof Uint) return unsigned(a.value + b.value);
  if (a instanceof Duration && b instanceof Duration) return checkedDuration(a.nanos + b.nanos);
  if (a instanceof Timestamp && b instanceof Duration) return checkedTimestamp(a.nanos + b.nanos);
  return a instanceof Duration && b instanceof Timestamp ? checkedTimestamp(a.nanos + b.nanos) : missingOperator('_+_', a);
};

const subtract: Binary = (a, b, run) => {
  run.charge(1);
  if (isInt(a) && isInt(b)) return integers(a, b, (x, y) => x - y, (x, y) => x - y);
  if (a instanceof Double && b instanceof Double) return new Double(a.value - b.value);
  if (a instanceof Uint && b instanceof Uint) return unsigned(a.value - b.value);
  if (a instanceof Duration && b instanceof Duration) return checkedDuration(a.nanos - b.nanos);
  if (a instanceof Timestamp && b instanceof Timestamp) return checkedDuration(a.nanos - b.nanos);
  return a instanceof Timestamp && b instanceof Duration ? checkedTimestamp(a.nanos - b.nanos) : missingOperator('_-_', a);
};

const multiply: Binary = (a, b, run) => {
  run.charge(1);
  if (isInt(a) && isInt(b)) return integers(a, b, (x, y) => x * y, (x, y) => x * y);
  if (a instanceof Double && b instanceof Double) return new Double(a.value * b.value);
  return a instanceof Uint && b instanceof Uint ? unsigned(a.value * b.value) : missingOperator('_*_', a);
};

const divide: Binary = (a, b, run) => {
  run.charge(1);
  // oxlint-disable-next-line eslint/eqeqeq -- a bigint is never 0, but a Uint's is.
  if (isInt(a) && isInt(b)) return b === 0 ? DIVIDE_BY_ZERO : integers(a, b, (x, y) => Math.trunc(x / y), (x, y) => x / y);
  if (a instanceof Double && b instanceof Double) return new Double(a.value / b.value);
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? DIVIDE_BY_ZERO : new Uint(a.value / b.value);
  return missingOperator('_/_', a);
};

const modulo: Binary = (a, b, run) => {
  run.charge(1);
  if (isInt(a) && isInt(b)) return b === 0 ? MODULUS_BY_ZERO : integers(a, b, (x, y) => x % y, (x, y) => x % y);
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? MODULUS_BY_ZERO : new Uint(a.value % b.value);
  return missingOperator('_%_', a);
};

/** Values of libraries' own types are compared at once. */
const smaller = (a: CelValue, b: CelValue): number => (a instanceof OpaqueValue ? 1 : Math.ceil(Math.min(roughSize(a), roughSize(b)) * PER_CHARACTER));

/** Units for elements that were looked at, beyond those that were charged already. */
const unpaid = (elements: number, paid: number): number => Math.max(0, Math.floor(elements / 10) - paid);

const equals = (isEqual: boolean): Binary => (a, b, run) => {
  const paid = smaller(a, b);
  run.charge(paid);
  const looked = { elements: 0 };
  const result = equal(a, b, looked) === isEqual;
  // What is nested is looked at, too.
  run.charge(unpaid(looked.elements, paid));
  return result;
};

/** Lists and maps with more have their own sizes found in turns. */
const MANY = 10_000;

/** As `equals`, of values that may be very large: in one go where it can be, and else anew in turns. */
const equalsWhole = (isEqual: boolean): ((a: CelValue, b: CelValue, run: Run) => CelValue | Pending) => {
  const plain = equals(isEqual);
  return (a, b, run) => {
    if (!isWhole(a) || !isWhole(b)) return plain(a, b, run);
    if (roughSize(a) > MANY) return begun(equalLater(a, b, isEqual, run));
    const paid = smaller(a, b);
    run.charge(paid);
    const looked = lookedAtOnce();
    const found = equalAtOnce(a, b, looked);
    run.worked(looked.elements);
    if (found === undefined) return begun(settled(equalInTurns, a, b, isEqual, run, paid));
    run.charge(unpaid(looked.elements, paid));
    return run.isDue ? begun(afterTurn(found === isEqual)) : found === isEqual;
  };
};

/** Finding what keys a very large map has takes a turn of its own. */
function* equalLater(a: CelValue, b: CelValue, isEqual: boolean, run: Run): Generator<void, CelValue> {
  if (run.inTurns) yield;
  const paid = smaller(a, b);
  run.charge(paid);
  if (run.inTurns) yield;
  return yield* settled(equalInTurns, a, b, isEqual, run, paid);
}

function* settled<A, B, T>(compare: (a: A, b: B, pace: Pace) => Generator<void, T>, a: A, b: B, wanted: T, run: Run, paid: number): Generator<void, CelValue> {
  const pace = new Pace(run, paid);
  const found = yield* compare(a, b, pace);
  pace.settle();
  return found === wanted;
}

function* afterTurn(value: CelValue): Generator<void, CelValue> {
  yield;
  return value;
}

const ordered = (name: string, holds: (order: number) => boolean): Binary => (a, b, run) => {
  run.charge(typeof a === 'string' || a instanceof Bytes ? smaller(a, b) : 1);
  const order = compare(a, b);
  return order instanceof CelError ? missingOperator(name, a) : order !== undefined && holds(order);
};

const isIn: Binary = (element, container, run) => {
  if (container instanceof CelMap) {
    run.charge(1);
    return container.get(element) !== undefined;
  }
  if (!(container instanceof CelList)) {
    run.charge(1);
    return NO_SUCH_OVERLOAD;
  }
  run.charge(container.size);
  const looked = { elements: 0 };
  let found = false;
  for (let index = 0; !found && index < container.size; index += 1) found = equal(element, container.at(index), looked);
  run.charge(unpaid(looked.elements, container.size));
  return found;
};

/** As `isIn`, where a list holds values that may be very large. */
const isInWhole = (element: CelValue, container: CelValue, run: Run): CelValue | Pending => {
  if (!(container instanceof CelList) || !isWhole(element)) return isIn(element, container, run);
  run.charge(container.size);
  return begun(settled(standsIn, element, container, true, run, container.size));
};

function* standsIn(element: CelValue, list: CelList, pace: Pace): Generator<void, boolean> {
  return (yield* positionInTurns(list, element, false, pace)) >= 0;
}

/** What stands at a key or an index; undefined where there is nothing, as in what holds nothing at all. */
function element(container: CelValue, key: CelValue): CelValue | undefined {
  if (container instanceof CelList) {
    const index = key instanceof Double ? key.value : key instanceof Uint ? Number(key.value) : key;
    if (typeof index === 'number' && !Number.isInteger(index)) return new CelError(`unsupported index value ${showKey(key)} in list`);
    if (typeof index !== 'number') return typeof index === 'bigint' ? undefined : new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
    return index >= 0 && index < container.size ? container.at(index) : undefined;
  }
  if (container instanceof CelMap) return container.get(key);
  return container instanceof OpaqueValue && container.field && typeof key === 'string' ? container.field(key) : undefined;
}

/** `a[b]`, also of an optional value. */
export function index(container: CelValue, key: CelValue, run: Run): CelValue {
  if (container instanceof Optional) return optionalIndex(container, key, run);
  run.charge(1);
  const found = element(container, key);
  if (found !== undefined) return found;
  return container instanceof CelList ? new CelError(`index out of bounds: ${showKey(key)}`) : noSuchKey(showKey(key));
}

/** `a[?b]`. */
export function optionalIndex(container: CelValue, key: CelValue, run: Run): CelValue {
  const inner = container instanceof Optional ? container.value : container;
  if (inner === undefined) return NONE;
  const found = element(inner, key);
  if (found === undefined) return NONE;
  run.charge(1);
  return found instanceof CelError ? found : new Optional(found);
}

export function negate(value: CelValue, run: Run): CelValue {
  run.charge(1);
  if (isInt(value)) return integerOf(-BigInt(value)) ?? INTEGER_OVERFLOW;
  if (value instanceof Duration) return checkedDuration(-value.nanos);
  return value instanceof Double ? new Double(-value.value) : missingOperator('-_', value);
}

export function not(value: CelValue, run: Run): CelValue {
  run.charge(1);
  return typeof value === 'boolean' ? !value : NO_SUCH_OVERLOAD;
}

/** Operators of two operands which are both needed. */
export const BINARY: Readonly<Record<string, Binary>> = {
  '_+_': add,
  '_-_': subtract,
  '_*_': multiply,
  '_/_': divide,
  '_%_': modulo,
  '_==_': equals(true),
  '_!=_': equals(false),
  '_<_': ordered('_<_', (order) => order < 0),
  '_<=_': ordered('_<=_', (order) => order <= 0),
  '_>_': ordered('_>_', (order) => order > 0),
  '_>=_': ordered('_>=_', (order) => order >= 0),
  '@in': isIn,
  '_[_]': index,
  '_[?_]': optionalIndex,
};

/** Operators which may look at very much where both operands are lists, maps or objects. */
export const WHOLE: Readonly<Record<string, (a: CelValue, b: CelValue, run: Run) => CelValue | Pending>> = {
  '_==_': equalsWhole(true),
  '_!=_': equalsWhole(false),
  '@in': isInWhole,
};

import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { equal } from '../values/compare.ts';
import { CelList } from '../values/list.ts';
import { CelMap } from '../values/map.ts';
import { Bytes, Double, Duration, NONE, Optional, Timestamp, Uint } from '../values/scalars.ts';
import { sizeOf } from '../values/size.ts';
import { typeNameOf } from '../values/typeNameOf.ts';
import type { CelValue } from '../values/value.ts';

/** The moment that Go's times begin with. */
const YEAR_ONE = -62_135_596_800_000_000_000n;

/** Whether a value is the one that its type begins with: 0, empty, false, null. */
function isZero(value: CelValue): boolean {
  if (value instanceof CelList || value instanceof CelMap || value instanceof Bytes) return sizeOf(value) === 0;
  return (value instanceof Duration && value.nanos === 0n) || (value instanceof Timestamp && value.nanos === YEAR_ONE) || value === null || value === '' || value === false || ((typeof value === 'number' || value instanceof Double || value instanceof Uint) && equal(value, 0, { elements: 0 }));
}

/** What the optional values of a list hold. */
function unwrapped(list: CelList): CelValue {
  const values: CelValue[] = [];
  for (const each of list) {
    if (!(each instanceof Optional)) return new CelError(`value ${typeNameOf(each)} is not optional`);
    if (each.value !== undefined) values.push(each.value);
  }
  return new CelList(values);
}

/** Optional values; `or` and `orValue` are lazy, and in `plan.ts`. */
export const OPTIONALS: readonly Overload[] = [
  global('optional.of', '(A) -> optional(A)', 'optional_of', (value: CelValue) => new Optional(value)),
  global('optional.ofNonZeroValue', '(A) -> optional(A)', 'optional_ofNonZeroValue', (value: CelValue) => (isZero(value) ? NONE : new Optional(value))),
  global('optional.none', '() -> optional(A)', 'optional_none', () => NONE),
  member('optional(A)', 'value', '() -> A', 'optional_value', ({ value }: Optional) => (value === undefined ? new CelError('optional.none() dereference') : value)),
  member('optional(A)', 'hasValue', '() -> bool', 'optional_hasValue', ({ value }: Optional) => value !== undefined),
  member('list(A)', 'first', '() -> optional(A)', 'list_first', (list: CelList) => (list.size === 0 ? NONE : new Optional(list.at(0)))),
  member('list(A)', 'last', '() -> optional(A)', 'list_last', (list: CelList) => (list.size === 0 ? NONE : new Optional(list.at(list.size - 1)))),
  global('optional.unwrap', '(list(optional(A))) -> list(A)', 'optional_unwrap', unwrapped),
  member('list(optional(A))', 'unwrapOpt', '() -> list(A)', 'optional_unwrapOpt', unwrapped),
  member('optional(A)', 'or', '(optional(A)) -> optional(A)', 'optional_or_optional'),
  member('optional(A)', 'orValue', '(A) -> A', 'optional_orValue_value'),
];

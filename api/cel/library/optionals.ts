import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { equal } from '../values/compare.ts';
import { CelList } from '../values/list.ts';
import { CelMap } from '../values/map.ts';
import { Bytes, Double, NONE, Optional, Uint } from '../values/scalars.ts';
import { sizeOf } from '../values/size.ts';
import type { CelValue } from '../values/value.ts';

/** Whether a value is the one that its type begins with: 0, empty, false, null. */
function isZero(value: CelValue): boolean {
  if (value instanceof CelList || value instanceof CelMap || value instanceof Bytes) return sizeOf(value) === 0;
  return value === null || value === '' || value === false || ((typeof value === 'number' || value instanceof Double || value instanceof Uint) && equal(value, 0, { elements: 0 }));
}

/** Optional values; `or` and `orValue` are lazy, and in `plan.ts`. */
export const OPTIONALS: readonly Overload[] = [
  global('optional.of', '(A) -> optional(A)', 'optional_of', (value: CelValue) => new Optional(value)),
  global('optional.ofNonZeroValue', '(A) -> optional(A)', 'optional_ofNonZeroValue', (value: CelValue) => (isZero(value) ? NONE : new Optional(value))),
  global('optional.none', '() -> optional(A)', 'optional_none', () => NONE),
  member('optional(A)', 'value', '() -> A', 'optional_value', ({ value }: Optional) => (value === undefined ? new CelError('optional.none() dereference') : value)),
  member('optional(A)', 'hasValue', '() -> bool', 'optional_hasValue', ({ value }: Optional) => value !== undefined),
  member('optional(A)', 'or', '(optional(A)) -> optional(A)', 'optional_or_optional'),
  member('optional(A)', 'orValue', '(A) -> A', 'optional_orValue_value'),
];

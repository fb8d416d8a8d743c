import { BINARY } from '../operators.ts';
import { member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { Run } from '../run.ts';
import { CelError } from '../values/celError.ts';
import { compare, equal } from '../values/compare.ts';
import type { CelList } from '../values/list.ts';
import { Double, Duration, Uint } from '../values/scalars.ts';
import type { CelValue } from '../values/value.ts';

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
const ZEROS: Readonly<Record<string, CelValue>> = { int: 0, uint: new Uint(0n), double: new Double(0), duration: new Duration(0n) };

function isSorted(list: CelList): CelValue {
  for (let index = 1; index < list.size; index += 1) {
    const order = compare(list.at(index - 1), list.at(index));
    if (order instanceof CelError) return order;
    if (order !== undefined && order > 0) return false;
  }
  return true;
}

function sum(list: CelList, zero: CelValue): CelValue {
  // What a sum costs is charged for the call as a whole.
  const run = new Run({}, Number.POSITIVE_INFINITY);
  let total = zero;
  for (const each of list) {
    total = BINARY['_+_']!(total, each, run);
    if (total instanceof CelError) return total;
  }
  return total;
}

function extreme(list: CelList, name: string, isBetter: (order: number) => boolean): CelValue {
  if (list.size === 0) return new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const each of list) {
    const order = compare(each, best);
    if (order instanceof CelError) return order;
    if (order !== undefined && isBetter(order)) best = each;
  }
  return best;
}

/** Where a value stands first, or last; -1 where it does not. */
export function position(list: CelList, wanted: CelValue, fromEnd: boolean): number {
  const looked = { elements: 0 };
  for (let step = 0; step < list.size; step += 1) {
    const index = fromEnd ? list.size - 1 - step : step;
    if (equal(list.at(index), wanted, looked)) return index;
  }
  return -1;
}

/** Kubernetes' list library. */
export const LISTS: readonly Overload[] = [
  ...COMPARABLE.flatMap((type) => [
    member(`list(${type})`, 'isSorted', '() -> bool', `list_${type}_is_sorted_bool`, isSorted),
    member(`list(${type})`, 'min', `() -> ${type}`, `list_${type}_min_self`, (list: CelList) => extreme(list, 'min', (order) => order < 0)),
    member(`list(${type})`, 'max', `() -> ${type}`, `list_${type}_max_self`, (list: CelList) => extreme(list, 'max', (order) => order > 0)),
  ]),
  ...Object.entries(ZEROS).map(([type, zero]) => member(`list(${type})`, 'sum', `() -> ${type}`, `list_${type}_sum_${type}`, (list: CelList) => sum(list, zero))),
  member('list(A)', 'indexOf', '(A) -> int', 'list_a_index_of_int', (list: CelList, wanted: CelValue) => position(list, wanted, false)),
  member('list(A)', 'lastIndexOf', '(A) -> int', 'list_a_last_index_of_int', (list: CelList, wanted: CelValue) => position(list, wanted, true)),
];

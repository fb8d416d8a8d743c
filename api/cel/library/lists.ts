import { BINARY } from '../operators.ts';
import { member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { Run } from '../run.ts';
import { CelError } from '../values/celError.ts';
import { compare } from '../values/compare.ts';
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
  const add = BINARY['_+_']!;
  for (let index = 0; index < list.size; index += 1) {
    const each = list.at(index);
    // What most lists are made of.
    const quick = typeof total === 'number' && typeof each === 'number' ? total + each : undefined;
    total = quick !== undefined && Number.isSafeInteger(quick) ? quick : add(total, each, run);
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

/** Kubernetes' list library; `indexOf` and `lastIndexOf` are with what compares whole values. */
export const LISTS: readonly Overload[] = [
  ...COMPARABLE.flatMap((type) => [
    member(`list(${type})`, 'isSorted', '() -> bool', `list_${type}_is_sorted_bool`, isSorted),
    member(`list(${type})`, 'min', `() -> ${type}`, `list_${type}_min_self`, (list: CelList) => extreme(list, 'min', (order) => order < 0)),
    member(`list(${type})`, 'max', `() -> ${type}`, `list_${type}_max_self`, (list: CelList) => extreme(list, 'max', (order) => order > 0)),
  ]),
  ...Object.entries(ZEROS).map(([type, zero]) => member(`list(${type})`, 'sum', `() -> ${type}`, `list_${type}_sum_${type}`, (list: CelList) => sum(list, zero))),
];

import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError, CostExceeded } from '../values/celError.ts';
import { compare } from '../values/compare.ts';
import { CelList } from '../values/list.ts';
import { typeNameOf } from '../values/typeNameOf.ts';
import type { CelValue } from '../values/value.ts';

type Int = number | bigint;

/** Longer lists cost more than one call may. */
const MOST_ELEMENTS = 1_000_000;

/** Types that have an order, by the names that cel-go's forms have. */
const COMPARABLE: Readonly<Record<string, string>> = { int: 'int', uint: 'uint', double: 'double', bool: 'bool', duration: 'google.protobuf.Duration', timestamp: 'google.protobuf.Timestamp', string: 'string', bytes: 'bytes' };

function slice(list: CelList, start: Int, end: Int): CelValue {
  const fault = (why: string): CelError => new CelError(`cannot slice(${start}, ${end}), ${why}`);
  if (start < 0 || end < 0) return fault('negative indexes not supported');
  if (start > end) return fault('start index must be less than or equal to end index');
  return end > list.size ? fault(`list is length ${list.size}`) : new CelList(list.toArray().slice(Number(start), Number(end)));
}

/** What is no list stays what it is. */
function flatten(list: CelList, depth: Int): CelValue {
  if (depth < 0) return new CelError('level must be non-negative');
  let values = list.toArray();
  for (let level = 0; level < depth && values.some((each) => each instanceof CelList); level += 1) {
    const count = values.reduce<number>((sum, each) => sum + (each instanceof CelList ? each.size : 1), 0);
    // The same list may stand in it very often.
    if (count > MOST_ELEMENTS) throw new CostExceeded();
    values = values.flatMap((each) => (each instanceof CelList ? each.toArray() : [each]));
  }
  return new CelList(values);
}

/** Numbers from 0 on. */
function range(count: Int): CelValue {
  if (count < 0) return new CelError(`lists.range: size must be non-negative, got ${count}`);
  return new CelList(Array.from({ length: Number(count) }, (_, index) => index));
}

/** A list in the order of other values, one for each of its elements. */
function sortBy(list: CelList, by: CelList): CelValue {
  if (list.size === 0) return list;
  const keys = by.toArray();
  const type = typeNameOf(keys[0]!);
  if (keys.some((key) => typeNameOf(key) !== type)) return new CelError('list elements must have the same type');
  if (compare(keys[0]!, keys[0]!) instanceof CelError) return new CelError('list elements must be comparable');
  const places = keys.map((_, index) => index).toSorted((a, b) => {
    const order = compare(keys[a]!, keys[b]!);
    return typeof order === 'number' ? order : 0;
  });
  return new CelList(places.map((place) => list.at(place)));
}

/** cel-go's list library, version 3; `sortBy` is a macro, and `distinct` is with what compares whole values. */
export const LISTS_EXTENDED: readonly Overload[] = [
  member('list(A)', 'slice', '(int, int) -> list(A)', 'list_slice', slice),
  member('list(list(A))', 'flatten', '() -> list(A)', 'list_flatten', (list: CelList) => flatten(list, 1)),
  member('list(dyn)', 'flatten', '(int) -> list(dyn)', 'list_flatten_int', flatten),
  member('list(A)', 'reverse', '() -> list(A)', 'list_reverse', (list: CelList) => new CelList(list.toArray().reverse())),
  global('lists.range', '(int) -> list(int)', 'lists_range', range),
  ...Object.entries(COMPARABLE).flatMap(([type, name]) => [
    member(`list(${type})`, 'sort', `() -> list(${type})`, `list_${name}_sort`, (list: CelList) => sortBy(list, list)),
    member('list(A)', '@sortByAssociatedKeys', `(list(${type})) -> list(A)`, `list_${name}_sortByAssociatedKeys`, sortBy),
  ]),
];

import { global } from '../overload.ts';
import type { Overload } from '../overload.ts';
import type { CelList } from '../values/list.ts';
import type { CelValue } from '../values/value.ts';
import { position } from './lists.ts';

const within = (element: CelValue, list: CelList): boolean => position(list, element, false) >= 0;
const contains = (all: CelList, some: CelList): boolean => some.toArray().every((each) => within(each, all));

/** Lists as sets. */
export const SETS: readonly Overload[] = [
  global('sets.contains', '(list(A), list(A)) -> bool', 'list_sets_contains_list', contains),
  global('sets.equivalent', '(list(A), list(A)) -> bool', 'list_sets_equivalent_list', (a: CelList, b: CelList) => contains(a, b) && contains(b, a)),
  global('sets.intersects', '(list(A), list(A)) -> bool', 'list_sets_intersects_list', (a: CelList, b: CelList) => a.toArray().some((each) => within(each, b))),
];

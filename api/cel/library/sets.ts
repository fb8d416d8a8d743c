import { positionInTurns } from '../compareInTurns.ts';
import type { Pace } from '../compareInTurns.ts';
import { global, inTurns, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelList } from '../values/list.ts';
import type { CelValue } from '../values/value.ts';

function* contains(pace: Pace, all: CelList, some: CelList): Generator<void, boolean> {
  for (const each of some) if ((yield* positionInTurns(all, each, false, pace)) < 0) return false;
  return true;
}

function* equivalent(pace: Pace, a: CelList, b: CelList): Generator<void, boolean> {
  return (yield* contains(pace, a, b)) && (yield* contains(pace, b, a));
}

function* intersects(pace: Pace, a: CelList, b: CelList): Generator<void, boolean> {
  for (const each of a) if ((yield* positionInTurns(b, each, false, pace)) >= 0) return true;
  return false;
}

/** The first of each that are equal. */
function* distinct(pace: Pace, list: CelList): Generator<void, CelValue> {
  const found: CelValue[] = [];
  const seen = new CelList(found);
  for (const each of list) if ((yield* positionInTurns(seen, each, false, pace)) < 0) found.push(each);
  return seen;
}

const position = (fromEnd: boolean) => (pace: Pace, list: CelList, wanted: CelValue): Generator<void, number> => positionInTurns(list, wanted, fromEnd, pace);

/** Functions that compare what lists hold: cel-go's lists as sets, and of the list libraries what looks for equal elements. */
export const SETS: readonly Overload[] = [
  inTurns(global('sets.contains', '(list(A), list(A)) -> bool', 'list_sets_contains_list'), contains),
  inTurns(global('sets.equivalent', '(list(A), list(A)) -> bool', 'list_sets_equivalent_list'), equivalent),
  inTurns(global('sets.intersects', '(list(A), list(A)) -> bool', 'list_sets_intersects_list'), intersects),
  inTurns(member('list(A)', 'distinct', '() -> list(A)', 'list_distinct'), distinct),
  inTurns(member('list(A)', 'indexOf', '(A) -> int', 'list_a_index_of_int'), position(false)),
  inTurns(member('list(A)', 'lastIndexOf', '(A) -> int', 'list_a_last_index_of_int'), position(true)),
];

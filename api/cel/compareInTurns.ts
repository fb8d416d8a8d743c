import type { Run } from './run.ts';
import { enter, equal, leave, LookedTooMuch } from './values/compare.ts';
import type { Looked } from './values/compare.ts';
import { CelList } from './values/list.ts';
import { CelMap } from './values/map.ts';
import { Optional } from './values/scalars.ts';
import type { CelValue } from './values/value.ts';

/** Elements that are looked at for one unit of cost. */
const PER_UNIT = 10;
/** So many elements are compared before one asks whether others are to have their turn. */
const BETWEEN = 500;
/** Finding what keys a larger map has takes a turn of its own. */
const MANY = 10_000;
/** Values with fewer elements are compared in one go. */
const AT_ONCE = 2_000;

/** What comparing in one operation has looked at. It is charged as it goes, so that it ends where it costs too much. */
export class Pace {
  readonly looked: Looked = { elements: 0, depth: 0 };
  readonly #run: Run;
  /** Units that were charged for it, and for what is looked at before more is to be paid. */
  #charged: number;
  #worked = 0;

  constructor(run: Run, paid = 0) {
    this.#run = run;
    this.#charged = paid;
  }

  /** Whether others have their turn in between at all. */
  get inTurns(): boolean {
    return this.#run.inTurns;
  }

  /** Charges for what was looked at; tells whether it is time to yield. Asked often, it answers seldom. */
  isDue(): boolean {
    if (this.looked.elements - this.#worked < BETWEEN) return false;
    this.settle();
    return this.#run.isDue;
  }

  /** Charges for all that was looked at. */
  settle(): void {
    const units = Math.max(this.#charged, Math.floor(this.looked.elements / PER_UNIT));
    this.#run.charge(units - this.#charged);
    // Entries of large maps take about as long as what costs a unit.
    this.#run.worked(this.looked.elements - this.#worked);
    this.#charged = units;
    this.#worked = this.looked.elements;
  }
}

/** `==` in one go; undefined where the values are too large for that. */
export function equalAtOnce(a: CelValue, b: CelValue, looked: Looked): boolean | undefined {
  try {
    return equal(a, b, looked);
  } catch (error) {
    if (error instanceof LookedTooMuch) return undefined;
    throw error;
  }
}

/** What is looked at in one go. */
export const lookedAtOnce = (): Looked => ({ elements: 0, most: AT_ONCE });

/** `==` of values that may be very large; yields when it is time to let others have their turn. */
export function* equalInTurns(a: CelValue, b: CelValue, pace: Pace): Generator<void, boolean> {
  if (a instanceof CelList && b instanceof CelList) return yield* listsInTurns(a, b, pace);
  if (a instanceof CelMap && b instanceof CelMap) return yield* mapsInTurns(a, b, pace);
  if (a instanceof Optional && b instanceof Optional && a.value !== undefined && b.value !== undefined) return yield* equalInTurns(a.value, b.value, pace);
  return equal(a, b, pace.looked);
}

/** Whether a value may hold very much. */
export const isWhole = (value: CelValue): boolean => value instanceof CelList || value instanceof CelMap || value instanceof Optional;

function* listsInTurns(a: CelList, b: CelList, pace: Pace): Generator<void, boolean> {
  if (a.size !== b.size) return false;
  const { looked } = pace;
  looked.elements += 1;
  const ordered = a.inOrderOf(b, looked);
  if (!ordered) return false;
  enter(looked);
  for (let index = 0; index < b.size; index += 1) {
    const one = ordered.at(index);
    const other = b.at(index);
    if (!(isWhole(one) ? yield* equalInTurns(one, other, pace) : equal(one, other, looked))) return leave(looked, false);
    if (pace.isDue()) yield;
  }
  return leave(looked, true);
}

function* mapsInTurns(a: CelMap, b: CelMap, pace: Pace): Generator<void, boolean> {
  const size = a.size;
  if (size > MANY && pace.inTurns) yield;
  if (size !== b.size || !a.hasSameUnknown(b)) return false;
  if (size > MANY && pace.inTurns) yield;
  const { looked } = pace;
  looked.elements += 1;
  enter(looked);
  for (const key of a.keys()) {
    const other = b.get(key);
    if (other === undefined) return leave(looked, false);
    const one = a.get(key)!;
    if (!(isWhole(one) ? yield* equalInTurns(one, other, pace) : equal(one, other, looked))) return leave(looked, false);
    if (pace.isDue()) yield;
  }
  return leave(looked, true);
}

/** Where a value stands in a list, first or last; -1 where it does not. */
export function* positionInTurns(list: CelList, wanted: CelValue, fromEnd: boolean, pace: Pace): Generator<void, number> {
  if (!isWhole(wanted)) {
    const found = position(list, wanted, fromEnd, pace.looked);
    if (pace.isDue()) yield;
    return found;
  }
  for (let step = 0; step < list.size; step += 1) {
    const index = fromEnd ? list.size - 1 - step : step;
    if (yield* equalInTurns(list.at(index), wanted, pace)) return index;
    if (pace.isDue()) yield;
  }
  return -1;
}

/** Of a scalar, which differs at a glance from whatever is large. */
function position(list: CelList, wanted: CelValue, fromEnd: boolean, looked: Looked): number {
  for (let step = 0; step < list.size; step += 1) {
    const index = fromEnd ? list.size - 1 - step : step;
    if (equal(list.at(index), wanted, looked)) return index;
  }
  return -1;
}

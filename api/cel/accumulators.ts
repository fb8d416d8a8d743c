import type { MacroKind } from './ast.ts';
import type { Run } from './run.ts';
import { CelError, NO_SUCH_OVERLOAD } from './values/celError.ts';
import { CelList } from './values/list.ts';
import { CelMap, mapKey, ValueMap } from './values/map.ts';
import { showKey } from './values/show.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';

/** What one round of a loop costs beside what the expression itself does: looking at the accumulator, and adding to it. */
const ALL_ROUND = 3;
const EXISTS_ROUND = 4;
const COUNT = 2;
/** Of a list with what is added, which costs as much as it does to make one, and of one that is known beforehand. */
const APPEND = 12;
const APPEND_KNOWN = 2;
/** Of one entry under a key, and of each entry of a map. */
const INSERT = 3;
const INSERT_MAP = 1;

/** What a round gives: the element is to be added, nothing (the next round follows), or what the whole loop gives. */
export const ADD = Symbol('add');
export type Taken = typeof ADD | CelValue | undefined;

/** What a loop has come to so far. */
export interface Accumulator {
  /** Takes what the predicate says of an element. */
  take(value: CelValue): Taken;
  /** What it costs to find, before the next element, that what was taken has decided. */
  readonly stopCost?: number;
  /** Before what is to be added is evaluated. */
  beforeAdding?(): void;
  /** Takes what is added; gives what the whole loop gives where it cannot be. */
  add?(value: CelValue): CelValue | undefined;
  /** At the end. */
  value(): CelValue;
}

/** What makes the accumulator of a macro; `place` is where its first variable stands in a run, `isKnown` whether what is added is a constant. */
export function accumulatorOf(macro: MacroKind, place: number, isKnown: boolean): (run: Run) => Accumulator {
  switch (macro) {
    case 'all':
    case 'exists':
      return (run) => new Decision(run, macro === 'exists');
    case 'existsOne':
      return (run) => new Count(run);
    case 'filter':
      // The element that is kept is looked at once more.
      return (run) => new Elements(run, APPEND + 1);
    case 'map':
    case 'transformList':
      return (run) => new Elements(run, isKnown ? APPEND_KNOWN : APPEND);
    default:
      return (run) => new Entries(run, macro === 'transformMap' ? place : undefined);
  }
}

const fault = (value: CelValue): CelError => (value instanceof CelError ? value : NO_SUCH_OVERLOAD);
const chosen = (value: CelValue): Taken => (value === true ? ADD : value === false ? undefined : fault(value));

/** `all` ends with the first that is false, `exists` with the first that is true; errors count only where none is. */
class Decision implements Accumulator {
  readonly #run: Run;
  readonly #decides: boolean;
  #error: CelError | undefined;
  readonly stopCost: number;

  constructor(run: Run, decides: boolean) {
    this.#run = run;
    this.#decides = decides;
    this.stopCost = decides ? EXISTS_ROUND - 1 : ALL_ROUND - 1;
    run.charge(1);
  }

  take(value: CelValue): Taken {
    this.#run.charge(this.#decides ? EXISTS_ROUND : ALL_ROUND);
    if (value === this.#decides) return value;
    if (typeof value !== 'boolean') this.#error ??= fault(value);
    return undefined;
  }

  value(): CelValue {
    return this.#error ?? !this.#decides;
  }
}

class Count implements Accumulator {
  readonly #run: Run;
  #count = 0;

  constructor(run: Run) {
    this.#run = run;
    run.charge(2);
  }

  take(value: CelValue): Taken {
    if (value === true) {
      this.#run.charge(COUNT);
      this.#count += 1;
    }
    return typeof value === 'boolean' ? undefined : fault(value);
  }

  value(): CelValue {
    return this.#count === 1;
  }
}

class Elements implements Accumulator {
  readonly #run: Run;
  readonly #append: number;
  readonly #values: CelValue[] = [];

  constructor(run: Run, append: number) {
    this.#run = run;
    this.#append = append;
    run.charge(1);
  }

  take(value: CelValue): Taken {
    return chosen(value);
  }

  beforeAdding(): void {
    this.#run.charge(this.#append);
  }

  add(value: CelValue): CelValue | undefined {
    if (value instanceof CelError) return value;
    this.#values.push(value);
    return undefined;
  }

  value(): CelValue {
    return new CelList(this.#values);
  }
}

class Entries implements Accumulator {
  readonly #run: Run;
  readonly #map = new ValueMap();
  /** Where the key stands; undefined where what is added is maps. */
  readonly #key: number | undefined;

  constructor(run: Run, key: number | undefined) {
    this.#run = run;
    this.#key = key;
    run.charge(1);
  }

  take(value: CelValue): Taken {
    return chosen(value);
  }

  beforeAdding(): void {
    this.#run.charge(this.#key === undefined ? INSERT_MAP : INSERT);
  }

  add(value: CelValue): CelValue | undefined {
    if (value instanceof CelError) return value;
    if (this.#key !== undefined) return this.#insert(this.#run.locals[this.#key]!, value);
    if (!(value instanceof CelMap)) return NO_SUCH_OVERLOAD;
    for (const key of value.keys()) {
      this.#run.charge(1);
      const failed = this.#insert(key, value.get(key)!);
      if (failed) return failed;
    }
    return undefined;
  }

  value(): CelValue {
    return this.#map;
  }

  #insert(key: CelValue, value: CelValue): CelError | undefined {
    if (mapKey(key) === undefined) return new CelError(`unsupported key type: ${typeNameOf(key)}`);
    return this.#map.add(key, value) ? undefined : new CelError(`insert failed: key ${showKey(key)} already exists`);
  }
}

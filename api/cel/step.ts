import type { Run } from './run.ts';
import type { CelValue } from './values/value.ts';

/** An expression made ready: gives its value in a run, and charges the run for it. */
export type Step = (run: Run) => CelValue;

/** A value that is not found yet: `rest` finds it, and yields when it is time to let others have their turn. */
export class Pending {
  readonly rest: Generator<void, CelValue>;

  constructor(rest: Generator<void, CelValue>) {
    this.rest = rest;
  }
}

/** As a `Step`, of an expression with loops, which may take longer than a turn. */
export type Walk = (run: Run) => CelValue | Pending;

/** Most expressions have no loops, and are done at once. */
export type Plan = ({ readonly step: Step; readonly walk?: undefined } | { readonly walk: Walk; readonly step?: undefined }) & {
  /** Its value, where that is known before anything runs. */
  readonly constant?: CelValue;
  /** It is a variable, perhaps with fields and indexes behind it, or a choice between such (`attributes.ts`). */
  readonly attribute?: 'variable' | 'choice';
};

/** Begins with a part, whichever it is. */
export const started = (part: Plan, run: Run): CelValue | Pending => (part.walk ? part.walk(run) : part.step(run));

/** The value of a part. */
export function* valueOf(part: Plan, run: Run): Generator<void, CelValue> {
  const found = started(part, run);
  return found instanceof Pending ? yield* found.rest : found;
}

/** Goes on with a value, at once where it is there already. */
export function goOn(found: CelValue | Pending, next: (value: CelValue) => CelValue | Pending): CelValue | Pending {
  return found instanceof Pending ? new Pending(later(found, next)) : next(found);
}

function* later(found: Pending, next: (value: CelValue) => CelValue | Pending): Generator<void, CelValue> {
  const done = next(yield* found.rest);
  return done instanceof Pending ? yield* done.rest : done;
}

/** Begins work that yields, which may be done before it does. */
export function begun(work: Generator<void, CelValue>): CelValue | Pending {
  const first = work.next();
  return first.done ? first.value : new Pending(rest(work));
}

function* rest(work: Generator<void, CelValue>): Generator<void, CelValue> {
  yield;
  return yield* work;
}

/** Where a variable of a macro stands in a run. */
export interface Place {
  readonly at: number;
  /** What finds its value when it is first asked for. */
  readonly lazy?: Plan;
}

/** Where the variables of macros stand in a run. */
export interface Places {
  readonly names: ReadonlyMap<string, Place>;
  /** The next place that is free. */
  readonly next: number;
}

export const NO_PLACES: Places = { names: new Map(), next: 0 };

/** With one more variable, which may hide an outer one of its name. */
export function withVariable({ names, next }: Places, name: string, lazy?: Plan): Places {
  return { names: new Map([...names, [name, { at: next, ...(lazy ? { lazy } : {}) }]]), next: next + 1 };
}

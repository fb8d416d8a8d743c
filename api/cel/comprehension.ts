import { accumulatorOf, ADD } from './accumulators.ts';
import type { Accumulator, Taken } from './accumulators.ts';
import type { Comprehension, Expr } from './ast.ts';
import type { Run } from './run.ts';
import { goOn, Pending, started, withVariable } from './step.ts';
import type { Places, Plan, Walk } from './step.ts';
import { CelError } from './values/celError.ts';
import { goTypeOf } from './values/goTypeOf.ts';
import { CelList } from './values/list.ts';
import { CelMap } from './values/map.ts';
import type { CelValue } from './values/value.ts';

/** A loop over a list or a map; `plan` makes its parts ready. It yields between rounds where others are to have their turn. */
export function planComprehension(expr: Comprehension, places: Places, plan: (part: Expr, places: Places) => Plan): Plan {
  const { variable, second } = expr;
  const range = plan(expr.range, places);
  const place = places.next;
  const one = withVariable(places, variable);
  const inner = second === undefined ? one : withVariable(one, second);
  const predicate = expr.predicate && plan(expr.predicate, inner);
  // What is kept where nothing says how to change it.
  const result: Plan = expr.result ? plan(expr.result, inner) : { step: (run) => run.locals[place]! };
  const begin = accumulatorOf(expr.macro, place, result.constant !== undefined);
  const secondPlace = second === undefined ? undefined : place + 1;
  const round: Round = { predicate: predicate && (predicate.step ?? predicate.walk), result: result.step ?? result.walk };
  /** Goes through what there is to loop over. */
  const through = (run: Run, accumulator: Accumulator, container: CelValue): CelValue | Pending => {
    if (container instanceof CelError) return container;
    const variables = variablesOf(container, run, place, secondPlace);
    if (!variables) return new CelError(second === undefined ? `got '${goTypeOf(container)}', expected iterable type` : `unsupported comprehension range type: ${goTypeOf(container)}`);
    const found = rounds(run, accumulator, variables, round);
    return found instanceof Held ? new Pending(rest(found, run, accumulator, variables, round)) : found;
  };
  return {
    walk(run) {
      const accumulator = begin(run);
      return goOn(started(range, run), (container) => through(run, accumulator, container));
    },
  };
}

/** What is evaluated for each element. */
interface Round {
  readonly predicate: Walk | undefined;
  readonly result: Walk;
}

/** A loop stops here until others had their turn: within a round, whose predicate or result takes longer, or between two. */
class Held {
  readonly stage: 'predicate' | 'result' | 'between';
  readonly pending: Pending | undefined;

  constructor(stage: Held['stage'], pending?: Pending) {
    this.stage = stage;
    this.pending = pending;
  }
}

/** The variables of a loop. */
interface Variables {
  /** Sets them for the next round, and tells whether there is one. */
  next(): boolean;
}

/** Undefined where that is nothing to loop over. */
function variablesOf(container: CelValue, { locals }: Run, place: number, second: number | undefined): Variables | undefined {
  if (container instanceof CelList) return second === undefined ? new ElementVariable(container, locals, place) : new ElementVariables(container, locals, place, second);
  return container instanceof CelMap ? new KeyVariables(container, locals, place, second) : undefined;
}

class ElementVariable implements Variables {
  readonly #list: CelList;
  readonly #locals: (CelValue | undefined)[];
  readonly #place: number;
  #index = 0;

  constructor(list: CelList, locals: (CelValue | undefined)[], place: number) {
    this.#list = list;
    this.#locals = locals;
    this.#place = place;
  }

  next(): boolean {
    if (this.#index >= this.#list.size) return false;
    this.#locals[this.#place] = this.#list.at(this.#index);
    this.#index += 1;
    return true;
  }
}

class ElementVariables implements Variables {
  readonly #list: CelList;
  readonly #locals: (CelValue | undefined)[];
  readonly #place: number;
  readonly #second: number;
  #index = 0;

  constructor(list: CelList, locals: (CelValue | undefined)[], place: number, second: number) {
    this.#list = list;
    this.#locals = locals;
    this.#place = place;
    this.#second = second;
  }

  next(): boolean {
    if (this.#index >= this.#list.size) return false;
    this.#locals[this.#place] = this.#index;
    this.#locals[this.#second] = this.#list.at(this.#index);
    this.#index += 1;
    return true;
  }
}

class KeyVariables implements Variables {
  readonly #map: CelMap;
  readonly #keys: Iterator<CelValue>;
  readonly #locals: (CelValue | undefined)[];
  readonly #place: number;
  readonly #second: number | undefined;

  constructor(map: CelMap, locals: (CelValue | undefined)[], place: number, second: number | undefined) {
    this.#map = map;
    this.#keys = map.keys()[Symbol.iterator]();
    this.#locals = locals;
    this.#place = place;
    this.#second = second;
  }

  next(): boolean {
    const { value: key, done } = this.#keys.next();
    if (done) return false;
    this.#locals[this.#place] = key;
    if (this.#second !== undefined) this.#locals[this.#second] = this.#map.get(key)!;
    return true;
  }
}

/** Rounds until the loop ends, with what it gives, or until others are to have their turn. */
function rounds(run: Run, accumulator: Accumulator, variables: Variables, { predicate, result }: Round): CelValue | Held {
  while (variables.next()) {
    let taken: Taken = ADD;
    if (predicate) {
      const said = predicate(run);
      if (said instanceof Pending) return new Held('predicate', said);
      taken = accumulator.take(said);
    }
    let ended = taken === ADD ? undefined : taken;
    if (taken === ADD) {
      accumulator.beforeAdding?.();
      const made = result(run);
      if (made instanceof Pending) return new Held('result', made);
      ended = accumulator.add?.(made);
    }
    if (ended !== undefined) return decided(run, accumulator, variables, ended);
    if (run.isDue) return new Held('between');
  }
  return accumulator.value();
}

/** As cel-go, which finds that a loop is to end when it is about to look at the next element. */
function decided(run: Run, { stopCost }: Accumulator, variables: Variables, result: CelValue): CelValue {
  if (stopCost !== undefined && variables.next()) run.charge(stopCost);
  return result;
}

/** What is left of a loop when it stops for the first time. */
function* rest(first: Held, run: Run, accumulator: Accumulator, variables: Variables, round: Round): Generator<void, CelValue> {
  for (let held = first; ; ) {
    const ended = held.pending ? yield* endOfRound(held.stage, held.pending, run, accumulator, round) : undefined;
    if (ended !== undefined) return decided(run, accumulator, variables, ended);
    if (run.isDue) yield;
    const found = rounds(run, accumulator, variables, round);
    if (!(found instanceof Held)) return found;
    held = found;
  }
}

function* endOfRound(stage: Held['stage'], { rest: found }: Pending, run: Run, accumulator: Accumulator, round: Round): Generator<void, CelValue | undefined> {
  if (stage === 'result') return accumulator.add?.(yield* found);
  const taken = accumulator.take(yield* found);
  if (taken !== ADD) return taken;
  accumulator.beforeAdding?.();
  const made = round.result(run);
  return accumulator.add?.(made instanceof Pending ? yield* made.rest : made);
}

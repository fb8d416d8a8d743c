import type { Comprehension, Expr } from './ast.ts';
import type { Run } from './run.ts';
import { withVariable } from './step.ts';
import type { Places, Step } from './step.ts';
import { CelError, NO_SUCH_OVERLOAD } from './values/celError.ts';
import { CelList } from './values/list.ts';
import { CelMap, mapKey, ValueMap } from './values/map.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';

/** What one round of a loop costs beside what the expression itself does: looking at the accumulator, and adding to it. */
const ALL_ROUND = 3;
const EXISTS_ROUND = 4;
const COUNT = 2;
const APPEND = 12;
const NEW_LIST = 10;
const NEW_MAP = 30;

type Round = (run: Run) => CelValue | undefined;

/** A loop over a list or a map; `plan` makes its parts ready. */
export function planComprehension(expr: Comprehension, places: Places, plan: (part: Expr, places: Places) => Step): Step {
  const { macro, variable, second } = expr;
  const range = plan(expr.range, places);
  const place = places.next;
  const secondPlace = place + 1;
  const one = withVariable(places, variable);
  const inner = second === undefined ? one : withVariable(one, second);
  const predicate = expr.predicate && plan(expr.predicate, inner);
  const result = expr.result && plan(expr.result, inner);
  const loop = (run: Run, round: Round): CelValue | undefined => {
    const container = range(run);
    if (container instanceof CelError) return container;
    return second === undefined ? overOne(container, run, place, round) : overTwo(container, run, place, secondPlace, round);
  };
  switch (macro) {
    case 'all':
    case 'exists':
      return (run) => decide(run, loop, predicate!, macro === 'exists');
    case 'existsOne':
      return (run) => countOne(run, loop, predicate!);
    case 'map':
    case 'filter':
    case 'transformList':
      return (run) => {
        const values: CelValue[] = [];
        run.charge(NEW_LIST + 1);
        return (
          loop(run, (each) => {
            const kept = predicate ? predicate(each) : true;
            if (kept !== true) return kept === false ? undefined : fault(kept);
            each.charge(APPEND);
            const value = result ? result(each) : each.locals[place]!;
            if (value instanceof CelError) return value;
            values.push(value);
            return undefined;
          }) ?? new CelList(values)
        );
      };
    default:
      return (run) => transformMap(run, loop, predicate, result!, macro === 'transformMap' ? (each) => each.locals[place]! : undefined);
  }
}

const fault = (value: CelValue): CelError => (value instanceof CelError ? value : NO_SUCH_OVERLOAD);

type Loop = (run: Run, round: Round) => CelValue | undefined;

/** `all` ends with the first that is false, `exists` with the first that is true; errors count only where none is. */
function decide(run: Run, loop: Loop, predicate: Step, decides: boolean): CelValue {
  let error: CelError | undefined;
  run.charge(1);
  const ended = loop(run, (each) => {
    each.charge(decides ? EXISTS_ROUND : ALL_ROUND);
    const value = predicate(each);
    if (value === decides) return decides;
    if (typeof value !== 'boolean') error ??= fault(value);
    return undefined;
  });
  return ended ?? error ?? !decides;
}

function countOne(run: Run, loop: Loop, predicate: Step): CelValue {
  let count = 0;
  run.charge(2);
  const ended = loop(run, (each) => {
    const value = predicate(each);
    if (value === true) {
      count += 1;
      each.charge(COUNT);
    } else {
      each.charge(1);
      if (value !== false) return fault(value);
    }
    return undefined;
  });
  return ended ?? count === 1;
}

function transformMap(run: Run, loop: Loop, predicate: Step | undefined, result: Step, keyOf: ((run: Run) => CelValue) | undefined): CelValue {
  const map = new ValueMap();
  run.charge(NEW_MAP + 1);
  const insert = (key: CelValue, value: CelValue): CelError | undefined => {
    if (mapKey(key) === undefined) return new CelError(`unsupported key type: ${typeNameOf(key)}`);
    return map.add(key, value) ? undefined : new CelError('insert failed: key already exists');
  };
  const ended = loop(run, (each) => {
    const kept = predicate ? predicate(each) : true;
    if (kept !== true) return kept === false ? undefined : fault(kept);
    each.charge(2);
    const value = result(each);
    if (value instanceof CelError) return value;
    if (keyOf) return insert(keyOf(each), value);
    if (!(value instanceof CelMap)) return NO_SUCH_OVERLOAD;
    for (const key of value.keys()) {
      each.charge(1);
      const failed = insert(key, value.get(key)!);
      if (failed) return failed;
    }
    return undefined;
  });
  return ended ?? map;
}

/** Calls `round` for each element or key, until it gives something. */
function overOne(container: CelValue, run: Run, place: number, round: Round): CelValue | undefined {
  if (container instanceof CelList) {
    for (let index = 0; index < container.size; index += 1) {
      run.locals[place] = container.at(index);
      const ended = round(run);
      if (ended !== undefined) return ended;
    }
    return undefined;
  }
  if (!(container instanceof CelMap)) return NO_SUCH_OVERLOAD;
  for (const key of container.keys()) {
    run.locals[place] = key;
    const ended = round(run);
    if (ended !== undefined) return ended;
  }
  return undefined;
}

/** As `overOne`, with indexes and elements, or keys and values. */
function overTwo(container: CelValue, run: Run, place: number, second: number, round: Round): CelValue | undefined {
  if (container instanceof CelList) {
    for (let index = 0; index < container.size; index += 1) {
      run.locals[place] = index;
      run.locals[second] = container.at(index);
      const ended = round(run);
      if (ended !== undefined) return ended;
    }
    return undefined;
  }
  if (!(container instanceof CelMap)) return NO_SUCH_OVERLOAD;
  for (const key of container.keys()) {
    run.locals[place] = key;
    run.locals[second] = container.get(key)!;
    const ended = round(run);
    if (ended !== undefined) return ended;
  }
  return undefined;
}

import type { Bind } from './ast.ts';
import type { Run } from './run.ts';
import { goOn, started } from './step.ts';
import type { Plan, Step } from './step.ts';
import { CelError, NO_SUCH_OVERLOAD } from './values/celError.ts';
import { NONE, Optional } from './values/scalars.ts';
import type { CelValue } from './values/value.ts';

const BIND_COST = 10;

/** Operations that do not need all of their parts: `&&`, `||`, `?:`, `or`, `orValue`. Undefined of others. */
export function planLazy(name: string, parts: readonly Plan[]): Plan | undefined {
  const [first, second, third] = parts;
  switch (name) {
    case '_&&_':
      return logic(first!, second!, false);
    case '_||_':
      return logic(first!, second!, true);
    case '_?_:_':
      return choice(first!, second!, third!);
    case 'or':
    case 'orValue':
      return alternative(first!, second!, name === 'or');
    default:
      return undefined;
  }
}

/** `&&` and `||`: an error counts only where the other side does not decide. */
function logic(left: Plan, right: Plan, decides: boolean): Plan {
  if (left.step && right.step) {
    const [first, second] = [left.step, right.step];
    return {
      step(run) {
        const a = first(run);
        return a === decides ? decides : together(a, second(run), decides);
      },
    };
  }
  return {
    walk: (run) => goOn(started(left, run), (a) => (a === decides ? decides : goOn(started(right, run), (b) => together(a, b, decides)))),
  };
}

function together(a: CelValue, b: CelValue, decides: boolean): CelValue {
  if (b === decides) return decides;
  if (a instanceof CelError) return a;
  if (b instanceof CelError) return b;
  return typeof a === 'boolean' && typeof b === 'boolean' ? !decides : NO_SUCH_OVERLOAD;
}

function choice(condition: Plan, yes: Plan, no: Plan): Plan {
  const decide = <T,>(value: CelValue, one: T, other: T): T | CelError => (value === true ? one : value === false ? other : value instanceof CelError ? value : NO_SUCH_OVERLOAD);
  if (condition.step && yes.step && no.step) {
    const [test, one, other] = [condition.step, yes.step, no.step];
    return {
      step(run) {
        const chosen = decide(test(run), one, other);
        return chosen instanceof CelError ? chosen : chosen(run);
      },
    };
  }
  return {
    walk: (run) =>
      goOn(started(condition, run), (value) => {
        const chosen = decide(value, yes, no);
        return chosen instanceof CelError ? chosen : started(chosen, run);
      }),
  };
}

/** `or` and `orValue` of an optional value. */
function alternative(optional: Plan, other: Plan, staysOptional: boolean): Plan {
  /** Undefined: the other is needed. */
  const present = (value: CelValue, run: Run): CelValue | undefined => {
    if (value instanceof CelError) return value;
    run.charge(1);
    if (!(value instanceof Optional)) return NO_SUCH_OVERLOAD;
    return value.value === undefined || !staysOptional ? value.value : value;
  };
  if (optional.step && other.step) {
    const [first, second] = [optional.step, other.step];
    return { step: (run) => present(first(run), run) ?? second(run) };
  }
  return {
    walk: (run) => goOn(started(optional, run), (value) => present(value, run) ?? started(other, run)),
  };
}

/** `cel.bind`, `optMap` and `optFlatMap`; `place` is where the variable stands. */
export function planBind({ macro }: Bind, init: Plan, body: Plan, place: number): Plan {
  /** Undefined: the body is to be evaluated, with what the variable now is. */
  const begin = (value: CelValue, run: Run): CelValue | undefined => {
    // As cel-go, for which a binding is a loop over an empty list.
    if (macro === 'bind' || !(value instanceof CelError)) run.charge(BIND_COST);
    if (macro === 'bind') {
      run.locals[place] = value;
      return undefined;
    }
    if (value instanceof CelError) return value;
    if (!(value instanceof Optional)) return NO_SUCH_OVERLOAD;
    if (value.value === undefined) return NONE;
    run.locals[place] = value.value;
    return undefined;
  };
  const end = (result: CelValue): CelValue => (macro !== 'optMap' || result instanceof CelError ? result : new Optional(result));
  if (init.step && body.step) {
    const [first, rest]: readonly Step[] = [init.step, body.step];
    return { step: (run) => begin(first!(run), run) ?? end(rest!(run)) };
  }
  return {
    walk: (run) => goOn(started(init, run), (value) => begin(value, run) ?? goOn(started(body, run), end)),
  };
}

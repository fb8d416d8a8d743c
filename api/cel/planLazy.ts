import type { Bind } from './ast.ts';
import type { Run } from './run.ts';
import { withinAttribute } from './attributes.ts';
import { goOn, started } from './step.ts';
import type { Plan, Step, Walk } from './step.ts';
import { CelError, NO_SUCH_OVERLOAD } from './values/celError.ts';
import { NONE, Optional } from './values/scalars.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';

/** Operations that do not need all of their parts: `&&`, `||`, `?:`, `or`, `orValue`. Undefined of others. */
export function planLazy(name: string, parts: readonly Plan[]): Plan | undefined {
  const [first, second, third] = parts;
  switch (name) {
    case '_&&_':
      return logic(first!, second!, false);
    case '_||_':
      return logic(first!, second!, true);
    case '_?_:_':
      return { ...choice(first!, withinAttribute(second!), withinAttribute(third!)), attribute: 'choice' };
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
  const present = (value: CelValue): CelValue | undefined => {
    if (value instanceof CelError) return value;
    if (!(value instanceof Optional)) return NO_SUCH_OVERLOAD;
    return value.value === undefined || !staysOptional ? value.value : value;
  };
  if (optional.step && other.step) {
    const [first, second] = [optional.step, other.step];
    return { step: (run) => present(first(run)) ?? second(run) };
  }
  return {
    walk: (run) => goOn(started(optional, run), (value) => present(value) ?? started(other, run)),
  };
}

/** What a binding's variable is, for its body: found when it is first asked for, as for cel-go. */
export function boundPlan({ macro }: Bind, init: Plan): Plan {
  if (macro === 'bind') return init;
  const unwrapped = (value: CelValue, run: Run): CelValue => {
    if (value instanceof CelError) return value;
    run.charge(1);
    return value instanceof Optional ? (value.value ?? NONE_VALUE) : NO_SUCH_OVERLOAD;
  };
  if (init.step) {
    const { step } = init;
    return { step: (run) => unwrapped(step(run), run) };
  }
  return { walk: (run) => goOn(started(init, run), (value) => unwrapped(value, run)) };
}

const NONE_VALUE = new CelError('optional.none() dereference');

/** `cel.bind`, and `optMap` and `optFlatMap`, which for cel-go are `x.hasValue() ? … : optional.none()`; `place` is where the variable stands. */
export function planBind({ macro }: Bind, init: Plan, body: Plan, place: number): Plan {
  /** Undefined: the body is to be evaluated. */
  const absent = (value: CelValue, run: Run): CelValue | undefined => {
    if (value instanceof CelError) return value;
    run.charge(1);
    if (!(value instanceof Optional)) return new CelError(`no such overload: hasValue(${typeNameOf(value)})`);
    if (value.value !== undefined) return undefined;
    run.charge(1);
    return NONE;
  };
  const end = (result: CelValue, run: Run): CelValue => {
    if (macro !== 'optMap' || result instanceof CelError) return result;
    run.charge(1);
    return new Optional(result);
  };
  if (body.step && (macro === 'bind' || init.step)) {
    const rest = body.step;
    const whole: Step = (run) => {
      run.locals[place] = undefined;
      return rest(run);
    };
    if (macro === 'bind') return { step: whole };
    const first = init.step!;
    return { step: (run) => absent(first(run), run) ?? end(whole(run), run), attribute: 'choice' };
  }
  const whole: Walk = (run) => {
    run.locals[place] = undefined;
    return started(body, run);
  };
  if (macro === 'bind') return { walk: whole };
  return { walk: (run) => goOn(started(init, run), (value) => absent(value, run) ?? goOn(whole(run), (result) => end(result, run))), attribute: 'choice' };
}

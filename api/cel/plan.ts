import { attributeFrom, beginningOf, withinAttribute } from './attributes.ts';
import type { Call, Expr, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import { costOf } from './callCosts.ts';
import type { Checked } from './checker.ts';
import { isDyn, isOptional } from './celType.ts';
import { planComprehension } from './comprehension.ts';
import { areConstant, ConstantFault, constantPlan, CONVERSIONS_ONCE, convertedPlan, foldedPlan, membershipPlan } from './constants.ts';
import { elementsMatch, matchesType } from './matchesType.ts';
import { Pace } from './compareInTurns.ts';
import { missingOverload } from './missingOverload.ts';
import { BINARY, negate, not, WHOLE } from './operators.ts';
import type { Overload } from './overload.ts';
import { boundPlan, planBind, planLazy } from './planLazy.ts';
import type { Run } from './run.ts';
import { begun, goOn, Pending, started, withVariable } from './step.ts';
import type { Place, Places, Plan, Step, Walk } from './step.ts';
import type { CelType } from './types.ts';
import { CelError, noSuchKey } from './values/celError.ts';
import { CelList } from './values/list.ts';
import { CelMap, JsonObject, mapKey, ValueMap } from './values/map.ts';
import { OpaqueValue } from './values/opaque.ts';
import { NONE, Optional, TypeValue } from './values/scalars.ts';
import { showKey } from './values/show.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';
import { setField } from '../values/ownField.ts';
import { forEachPart } from './walk.ts';

const LIST_COST = 10;
const MAP_COST = 30;
const STRUCT_COST = 40;

/** Turns a checked expression into functions, once, so that nothing needs to be looked up when it runs. */
export function plan(checked: Checked, expr: Expr, places: Places): Plan {
  const planned = (part: Expr): Plan => plan(checked, part, places);
  switch (expr.kind) {
    case 'literal':
      return constantPlan(expr.value);
    case 'ident':
      return planName(checked, expr, expr.name, places);
    case 'select': {
      if (checked.names.has(expr)) return planName(checked, expr, expr.field, places);
      const beginning = planned(expr.operand);
      const selected = strict([beginningOf(beginning)], ([operand]) => planSelect(expr, operand!));
      return expr.test ? selected : attributeFrom(beginning, selected);
    }
    case 'call': {
      const { name, args } = checked.calls.get(expr)!;
      const parts = args.map(planned);
      if (name === '_[_]' || name === '_[?_]') return attributeFrom(parts[0]!, strict([beginningOf(parts[0]!), withinAttribute(parts[1]!)], (steps) => planCall(checked, expr, steps)));
      return planLazy(name, parts) ?? planOnce(checked, expr, parts) ?? planWhole(checked, expr, parts) ?? strict(parts, (steps) => planCall(checked, expr, steps));
    }
    case 'list': {
      const parts = expr.elements.map(({ value }) => planned(value));
      return onceWhereConstant(parts, strict(parts, (steps) => planList(expr, steps)));
    }
    case 'map': {
      const parts = expr.entries.flatMap(({ key, value }) => [planned(key), planned(value)]);
      return onceWhereConstant(parts, strict(parts, (steps) => planMap(expr, steps)));
    }
    case 'struct':
      return strict(expr.fields.map(({ value }) => planned(value)), (steps) => planStruct(checked, expr, steps));
    case 'bind': {
      // What the variable is may be found in the midst of the body, and so has places of its own.
      const init = plan(checked, expr.init, { ...places, next: places.next + 1 });
      const { names } = withVariable(places, expr.variable, boundPlan(expr, init));
      return planBind(expr, init, plan(checked, expr.body, { names, next: places.next + 1 + placesWithin(expr.init) }), places.next);
    }
    default:
      return planComprehension(expr, places, (part, inner) => plan(checked, part, inner));
  }
}

/** Most places that variables of macros within an expression take. */
function placesWithin(expr: Expr): number {
  let count = 0;
  forEachPart(expr, ({ kind }) => void (count += kind === 'comprehension' ? 2 : kind === 'bind' ? 1 : 0));
  return count;
}

/** An operation that needs the values of all of its parts, the first error of which is its own. */
function strict(parts: readonly Plan[], make: (steps: readonly Step[]) => Step): Plan {
  const steps = stepsOf(parts);
  return steps ? { step: make(steps) } : { walk: withOperands(parts, make(operandSteps(parts))) };
}

/** As `strict`, of an operation that may take longer than a turn. */
function strictWalk(parts: readonly Plan[], make: (steps: readonly Step[]) => Walk): Plan {
  const steps = stepsOf(parts);
  return { walk: steps ? make(steps) : withOperands(parts, make(operandSteps(parts))) };
}

/** Undefined where a part has loops. */
function stepsOf(parts: readonly Plan[]): readonly Step[] | undefined {
  const steps = parts.map(({ step }) => step).filter((step) => step !== undefined);
  return steps.length === parts.length ? steps : undefined;
}

/** What stands for parts that are found one by one before the operation. */
const operandSteps = (parts: readonly Plan[]): readonly Step[] => parts.map((_, index) => (run) => run.operands[index]!);

function withOperands(parts: readonly Plan[], operation: Walk): Walk {
  const from = (run: Run, values: CelValue[]): CelValue | Pending => {
    while (values.length < parts.length) {
      const found = started(parts[values.length]!, run);
      if (found instanceof Pending) {
        return goOn(found, (value) => {
          if (value instanceof CelError) return value;
          values.push(value);
          return from(run, values);
        });
      }
      if (found instanceof CelError) return found;
      values.push(found);
    }
    run.operands = values;
    return operation(run);
  };
  return (run) => from(run, []);
}

/** Whether a value of the type may hold very much. */
const mayHoldMuch = (type: CelType): boolean => isDyn(type) || ['parameter', 'list', 'map', 'object'].includes(type.kind) || isOptional(type);

/** Operations which compare values that may be very large; undefined of others. */
function planWhole(checked: Checked, expr: Call, parts: readonly Plan[]): Plan | undefined {
  const { name, args, overloads } = checked.calls.get(expr)!;
  const operator = Object.hasOwn(WHOLE, name) && args.every((each) => mayHoldMuch(checked.typeOf(each))) ? WHOLE[name] : undefined;
  if (operator) {
    return strictWalk(parts, ([first, second]) => (run) => {
      const a = first!(run);
      if (a instanceof CelError) return a;
      const b = second!(run);
      return b instanceof CelError ? b : operator(a, b, run);
    });
  }
  return overloads.some((each) => each.inTurns) ? strictWalk(parts, (steps) => planFunction(name, steps, overloads, args.map((each) => checked.typeOf(each)), callInTurns)) : undefined;
}

/** What is a constant as soon as its argument is; undefined of other calls. */
function planOnce(checked: Checked, expr: Call, parts: readonly Plan[]): Plan | undefined {
  const { name, overloads } = checked.calls.get(expr)!;
  const [first, second] = parts;
  if ((name === 'find' || name === 'findAll') && typeof second!.constant === 'string') {
    // A pattern that is none is found before anything runs.
    const tried = overloads[0]!.run!('', second!.constant);
    if (tried instanceof CelError) throw new ConstantFault(tried.message);
  }
  if (CONVERSIONS_ONCE.has(name) && parts.length === 1 && areConstant(parts)) return convertedPlan(planCall(checked, expr, [first!.step!]));
  return name === '@in' && overloads.length === 1 && second!.constant instanceof CelList ? membershipPlan(first!, second!.constant) : undefined;
}

/** What is made of constants is made once. */
const onceWhereConstant = (parts: readonly Plan[], made: Plan): Plan => (made.step && areConstant(parts) ? foldedPlan(made.step) : made);

function planName(checked: Checked, expr: Expr, text: string, places: Places): Plan {
  const known = checked.names.get(expr);
  if (known?.kind === 'local') return planLocal(places.names.get(known.name)!);
  if (known?.kind !== 'variable') return constantPlan(new TypeValue(known?.name ?? text));
  const { name } = known;
  return {
    step(run) {
      run.charge(1);
      return run.variable(name);
    },
    attribute: 'variable',
  };
}

function planLocal({ at, lazy }: Place): Plan {
  if (!lazy) {
    return {
      step(run) {
        run.charge(1);
        return run.locals[at]!;
      },
      attribute: 'variable',
    };
  }
  const remember = (run: Run, value: CelValue): CelValue => {
    run.locals[at] = value;
    return value;
  };
  const { step } = lazy;
  if (step) {
    return {
      step(run) {
        run.charge(1);
        const known = run.locals[at];
        return known === undefined ? remember(run, step(run)) : known;
      },
      attribute: 'variable',
    };
  }
  return {
    walk(run) {
      run.charge(1);
      const known = run.locals[at];
      return known === undefined ? goOn(started(lazy, run), (value) => remember(run, value)) : known;
    },
    attribute: 'variable',
  };
}

/** A field of a value; undefined where it has none, as what has no fields at all never does (cel-go's `refQualify`). */
function fieldOf(value: CelValue, field: string): CelValue | undefined {
  if (value instanceof CelMap) return value.get(field);
  if (value instanceof OpaqueValue && value.field) return value.field(field);
  return value instanceof CelList ? new CelError("unsupported index type 'string' in list") : undefined;
}

function planSelect({ field, test, optional }: Select, operand: Step): Step {
  return (run) => {
    const value = operand(run);
    if (value instanceof CelError) return value;
    if (value instanceof Optional || optional) {
      const inner = value instanceof Optional ? value.value : value;
      const found = inner === undefined ? undefined : fieldOf(inner, field);
      if (found instanceof CelError) return found;
      if (test) return found !== undefined;
      if (found === undefined) return NONE;
      run.charge(1);
      return new Optional(found);
    }
    // Whether there is a field costs nothing.
    if (!test) run.charge(1);
    const found = fieldOf(value, field);
    if (test) return found instanceof CelError ? found : found !== undefined;
    return found === undefined ? noSuchKey(field) : found;
  };
}

function planCall(checked: Checked, expr: Call, steps: readonly Step[]): Step {
  const { name, args, overloads } = checked.calls.get(expr)!;
  const [first, second] = steps;
  if (name === '!_' || name === '-_') {
    const operator = name === '!_' ? not : negate;
    return (run) => {
      const value = first!(run);
      return value instanceof CelError ? value : operator(value, run);
    };
  }
  const operator = Object.hasOwn(BINARY, name) ? BINARY[name] : undefined;
  if (operator) {
    return (run) => {
      const a = first!(run);
      if (a instanceof CelError) return a;
      const b = second!(run);
      return b instanceof CelError ? b : operator(a, b, run);
    };
  }
  return planFunction(name, steps, overloads, args.map((each) => checked.typeOf(each)), callAtOnce);
}

/** Finds the form that the values call for, charges for it, and calls it. */
function planFunction<T>(name: string, steps: readonly Step[], overloads: readonly Overload[], types: readonly CelType[], call: (overload: Overload, run: Run, args: readonly CelValue[], paid: number) => T): (run: Run) => CelValue | T {
  const only = overloads.length === 1 && !types.some(isLoose) ? overloads[0] : undefined;
  const cost = costOf(overloads[0]!);
  return (run) => {
    const args: CelValue[] = [];
    for (const step of steps) {
      const value = step(run);
      if (value instanceof CelError) return value;
      args.push(value);
    }
    const overload = only ?? overloads.find(({ parameters }) => parameters.every((type, index) => matchesType(type, args[index]!)));
    if (!overload?.run && !overload?.inTurns) {
      run.charge(1);
      return missingOverload(name, args);
    }
    const paid = (only ? cost : costOf(overload)).before(args);
    run.charge(paid);
    if (!only && !overload.parameters.every((type, index) => elementsMatch(type, args[index]!))) return missingOverload(name, args);
    return call(overload, run, args, paid);
  };
}

function callAtOnce(overload: Overload, run: Run, args: readonly CelValue[]): CelValue {
  const result = overload.metered ? run.metered(overload.metered, args) : overload.run!(...args);
  const { after } = costOf(overload);
  if (after) run.charge(after(result));
  return result;
}

/** Where one form compares in turns, the others are done at once. */
const callInTurns = (overload: Overload, run: Run, args: readonly CelValue[], paid: number): CelValue | Pending => (overload.inTurns ? begun(compared(overload.inTurns, run, args, paid)) : callAtOnce(overload, run, args));

function* compared(compare: NonNullable<Overload['inTurns']>, run: Run, args: readonly CelValue[], paid: number): Generator<void, CelValue> {
  const pace = new Pace(run, paid);
  const result = yield* compare(pace, ...args);
  pace.settle();
  return result;
}

/** Whether a type leaves something open until run time. */
function isLoose(type: CelType): boolean {
  if (isDyn(type) || type.kind === 'parameter' || type.kind === 'null') return true;
  if (type.kind === 'list') return isLoose(type.element);
  return type.kind === 'opaque' && type.parameters.some(isLoose);
}

function planList({ elements }: ListExpr, steps: readonly Step[]): Step {
  const parts = elements.map(({ optional }, index) => ({ step: steps[index]!, optional }));
  return (run) => {
    const values: CelValue[] = [];
    for (const { step, optional } of parts) {
      const value = step(run);
      if (value instanceof CelError) return value;
      if (!optional) values.push(value);
      else if (!(value instanceof Optional)) return new CelError(`cannot initialize optional list element from non-optional value ${typeNameOf(value)}`);
      else if (value.value !== undefined) values.push(value.value);
    }
    run.charge(LIST_COST);
    return new CelList(values);
  };
}

function planMap({ entries }: MapExpr, steps: readonly Step[]): Step {
  const parts = entries.map(({ optional }, index) => ({ key: steps[2 * index]!, value: steps[2 * index + 1]!, optional }));
  return (run) => {
    const map = new ValueMap();
    for (const part of parts) {
      const key = part.key(run);
      if (key instanceof CelError) return key;
      const value = part.value(run);
      if (value instanceof CelError) return value;
      if (mapKey(key) === undefined) return new CelError(`unsupported key type: ${typeNameOf(key)}`);
      const kept = part.optional ? (value instanceof Optional ? value.value : new CelError(`cannot initialize optional entry '${showKey(key)}' from non-optional value`)) : value;
      if (kept instanceof CelError) return kept;
      if (kept !== undefined && !map.add(key, kept)) return new CelError(`Failed with repeated key`);
    }
    run.charge(MAP_COST);
    return map;
  };
}

function planStruct(checked: Checked, expr: StructExpr, steps: readonly Step[]): Step {
  const type = checked.typeOf(expr);
  const parts = expr.fields.map(({ name, optional }, index) => ({ name, step: steps[index]!, optional }));
  return (run) => {
    const fields: Record<string, CelValue> = {};
    for (const { name, step, optional } of parts) {
      const value = step(run);
      if (value instanceof CelError) return value;
      const kept = optional && value instanceof Optional ? value.value : value;
      if (kept !== undefined) setField(fields, name, kept);
    }
    run.charge(STRUCT_COST);
    const field = (name: string): { readonly type: CelType; readonly jsonName: string } | undefined => (type.kind === 'object' && type.field(name) ? { type: type.field(name)!.type, jsonName: name } : undefined);
    return new JsonObject(fields, expr.name, field, (name) => name, (value) => value as CelValue);
  };
}

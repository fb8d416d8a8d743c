import type { Bind, Call, Expr, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import { costOf } from './callCosts.ts';
import type { Checked } from './checker.ts';
import { isDyn } from './celType.ts';
import { planComprehension } from './comprehension.ts';
import { elementsMatch, matchesType } from './matchesType.ts';
import { BINARY, negate, not } from './operators.ts';
import type { Overload } from './overload.ts';
import { withVariable } from './step.ts';
import type { Places, Step } from './step.ts';
import type { CelType } from './types.ts';
import { CelError, NO_SUCH_OVERLOAD, noSuchKey } from './values/celError.ts';
import { CelList } from './values/list.ts';
import { CelMap, JsonObject, mapKey, ValueMap } from './values/map.ts';
import { OpaqueValue } from './values/opaque.ts';
import { NONE, Optional, TypeValue } from './values/scalars.ts';
import { showKey } from './values/show.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';

const LIST_COST = 10;
const MAP_COST = 30;
const STRUCT_COST = 40;

/** Turns a checked expression into functions, once, so that nothing needs to be looked up when it runs. */
export function plan(checked: Checked, expr: Expr, places: Places): Step {
  const planned = (part: Expr): Step => plan(checked, part, places);
  switch (expr.kind) {
    case 'literal': {
      const { value } = expr;
      return () => value;
    }
    case 'ident':
      return planName(checked, expr, expr.name, places);
    case 'select':
      return checked.names.has(expr) ? planName(checked, expr, expr.field, places) : planSelect(expr, planned(expr.operand));
    case 'call':
      return planCall(checked, expr, planned);
    case 'list':
      return planList(expr, planned);
    case 'map':
      return planMap(expr, planned);
    case 'struct':
      return planStruct(checked, expr, planned);
    case 'bind':
      return planBind(checked, expr, places);
    default:
      return planComprehension(expr, places, (part, inner) => plan(checked, part, inner));
  }
}

function planName(checked: Checked, expr: Expr, text: string, places: Places): Step {
  const known = checked.names.get(expr);
  if (known?.kind === 'local') {
    const place = places.names.get(known.name)!;
    return (run) => {
      run.charge(1);
      return run.locals[place]!;
    };
  }
  if (known?.kind === 'variable') {
    const { name } = known;
    return (run) => {
      run.charge(1);
      return run.variable(name);
    };
  }
  const value = new TypeValue(known?.name ?? text);
  return (run) => {
    run.charge(1);
    return value;
  };
}

/** A field of a value; undefined where it has none. */
function fieldOf(value: CelValue, field: string): CelValue | undefined {
  if (value instanceof CelMap) return value.get(field);
  if (value instanceof OpaqueValue && value.field) return value.field(field);
  return new CelError(`no such overload: ${typeNameOf(value)}.${field}`);
}

function planSelect({ field, test, optional }: Select, operand: Step): Step {
  return (run) => {
    const value = operand(run);
    if (value instanceof CelError) return value;
    run.charge(1);
    if (value instanceof Optional || optional) {
      const inner = value instanceof Optional ? value.value : value;
      const found = inner === undefined ? undefined : fieldOf(inner, field);
      if (found instanceof CelError) return found;
      if (test) return found !== undefined;
      return found === undefined ? NONE : found instanceof Optional ? found : new Optional(found);
    }
    const found = fieldOf(value, field);
    if (test) return found instanceof CelError ? found : found !== undefined;
    return found === undefined ? noSuchKey(field) : found;
  };
}

function planCall(checked: Checked, expr: Call, planned: (part: Expr) => Step): Step {
  const { name, args, overloads } = checked.calls.get(expr)!;
  const steps = args.map(planned);
  const [first, second, third] = steps;
  switch (name) {
    case '_&&_':
      return logic(first!, second!, false);
    case '_||_':
      return logic(first!, second!, true);
    case '_?_:_':
      return (run) => {
        const condition = first!(run);
        if (condition === true) return second!(run);
        if (condition === false) return third!(run);
        return condition instanceof CelError ? condition : NO_SUCH_OVERLOAD;
      };
    case '!_':
    case '-_': {
      const operator = name === '!_' ? not : negate;
      return (run) => {
        const value = first!(run);
        return value instanceof CelError ? value : operator(value, run);
      };
    }
    case 'or':
    case 'orValue':
      return (run) => {
        const value = first!(run);
        if (value instanceof CelError) return value;
        run.charge(1);
        if (!(value instanceof Optional)) return NO_SUCH_OVERLOAD;
        if (value.value === undefined) return second!(run);
        return name === 'or' ? value : value.value;
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
  return planFunction(name, steps, overloads, args.map((each) => checked.typeOf(each)));
}

/** `&&` and `||`: an error counts only where the other side does not decide. */
function logic(left: Step, right: Step, decides: boolean): Step {
  return (run) => {
    const a = left(run);
    if (a === decides) return decides;
    const b = right(run);
    if (b === decides) return decides;
    if (a instanceof CelError) return a;
    if (b instanceof CelError) return b;
    return typeof a === 'boolean' && typeof b === 'boolean' ? !decides : NO_SUCH_OVERLOAD;
  };
}

function planFunction(name: string, steps: readonly Step[], overloads: readonly Overload[], types: readonly CelType[]): Step {
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
    if (!overload?.run) {
      run.charge(1);
      return new CelError(`no such overload: ${name}(${args.map(typeNameOf).join(', ')})`);
    }
    const { before, after } = only ? cost : costOf(overload);
    run.charge(before(args));
    if (!only && !overload.parameters.every((type, index) => elementsMatch(type, args[index]!))) return new CelError(`no such overload: ${name}(${args.map(typeNameOf).join(', ')})`);
    const result = overload.run(...args);
    if (after) run.charge(after(result));
    return result;
  };
}

/** Whether a type leaves something open until run time. */
function isLoose(type: CelType): boolean {
  if (isDyn(type) || type.kind === 'parameter' || type.kind === 'null') return true;
  if (type.kind === 'list') return isLoose(type.element);
  return type.kind === 'opaque' && type.parameters.some(isLoose);
}

function planList({ elements }: ListExpr, planned: (part: Expr) => Step): Step {
  const parts = elements.map(({ value, optional }) => ({ step: planned(value), optional }));
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

function planMap({ entries }: MapExpr, planned: (part: Expr) => Step): Step {
  const parts = entries.map(({ key, value, optional }) => ({ key: planned(key), value: planned(value), optional }));
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

function planStruct(checked: Checked, expr: StructExpr, planned: (part: Expr) => Step): Step {
  const type = checked.typeOf(expr);
  const parts = expr.fields.map(({ name, value, optional }) => ({ name, step: planned(value), optional }));
  return (run) => {
    const fields: Record<string, CelValue> = {};
    for (const { name, step, optional } of parts) {
      const value = step(run);
      if (value instanceof CelError) return value;
      const kept = optional && value instanceof Optional ? value.value : value;
      if (kept !== undefined) fields[name] = kept;
    }
    run.charge(STRUCT_COST);
    const field = (name: string): { readonly type: CelType; readonly jsonName: string } | undefined => (type.kind === 'object' && type.field(name) ? { type: type.field(name)!.type, jsonName: name } : undefined);
    return new JsonObject(fields, expr.name, field, (name) => name, (value) => value as CelValue);
  };
}

function planBind(checked: Checked, { macro, variable, init, body }: Bind, places: Places): Step {
  const first = plan(checked, init, places);
  const place = places.next;
  const rest = plan(checked, body, withVariable(places, variable));
  return (run) => {
    const value = first(run);
    if (macro === 'bind') {
      // As cel-go, for which a binding is a loop over an empty list.
      run.charge(LIST_COST);
      run.locals[place] = value;
      return rest(run);
    }
    if (value instanceof CelError) return value;
    run.charge(LIST_COST);
    if (!(value instanceof Optional)) return NO_SUCH_OVERLOAD;
    if (value.value === undefined) return NONE;
    run.locals[place] = value.value;
    const result = rest(run);
    return macro === 'optFlatMap' || result instanceof CelError ? result : new Optional(result);
  };
}

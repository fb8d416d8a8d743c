import type { Bind, Call, Comprehension, Expr } from './ast.ts';
import { callEstimate } from './callEstimates.ts';
import type { Sized } from './callEstimates.ts';
import { DYN, isOptional } from './celType.ts';
import type { Checked } from './checker.ts';
import { add, fixed, NOTHING, times, union, UNKNOWN } from './ranges.ts';
import type { Range } from './ranges.ts';
import type { CelType, CostEstimate } from './types.ts';
import { sizeOf } from './values/size.ts';

const ONE = fixed(1);
const NEW_LIST = fixed(10);
const NEW_MAP = fixed(30);
const NEW_STRUCT = fixed(40);

/** What is known of a part: its cost, and how large its value is. */
interface Estimate {
  readonly cost: Range;
  /** Absent where nothing is known. */
  readonly size?: Range;
  /** Of a list's elements or a map's values that an expression made. */
  readonly entry?: Range;
  /** The schema has it: it is reached from a variable. */
  readonly reached?: true;
  /** It is part of something that the expression made. */
  readonly isPart?: true;
}

type Scope = ReadonlyMap<string, Local>;
/** A variable of a macro. */
interface Local {
  readonly size?: Range;
  readonly entry?: Range;
  readonly declared: boolean;
  readonly reached?: true;
  readonly isPart?: true;
}

/** The least and the most that an expression can cost, as cel-go's `checker.Cost` with Kubernetes' estimator: sizes come from the schemas of the variables. */
export function estimateCost(checked: Checked, self: CelType | undefined): CostEstimate {
  return new Estimator(checked, self).estimate(checked.expr, new Map()).cost;
}

class Estimator {
  readonly #checked: Checked;
  readonly #self: CelType | undefined;

  constructor(checked: Checked, self: CelType | undefined) {
    this.#checked = checked;
    this.#self = self;
  }

  estimate(expr: Expr, scope: Scope): Estimate {
    switch (expr.kind) {
      case 'literal':
        return { cost: NOTHING, size: fixed(sizeOf(expr.value)) };
      case 'ident': {
        const local = scope.get(expr.name);
        if (local && !local.declared) return { cost: ONE, ...local };
        return { cost: ONE, ...this.#declared(expr), ...(!local || local.reached ? { reached: true } : {}) };
      }
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list': {
        const parts = expr.elements.map(({ value }) => this.estimate(value, scope));
        return { cost: add(NEW_LIST, ...parts.map(({ cost }) => cost)), size: fixed(parts.length), entry: parts.length === 0 ? NOTHING : union(...parts.map((each) => each.size ?? UNKNOWN)) };
      }
      case 'map': {
        const values = expr.entries.map(({ value }) => this.estimate(value, scope));
        const keys = expr.entries.map(({ key }) => this.estimate(key, scope));
        return { cost: add(NEW_MAP, ...[...values, ...keys].map(({ cost }) => cost)), size: fixed(values.length), entry: values.length === 0 ? NOTHING : union(...values.map((each) => each.size ?? UNKNOWN)) };
      }
      case 'struct':
        return { cost: add(NEW_STRUCT, ...expr.fields.map(({ value }) => this.estimate(value, scope).cost)) };
      case 'bind':
        return this.#bind(expr, scope);
      default:
        return this.#comprehension(expr, scope);
    }
  }

  /**
   * The size of a part of what the expression made, which Kubernetes' estimator takes for the value that a rule is about; nothing of a part of a part, and where there is no such value.
   */
  #partSize({ isPart }: Estimate): { readonly size?: Range } {
    return this.#self?.maxElements === undefined || isPart ? {} : { size: { min: 0, max: this.#self.maxElements } };
  }

  /** The size that the schema gives a value which is reached from a variable; what has no bounds there has none here, either. */
  #declared(expr: Expr): { readonly size?: Range } {
    // Kubernetes' estimator takes the name of a type for that of the value which a rule is about.
    const type = this.#checked.names.get(expr)?.kind === 'type' ? (this.#self ?? DYN) : this.#checked.typeOf(expr);
    if (type.maxElements !== undefined) return { size: { min: 0, max: type.maxElements } };
    return sizeOfType(type);
  }

  #select(expr: Expr & { readonly kind: 'select' }, scope: Scope): Estimate {
    if (this.#checked.names.has(expr)) return { cost: ONE, ...this.#declared(expr), reached: true };
    const operand = this.estimate(expr.operand, scope);
    const { kind } = this.#checked.typeOf(expr.operand);
    // Asking whether there is a field costs nothing, and in cel-go's estimate neither does a field of what is not known to have fields.
    const cost = !expr.test && (expr.optional || kind === 'map' || kind === 'object') ? add(operand.cost, ONE) : operand.cost;
    if (expr.test) return { cost, size: ONE };
    if (operand.reached) return { cost, ...this.#declared(expr), reached: true };
    return { cost, ...sizeOfType(this.#checked.typeOf(expr)), ...this.#partSize(operand), isPart: true };
  }

  #call(expr: Call, scope: Scope): Estimate {
    const { name, args, overloads } = this.#checked.calls.get(expr)!;
    const parts = args.map((each) => this.estimate(each, scope));
    const [first, second, third] = parts;
    const known = (part: Estimate | undefined): Range => part?.size ?? UNKNOWN;
    switch (name) {
      case '_&&_':
      case '_||_':
        return { cost: { min: first!.cost.min, max: add(first!.cost, second!.cost).max }, size: ONE };
      case '_?_:_':
        return { cost: add(first!.cost, union(second!.cost, third!.cost)), size: union(known(second), known(third)), ...(second!.entry && third!.entry ? { entry: union(second!.entry, third!.entry) } : {}) };
      case 'dyn':
        return { ...first!, cost: add(first!.cost, ONE) };
    }
    const sized: Sized[] = args.map((each, index) => ({ type: this.#checked.typeOf(each), size: known(parts[index]), declared: parts[index]!.reached === true, ...constantOf(each) }));
    const estimates = overloads.map((overload) => callEstimate(overload, sized));
    const cost = add(union(...estimates.map((each) => each.cost)), ...parts.map((part) => part.cost));
    const sizes = estimates.flatMap(({ size }) => size ?? []);
    const entry = name === '_+_' && first!.entry && second!.entry ? { entry: union(first!.entry, second!.entry) } : {};
    if (name === '_[_]') {
      if (first!.reached) return { cost, ...(first!.entry ? { size: first!.entry } : this.#declared(expr)), reached: true };
      return { cost, ...(first!.entry ? { size: first!.entry } : { ...sizeOfType(this.#checked.typeOf(expr)), ...this.#partSize(first!) }), isPart: true };
    }
    return { cost, ...(sizes.length > 0 ? { size: union(...sizes) } : sizeOfType(this.#checked.typeOf(expr))), ...entry };
  }

  #bind({ macro, variable, init, body }: Bind, scope: Scope): Estimate {
    const value = this.estimate(init, scope);
    const size = macro === 'bind' ? value.size : undefined;
    const inner = new Map([...scope, [variable, { ...(size ? { size } : {}), ...(value.entry && macro === 'bind' ? { entry: value.entry } : {}), declared: false }]]);
    const rest = this.estimate(body, inner);
    if (macro === 'bind') return { ...rest, cost: add(NEW_LIST, value.cost, rest.cost) };
    // A choice: the value is asked for once more where there is one, and the result is wrapped.
    const present = add(NEW_LIST, value.cost, ONE, rest.cost, macro === 'optMap' ? ONE : NOTHING);
    return { cost: add(value.cost, ONE, union(present, ONE)) };
  }

  #comprehension({ macro, range, variable, second, predicate, result }: Comprehension, scope: Scope): Estimate {
    const over = this.estimate(range, scope);
    const part: { readonly size?: Range } = over.reached ? {} : this.#partSize(over);
    const local: Local = { ...(over.entry ? { size: over.entry } : {}), ...part, declared: over.entry === undefined && part.size === undefined, ...(over.reached ? { reached: true as const } : { isPart: true as const }) };
    const counter: Local = { size: ONE, ...part, declared: false };
    const inner = new Map<string, Local>([...scope, ...(second === undefined ? [[variable, local] as const] : [[variable, this.#checked.typeOf(range).kind === 'list' ? counter : local] as const, [second, local] as const])]);
    const test = predicate && this.estimate(predicate, inner).cost;
    const made = result && this.estimate(result, inner);
    const rounds = over.size ?? UNKNOWN;
    const { start, round, end } = loopCost(macro, test ?? NOTHING, made?.cost ?? NOTHING, predicate !== undefined);
    const cost = add(over.cost, start, times(rounds, round), end);
    if (macro === 'all' || macro === 'exists' || macro === 'existsOne') return { cost, size: ONE };
    const entry = made?.size ?? over.entry ?? declaredElement(this.#checked.typeOf(range));
    // The list that it begins with is empty.
    return { cost, size: rounds, ...(entry ? { entry: { min: 0, max: entry.max } } : {}) };
  }
}

/** A number that an expression spells out. */
const constantOf = (expr: Expr): { readonly constant?: number } => (expr.kind === 'literal' && typeof expr.value === 'number' ? { constant: expr.value } : {});

function declaredElement(type: CelType): Range | undefined {
  if (type.kind !== 'list') return undefined;
  return type.element.maxElements === undefined ? sizeOfType(type.element).size : { min: 0, max: type.element.maxElements };
}

/** Scalars that an expression makes count as 1, perhaps within an optional value. */
function sizeOfType(type: CelType): { readonly size?: Range } {
  if (isOptional(type)) return sizeOfType(type.parameters[0]!);
  return ['bool', 'int', 'uint', 'double', 'timestamp', 'duration'].includes(type.kind) ? { size: ONE } : {};
}

/** What a macro costs as the loop over an accumulator that cel-go makes of it. */
function loopCost(macro: Comprehension['macro'], test: Range, made: Range, hasTest: boolean): { readonly start: Range; readonly round: Range; readonly end: Range } {
  switch (macro) {
    case 'all':
      return { start: NOTHING, round: add(fixed(2), { min: 1, max: 1 + test.max }), end: ONE };
    case 'exists':
      return { start: NOTHING, round: add(fixed(3), { min: 1, max: 1 + test.max }), end: ONE };
    case 'existsOne':
      return { start: NOTHING, round: add(test, { min: 1, max: 2 }), end: fixed(2) };
    case 'map':
    case 'filter':
    case 'transformList': {
      const append = add(fixed(macro === 'filter' ? 13 : 12), made);
      return { start: NEW_LIST, round: hasTest ? add(test, union(append, ONE)) : append, end: ONE };
    }
    default: {
      const insert = add(fixed(macro === 'transformMap' ? 3 : 2), made);
      return { start: NEW_MAP, round: hasTest ? add(test, union(insert, ONE)) : insert, end: ONE };
    }
  }
}

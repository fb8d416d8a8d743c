import type { Bind, Call, Comprehension, Expr, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import { BOOL, BYTES, DOUBLE, DYN, ERROR, formatType, INT, isDyn, isOptional, listOf, mapOf, NULL, optionalOf, parameter, sameType, STRING, typeOfType, UINT } from './celType.ts';
import type { Functions } from './functions.ts';
import type { Issue } from './issues.ts';
import type { Overload } from './overload.ts';
import { qualified } from './parser.ts';
import { TYPE_NAMES } from './typeNames.ts';
import type { CelType, CompileOptions, Environment } from './types.ts';
import { assignable, mostGeneral, substitute } from './unify.ts';
import type { Substitution } from './unify.ts';
import { Bytes, Double, Uint } from './values/scalars.ts';
import type { CelValue } from './values/value.ts';

/** What the checker found out about an expression. */
export interface Checked {
  readonly expr: Expr;
  readonly issues: readonly Issue[];
  typeOf(expr: Expr): CelType;
  /** What an identifier, or a chain of selections that is one name, stands for. */
  readonly names: ReadonlyMap<Expr, Name>;
  /** The forms that a call may mean; more than one only where types are known at run time alone. */
  readonly calls: ReadonlyMap<Call, Resolved>;
  readonly references: ReadonlySet<string>;
}

export type Name = { readonly kind: 'variable'; readonly name: string } | { readonly kind: 'local'; readonly name: string } | { readonly kind: 'type'; readonly name: string };

export interface Resolved {
  readonly name: string;
  /** The target first, where there is one. */
  readonly args: readonly Expr[];
  readonly overloads: readonly Overload[];
}

interface Scope {
  readonly name: string;
  readonly type: CelType;
  readonly outer: Scope | undefined;
}

/** Finds the type of every part of an expression, and what its names and calls mean; as cel-go's checker, with its messages. */
export function check(expr: Expr, environment: Environment, functions: Functions, options: CompileOptions = {}): Checked {
  const checker = new Checker(environment, functions);
  const result = checker.check(expr, undefined);
  const { resultTypes } = options;
  const type = checker.typeOf(expr);
  if (checker.issues.length === 0 && resultTypes && !isDyn(result) && !resultTypes.some((each) => sameType(each, type))) {
    checker.issues.push({ at: expr.at, text: `expected type '${resultTypes.map(formatType).join("' or '")}' but found '${formatType(type)}'` });
  }
  return { expr, issues: checker.issues, typeOf: (each) => checker.typeOf(each), names: checker.names, calls: checker.calls, references: checker.references };
}

class Checker {
  readonly issues: Issue[] = [];
  readonly names = new Map<Expr, Name>();
  readonly calls = new Map<Call, Resolved>();
  readonly references = new Set<string>();
  readonly #environment: Environment;
  readonly #functions: Functions;
  readonly #types = new Map<Expr, CelType>();
  readonly #bound: Substitution = new Map();
  #parameters = 0;

  constructor(environment: Environment, functions: Functions) {
    this.#environment = environment;
    this.#functions = functions;
  }

  typeOf(expr: Expr): CelType {
    return substitute(this.#bound, this.#types.get(expr) ?? ERROR, false);
  }

  check(expr: Expr, scope: Scope | undefined): CelType {
    const type = this.#check(expr, scope);
    this.#types.set(expr, type);
    return type;
  }

  #check(expr: Expr, scope: Scope | undefined): CelType {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#name(expr, expr.name, scope) ?? this.#report(expr.at, `undeclared reference to '${expr.name}' (in container '')`);
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list':
        return this.#list(expr, scope);
      case 'map':
        return this.#map(expr, scope);
      case 'struct':
        return this.#struct(expr, scope);
      case 'comprehension':
        return this.#comprehension(expr, scope);
      default:
        return this.#bind(expr, scope);
    }
  }

  #report(at: number, text: string): CelType {
    this.issues.push({ at, text });
    return ERROR;
  }

  #fresh(): CelType {
    this.#parameters += 1;
    return parameter(`_var${this.#parameters - 1}`);
  }

  #resolved(type: CelType): CelType {
    return substitute(this.#bound, type);
  }

  /** What a name stands for: a variable of a macro, of the environment, or a type. */
  #name(expr: Expr, written: string, scope: Scope | undefined): CelType | undefined {
    const name = withoutDot(written);
    for (let at = scope; at; at = at.outer) {
      if (at.name !== name) continue;
      this.names.set(expr, { kind: 'local', name });
      return at.type;
    }
    const { variables } = this.#environment;
    if (Object.hasOwn(variables, name)) {
      this.names.set(expr, { kind: 'variable', name });
      this.references.add(name);
      return variables[name]!;
    }
    const type = Object.hasOwn(TYPE_NAMES, name) ? TYPE_NAMES[name] : undefined;
    if (!type) return undefined;
    this.names.set(expr, { kind: 'type', name });
    return typeOfType(type);
  }

  #select(expr: Select, scope: Scope | undefined): CelType {
    const name = qualified(expr);
    // A chain may be one name (`authorizer.requestResource`), unless it begins with a variable of a macro.
    if (name !== undefined && !isLocal(name.slice(0, name.indexOf('.')), scope)) {
      const type = this.#name(expr, name, scope);
      if (type) return type;
    }
    const operand = this.#resolved(this.check(expr.operand, scope));
    const inner = isOptional(operand) ? this.#resolved(operand.parameters[0]!) : operand;
    const field = this.#field(expr, inner);
    if (expr.test) return BOOL;
    return expr.optional || isOptional(operand) ? optionalOf(field) : field;
  }

  #field({ at, field }: Select, type: CelType): CelType {
    if (type.kind === 'map') return type.value;
    if (type.kind === 'object') return type.field(field)?.type ?? this.#report(at, `undefined field '${field}'`);
    if (type.kind === 'parameter') assignable(this.#bound, [DYN], [type]);
    else if (!isDyn(type)) this.#report(at, `type '${formatType(type)}' does not support field selection`);
    return DYN;
  }

  #call(expr: Call, scope: Scope | undefined): CelType {
    const { name, target, args } = expr;
    for (const each of args) this.check(each, scope);
    if (!target) {
      const overloads = this.#functions.get(withoutDot(name));
      if (!overloads) return this.#report(expr.at, `undeclared reference to '${name}' (in container '')`);
      return name === '_&&_' || name === '_||_' ? this.#logic(expr, overloads) : this.#resolve(expr, withoutDot(name), args, overloads, false);
    }
    const prefix = qualified(target);
    const spaced = prefix === undefined ? undefined : withoutDot(`${prefix}.${name}`);
    const inSpace = spaced === undefined ? undefined : this.#functions.get(spaced);
    if (inSpace) return this.#resolve(expr, spaced!, args, inSpace, false);
    this.check(target, scope);
    const overloads = this.#functions.get(name);
    if (!overloads) return this.#report(expr.at, `undeclared reference to '${name}' (in container '')`);
    return this.#resolve(expr, name, [target, ...args], overloads, true);
  }

  /** `&&` and `||`, of which each side is told apart. */
  #logic(expr: Call, overloads: readonly Overload[]): CelType {
    const { name, args } = expr;
    this.calls.set(expr, { name, args, overloads });
    const sound = args.map((each) => this.#expectBool(each));
    return sound.every(Boolean) ? BOOL : ERROR;
  }

  #expectBool(expr: Expr): boolean {
    const type = this.#types.get(expr)!;
    if (assignable(this.#bound, [type], [BOOL])) return true;
    this.#report(expr.at, `expected type 'bool' but found '${formatType(type)}'`);
    return false;
  }

  #resolve(expr: Call, name: string, args: readonly Expr[], overloads: readonly Overload[], isMember: boolean): CelType {
    const types = args.map((each) => this.#types.get(each)!);
    let result: CelType | undefined;
    const found: Overload[] = [];
    for (const overload of overloads) {
      if (overload.member !== isMember) continue;
      const fresh = this.#instance(overload);
      if (overload.parameters.length !== args.length || !assignable(this.#bound, types, fresh.parameters)) continue;
      found.push(overload);
      const type = this.#resolved(fresh.result);
      if (!result) result = type;
      else if (!isDyn(result) && !sameType(result, type)) result = DYN;
    }
    if (!result) return this.#report(expr.at, this.#noOverload(name, types, isMember));
    this.calls.set(expr, { name, args, overloads: found });
    return result;
  }

  #noOverload(name: string, types: readonly CelType[], isMember: boolean): string {
    const shown = types.map((each) => formatType(substitute(this.#bound, each, false)));
    const signature = isMember ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`;
    return `found no matching overload for '${name}' applied to '${signature}'`;
  }

  /** An overload with type parameters of its own for this use. */
  #instance(overload: Overload): Pick<Overload, 'parameters' | 'result'> {
    const own: Substitution = new Map();
    const rename = (type: CelType): CelType => {
      collect(type, (name) => void (own.has(name) || own.set(name, this.#fresh())));
      return substitute(own, type);
    };
    return { parameters: overload.parameters.map(rename), result: rename(overload.result) };
  }

  /** The type that holds both; whether literals may mix types is asked when all is checked (`validators.ts`). */
  #join(before: CelType | undefined, type: CelType): CelType {
    if (!before) return type;
    return assignable(this.#bound, [before], [type]) ? mostGeneral(before, type) : DYN;
  }

  #unwrapped(expr: Expr, optional: boolean, scope: Scope | undefined): CelType {
    const type = this.#resolved(this.check(expr, scope));
    if (!optional || type.kind === 'dyn') return type;
    if (isOptional(type)) return type.parameters[0]!;
    this.#report(expr.at, `expected type 'optional_type(${formatType(type)})' but found '${formatType(type)}'`);
    return type;
  }

  #list({ elements }: ListExpr, scope: Scope | undefined): CelType {
    let type: CelType | undefined;
    for (const { value, optional } of elements) type = this.#join(type, this.#unwrapped(value, optional, scope));
    return listOf(type ?? this.#fresh());
  }

  #map({ entries }: MapExpr, scope: Scope | undefined): CelType {
    let keyType: CelType | undefined;
    let valueType: CelType | undefined;
    for (const { key, value, optional } of entries) {
      keyType = this.#join(keyType, this.#unwrapped(key, false, scope));
      valueType = this.#join(valueType, this.#unwrapped(value, optional, scope));
    }
    return mapOf(keyType ?? this.#fresh(), valueType ?? this.#fresh());
  }

  #struct(expr: StructExpr, scope: Scope | undefined): CelType {
    const name = withoutDot(expr.name);
    const type = this.#environment.constructs?.(name);
    if (!type) return this.#report(expr.at, Object.hasOwn(TYPE_NAMES, name) ? `'${name}' is not a message type` : `undeclared reference to '${expr.name}' (in container '')`);
    for (const { at, name: fieldName, value, optional } of expr.fields) {
      const given = this.#unwrapped(value, optional, scope);
      const field = type.field(fieldName);
      if (!field) this.#report(at, `undefined field '${fieldName}'`);
      else if (!assignable(this.#bound, [given], [field.type])) this.#report(at, `expected type of field '${fieldName}' is '${formatType(field.type)}' but provided type is '${formatType(this.#resolved(given))}'`);
    }
    return type;
  }

  #comprehension(expr: Comprehension, scope: Scope | undefined): CelType {
    const { macro, range, variable, second, predicate, result } = expr;
    const type = this.#resolved(this.check(range, scope));
    const [first, other] = this.#elements(range, type, second !== undefined);
    let inner: Scope = { name: variable, type: first, outer: scope };
    if (second !== undefined) inner = { name: second, type: other, outer: inner };
    const test = predicate && this.#resolved(this.check(predicate, inner));
    const made = result && this.#resolved(this.check(result, inner));
    const element = made ?? first;
    if (predicate && (macro === 'all' || macro === 'exists')) this.#expectBool(predicate);
    else if (test && !assignable(this.#bound, [test], [BOOL])) this.#report(expr.at, wrongPredicate(macro, formatType(test), formatType(substitute(this.#bound, element, false))));
    switch (macro) {
      case 'all':
      case 'exists':
      case 'existsOne':
        return BOOL;
      case 'map':
      case 'transformList':
      case 'filter':
        return listOf(element);
      case 'transformMap':
        return mapOf(type.kind === 'list' ? INT : first, element);
      default:
        return this.#entryOf(expr, element);
    }
  }

  #entryOf({ at }: Comprehension, entry: CelType): CelType {
    if (entry.kind === 'map' || isDyn(entry)) return entry;
    return this.#report(at, `found no matching overload for 'cel.@mapInsert' applied to '(map(dyn, dyn), ${formatType(entry)})'`);
  }

  #elements(range: Expr, type: CelType, two: boolean): readonly [first: CelType, second: CelType] {
    if (type.kind === 'list') return two ? [INT, type.element] : [type.element, DYN];
    if (type.kind === 'map') return [type.key, type.value];
    if ((isDyn(type) && !('isAny' in type)) || type.kind === 'parameter') {
      if (type.kind === 'parameter') assignable(this.#bound, [DYN], [type]);
      return type.kind === 'error' ? [ERROR, ERROR] : [DYN, DYN];
    }
    const error = this.#report(range.at, `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
    return [error, error];
  }

  #bind({ macro, variable, init, body, at }: Bind, scope: Scope | undefined): CelType {
    const type = this.#resolved(this.check(init, scope));
    if (macro === 'bind') return this.check(body, { name: variable, type, outer: scope });
    const fits = isOptional(type) || isDyn(type) || type.kind === 'parameter';
    if (!fits) for (const name of ['hasValue', 'value']) this.#report(at, `found no matching overload for '${name}' applied to '${formatType(type)}.()'`);
    const inner = isOptional(type) ? type.parameters[0]! : fits ? DYN : ERROR;
    const result = this.#resolved(this.check(body, { name: variable, type: inner, outer: scope }));
    if (macro === 'optMap') return optionalOf(result);
    if (isOptional(result) || isDyn(result)) return result;
    return this.#report(at, `found no matching overload for '_?_:_' applied to '(bool, ${formatType(result)}, optional_type(dyn))'`);
  }
}

/** A name that begins with a dot is meant from the outermost container on, as all names are here. */
const withoutDot = (name: string): string => (name.startsWith('.') ? name.slice(1) : name);

function collect(type: CelType, visit: (parameter: string) => void): void {
  if (type.kind === 'parameter') visit(type.name);
  else if (type.kind === 'list') collect(type.element, visit);
  else if (type.kind === 'map') [type.key, type.value].forEach((each) => collect(each, visit));
  else if (type.kind === 'opaque') type.parameters.forEach((each) => collect(each, visit));
  else if (type.kind === 'type' && type.of) collect(type.of, visit);
}

/** What cel-go, for which a macro is a loop over an accumulator, says of a predicate that is no bool. */
function wrongPredicate(macro: Comprehension['macro'], type: string, element: string): string {
  const branches = macro === 'existsOne' ? 'int, int' : `list(${element}), list(${element})`;
  return `found no matching overload for '_?_:_' applied to '(${type}, ${branches})'`;
}

function literalType(value: CelValue): CelType {
  if (value === null) return NULL;
  if (typeof value === 'boolean') return BOOL;
  if (typeof value === 'string') return STRING;
  if (value instanceof Double) return DOUBLE;
  if (value instanceof Uint) return UINT;
  return value instanceof Bytes ? BYTES : INT;
}

function isLocal(name: string, scope: Scope | undefined): boolean {
  for (let at = scope; at; at = at.outer) if (at.name === name) return true;
  return false;
}

import type { Call, Expr, ListExpr, MapExpr } from './ast.ts';
import { formatType, isDyn, isOptional, sameType } from './celType.ts';
import type { Checked } from './checker.ts';
import type { Issue } from './issues.ts';
import { FormatFault, parseFormat, wrongType } from './library/formatClauses.ts';
import type { Clause } from './library/formatClauses.ts';
import { matchesType } from './matchesType.ts';
import type { CelType } from './types.ts';
import { CelError } from './values/celError.ts';
import type { CelValue } from './values/value.ts';
import { partsOf } from './walk.ts';

/** Functions whose constant argument is tried when the expression is compiled, with its place among the arguments. */
const TRIED: Readonly<Record<string, number>> = { duration: 0, timestamp: 0, matches: 1 };

/** What an expression without faults of form and type must keep to, beside: constants that have a value, literals of one type, formats that fit their values (cel-go's validators). */
export function validate(checked: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  visit(checked, checked.expr, false, (at, text) => void issues.push({ at, text }));
  return issues;
}

type Report = (at: number, text: string) => void;

function visit(checked: Checked, expr: Expr, inFormat: boolean, report: Report): void {
  const isFormat = expr.kind === 'call' && expr.name === 'format';
  if (expr.kind === 'call') {
    validateConstant(checked, expr, report);
    if (isFormat) validateFormat(checked, expr, report);
  }
  // What a format shows may be of any types.
  if (!inFormat && expr.kind === 'list') validateElements(checked, expr, report);
  if (!inFormat && expr.kind === 'map') validateEntries(checked, expr, report);
  for (const part of partsOf(expr)) visit(checked, part, inFormat || isFormat, report);
}

/** Constants that can never be what they are given for. */
function validateConstant(checked: Checked, call: Call, report: Report): void {
  const at = Object.hasOwn(TRIED, call.name) ? TRIED[call.name]! : undefined;
  const argument = at === undefined ? undefined : checked.calls.get(call)?.args[at];
  if (argument?.kind === 'literal' && !isSound(checked, call, argument.value)) report(argument.at, `invalid ${call.name} argument`);
}

function isSound(checked: Checked, call: Call, value: CelValue): boolean {
  const overload = checked.calls.get(call)!.overloads.find(({ parameters }) => matchesType(parameters.at(-1)!, value));
  return !overload?.run || !(overload.run(...(call.name === 'matches' ? ['', value] : [value])) instanceof CelError);
}

const mixed = (expected: CelType, found: CelType): string => `expected type '${formatType(expected)}' but found '${formatType(found)}'`;

function typeWithin(checked: Checked, expr: Expr, optional: boolean): CelType {
  const type = checked.typeOf(expr);
  return optional && isOptional(type) ? type.parameters[0]! : type;
}

function validateElements(checked: Checked, { elements }: ListExpr, report: Report): void {
  const [first, ...others] = elements.map(({ value, optional }) => ({ at: value.at, type: typeWithin(checked, value, optional) }));
  const other = first && others.find(({ type }) => !sameType(first.type, type));
  if (other) report(other.at, mixed(first.type, other.type));
}

function validateEntries(checked: Checked, { entries }: MapExpr, report: Report): void {
  const [first, ...others] = entries.map(({ key, value, optional }) => ({ key, keyType: checked.typeOf(key), value, type: typeWithin(checked, value, optional) }));
  if (!first) return;
  for (const { key, keyType, value, type } of others) {
    if (!sameType(first.keyType, keyType)) report(key.at, mixed(first.keyType, keyType));
    if (!sameType(first.type, type)) report(value.at, mixed(first.type, type));
  }
}

/** A format that is a constant, of values that stand in a list. */
function validateFormat(checked: Checked, call: Call, report: Report): void {
  const [list] = call.args;
  const { target } = call;
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list' || call.args.length !== 1) return;
  let next = 0;
  let current: Expr | undefined;
  try {
    for (const part of parseFormat(target.value, () => list.elements.length)) {
      if (typeof part === 'string') continue;
      current = list.elements[next]!.value;
      next += 1;
      current = unfit(checked, current, part.verb);
      if (current) throw wrongType(part.verb, kindName(checked.typeOf(current)));
    }
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    return report((current ?? call).at, error.message);
  }
  if (list.elements.length > next) report(call.at, `too many arguments supplied to string.format (expected ${next}, got ${list.elements.length})`);
}

const SHOWN: readonly CelType['kind'][] = ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'];
const FITS: Readonly<Record<Clause['verb'], readonly CelType['kind'][]>> = { s: SHOWN, d: ['int', 'uint'], f: ['double', 'string'], e: ['double', 'string'], b: ['int', 'uint', 'bool'], x: ['int', 'uint', 'string', 'bytes'], X: ['int', 'uint', 'string', 'bytes'], o: ['int', 'uint'] };

/** The value, or the part of it, that a clause cannot show. */
function unfit(checked: Checked, expr: Expr, verb: Clause['verb']): Expr | undefined {
  const type = checked.typeOf(expr);
  if (!isDyn(type) && !FITS[verb].includes(type.kind)) return expr;
  if (verb !== 's' || (expr.kind !== 'list' && expr.kind !== 'map')) return undefined;
  for (const part of partsOf(expr)) {
    const found = unfit(checked, part, verb);
    if (found) return found;
  }
  return undefined;
}

/** A type's name, without what it holds. */
function kindName(type: CelType): string {
  switch (type.kind) {
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'null':
      return 'null_type';
    case 'opaque':
      return type.name;
    default:
      return type.kind === 'object' ? type.name : type.kind;
  }
}

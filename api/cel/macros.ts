import type { Expr, MacroKind } from './ast.ts';
import { SyntaxIssue } from './lexer.ts';

const OVER_ONE: Readonly<Record<string, MacroKind>> = { all: 'all', exists: 'exists', exists_one: 'existsOne', map: 'map', filter: 'filter' };
const OVER_TWO: Readonly<Record<string, MacroKind>> = { all: 'all', exists: 'exists', exists_one: 'existsOne', existsOne: 'existsOne', transformList: 'transformList', transformMap: 'transformMap', transformMapEntry: 'transformMapEntry' };

/** What a call stands for if it is a macro; undefined if it is a call. Throws `SyntaxIssue` where a macro's arguments are not what it takes. */
export function expandMacro(name: string, target: Expr | undefined, args: readonly Expr[], at: number, bindings: boolean): Expr | undefined {
  if (!target) return name === 'has' && args.length === 1 ? has(args[0]!, at) : undefined;
  if (bindings && target.kind === 'ident' && target.name === 'cel' && name === 'bind' && args.length === 3) {
    return { kind: 'bind', macro: 'bind', at, variable: variableName(args[0]!, 'cel.bind() variable names must be simple identifiers'), init: args[1]!, body: args[2]! };
  }
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    return { kind: 'bind', macro: name, at, variable: variableName(args[0]!, `${name}() variable name must be a simple identifier`), init: target, body: args[1]! };
  }
  if (name === 'sortBy' && args.length === 2) return sortBy(target, args, at);
  return overOne(name, target, args, at) ?? overTwo(name, target, args, at);
}

/** The list is sorted by what the macro `map` makes of it. */
function sortBy(target: Expr, args: readonly Expr[], at: number): Expr {
  if (target.kind === 'literal' || target.kind === 'map' || target.kind === 'struct') throw new SyntaxIssue(target.at, 'sortBy can only be applied to a list, identifier, comprehension, call or select expression');
  const variable = '@__sortBy_input__';
  const input = (): Expr => ({ kind: 'ident', at, name: variable });
  const keys = overOne('map', input(), args, at)!;
  return { kind: 'bind', macro: 'bind', at, variable, init: target, body: { kind: 'call', at, name: '@sortByAssociatedKeys', target: input(), args: [keys] } };
}

function has(operand: Expr, at: number): Expr {
  if (operand.kind !== 'select' || operand.optional) throw new SyntaxIssue(operand.at, 'invalid argument to has() macro');
  return { ...operand, at, test: true };
}

function overOne(name: string, range: Expr, args: readonly Expr[], at: number): Expr | undefined {
  const macro = Object.hasOwn(OVER_ONE, name) ? OVER_ONE[name] : undefined;
  if (!macro || !(args.length === 2 || (args.length === 3 && macro === 'map'))) return undefined;
  const variable = loopVariable(args[0]!, macro === 'map' || macro === 'filter' ? 'argument is not an identifier' : 'argument must be a simple name');
  const [, second, third] = args;
  const parts = macro !== 'map' ? { predicate: second, result: undefined } : third ? { predicate: second, result: third } : { predicate: undefined, result: second };
  return { kind: 'comprehension', macro, at, range, variable, second: undefined, ...parts };
}

function overTwo(name: string, range: Expr, args: readonly Expr[], at: number): Expr | undefined {
  const macro = Object.hasOwn(OVER_TWO, name) ? OVER_TWO[name] : undefined;
  const transforms = macro?.startsWith('transform') ?? false;
  if (!macro || !(args.length === 3 || (args.length === 4 && transforms))) return undefined;
  const names = args.slice(0, 2).map((each) => variableName(each, 'argument must be a simple name'));
  if (names[0] === names[1]) throw new SyntaxIssue(args[1]!.at, `duplicate variable name: ${names[0]}`);
  const [variable, secondVariable] = [loopVariable(args[0]!), loopVariable(args[1]!)];
  const [, , third, fourth] = args;
  const parts = !transforms ? { predicate: third, result: undefined } : fourth ? { predicate: third, result: fourth } : { predicate: undefined, result: third };
  return { kind: 'comprehension', macro, at, range, variable, second: secondVariable, ...parts };
}

/** cel-go's name for what a loop comes to. */
const ACCUMULATOR = '__result__';

function loopVariable(expr: Expr, fault = ''): string {
  const name = variableName(expr, fault);
  if (name === ACCUMULATOR) throw new SyntaxIssue(expr.at, 'iteration variable overwrites accumulator variable');
  return name;
}

function variableName(expr: Expr, fault: string): string {
  if (expr.kind !== 'ident' || expr.name.startsWith('.')) throw new SyntaxIssue(expr.at, fault);
  return expr.name;
}

import type { Expr } from './ast.ts';

/** Calls `visit` for an expression and all of its parts. */
export function forEachPart(expr: Expr, visit: (part: Expr) => void): void {
  visit(expr);
  for (const part of partsOf(expr)) forEachPart(part, visit);
}

/** The parts of an expression. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case 'list':
      return expr.elements.map(({ value }) => value);
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expr.fields.map(({ value }) => value);
    case 'bind':
      return [expr.init, expr.body];
    default:
      return [expr.range, expr.predicate, expr.result].filter((part) => part !== undefined);
  }
}

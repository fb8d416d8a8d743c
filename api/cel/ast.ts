import type { CelValue } from './values/value.ts';

interface Node {
  /** Where cel-go reports what is wrong with it: an index into the text's code points. */
  readonly at: number;
}

export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension | Bind;

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: CelValue;
}

export interface Ident extends Node {
  readonly kind: 'ident';
  readonly name: string;
}

export interface Select extends Node {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  /** `has(a.b)`. */
  readonly test: boolean;
  /** `a.?b`. */
  readonly optional: boolean;
}

/** A function, or an operator by the name that messages give it (`_+_`, `_[_]`, `@in`). */
export interface Call extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

export interface ListExpr extends Node {
  readonly kind: 'list';
  readonly elements: readonly { readonly value: Expr; readonly optional: boolean }[];
}

export interface MapEntry {
  readonly at: number;
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapExpr extends Node {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

export interface StructExpr extends Node {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly { readonly at: number; readonly name: string; readonly value: Expr; readonly optional: boolean }[];
}

export type MacroKind = 'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry';

/** A macro over a list or a map: `range.all(x, predicate)`, `range.map(x, filter, result)`, `range.transformMap(k, v, filter, result)`. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly macro: MacroKind;
  readonly range: Expr;
  readonly variable: string;
  readonly second: string | undefined;
  readonly predicate: Expr | undefined;
  readonly result: Expr | undefined;
}

/** `cel.bind(x, init, body)`, and what `optMap` and `optFlatMap` do with an optional value. */
export interface Bind extends Node {
  readonly kind: 'bind';
  readonly macro: 'bind' | 'optMap' | 'optFlatMap';
  readonly variable: string;
  readonly init: Expr;
  readonly body: Expr;
}

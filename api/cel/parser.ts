import type { Expr, ListExpr, MapEntry, StructExpr } from './ast.ts';
import { RESERVED } from './escape.ts';
import type { Issue } from './issues.ts';
import { SyntaxIssue, tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';
import { bytesLiteral, doubleLiteral, intLiteral, LiteralFault, stringLiteral, uintLiteral } from './literals.ts';
import { expandMacro } from './macros.ts';
import { MAX_EXPRESSION_LENGTH } from './types.ts';
import type { CelValue } from './values/value.ts';

/** How deep an expression may be nested, as for cel-go. */
const MAX_DEPTH = 250;
const TOO_DEEP = `expression recursion limit exceeded: ${MAX_DEPTH}`;

/** What an expression can begin with, and what else may stand in its place, in the order that ANTLR has. */
const startsOr = (...others: readonly string[]): string => {
  const marks = ['[', ']', '{', '}', '(', ')', '.', ',', '-', '!', '?'].filter((mark) => ['[', '{', '(', '.', '-', '!', ...others].includes(mark));
  return `{${marks.map((mark) => `'${mark}'`).join(', ')}, 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`;
};
const STARTS = startsOr();
/** What can follow a part of an expression, whatever it stands in. */
const BEHIND = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||', '+', '-', '*', '/', '%', '?', '.', '[']);
/** Of a field's name in backticks, which Kubernetes' environment does not take. */
const ESCAPED_NAME = "unsupported syntax: '`'";
/** Faults after which nothing more is looked at, as for cel-go. */
const MOST_FAULTS = 100;
const KEYWORDS: Readonly<Record<string, CelValue>> = { true: true, false: false, null: null };
const RELATIONS: Readonly<Record<string, string>> = { '==': '_==_', '!=': '_!=_', '<': '_<_', '<=': '_<=_', '>': '_>_', '>=': '_>=_', in: '@in' };
const SUMS: Readonly<Record<string, string>> = { '+': '_+_', '-': '_-_' };
const PRODUCTS: Readonly<Record<string, string>> = { '*': '_*_', '/': '_/_', '%': '_%_' };

/** An expression of a text, with its macros expanded; or why it is none. `bindings`: `cel.bind` is a macro. */
export function parse(text: string, bindings = false): { readonly expr: Expr; readonly issues?: undefined } | { readonly issues: readonly Issue[] } {
  if (text.length > MAX_EXPRESSION_LENGTH) return { issues: [{ at: 0, text: `expression code point size exceeds limit: size: ${text.length}, limit ${MAX_EXPRESSION_LENGTH}` }] };
  const issues: Issue[] = [];
  const report = (issue: Issue): void => void (issues.length < MOST_FAULTS && issues.push(issue));
  try {
    const expr = new Parser(tokenize(text, report), bindings, report).parseAll();
    return issues.length > 0 ? { issues } : { expr };
  } catch (error) {
    if (error instanceof SyntaxIssue) return { issues: [...issues, error.issue] };
    if (error instanceof GaveUp) return { issues };
    throw error;
  }
}

/** What follows a fault cannot be read; it was reported. */
class GaveUp extends Error {}

class Parser {
  readonly #tokens: readonly Token[];
  /** How deep each expression is that was built. */
  readonly #depths = new WeakMap<Expr, number>();
  readonly #bindings: boolean;
  readonly #report: (issue: Issue) => void;
  /** Marks that end what is being read, the outermost first; one is `,` or `:` where several parts stand between. */
  readonly #ends: (readonly string[])[] = [];
  #next = 0;
  #nesting = 0;
  /** Since the last fault no token was what it should be: what else is wrong only follows from it. */
  #isLost = false;
  #wasLost = false;
  /** What messages say that an expression could begin with here. */
  #wanted = STARTS;

  constructor(tokens: readonly Token[], bindings: boolean, report: (issue: Issue) => void) {
    this.#tokens = tokens;
    this.#bindings = bindings;
    this.#report = report;
  }

  parseAll(): Expr {
    const expr = this.#expr();
    const token = this.#peek();
    if (token.kind !== 'end') this.#fault(unexpected(token, this.#tokens[this.#next + 1]?.kind === 'end' ? 'extraneous' : 'mismatched', '<EOF>'));
    return expr;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #is(...texts: readonly string[]): boolean {
    const { kind, text } = this.#peek();
    return (kind === 'mark' || text === 'in') && texts.includes(text);
  }

  /** Where a text breaks off behind a comma, it is the closing mark that is missed. */
  #isAtEnd(): boolean {
    return this.#peek().kind === 'end';
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    this.#isLost = false;
    return token;
  }

  /** Takes note of a fault of form, after which the parser goes on. */
  #fault({ issue }: SyntaxIssue): void {
    if (!this.#isLost) this.#report(issue);
    this.#isLost = true;
  }

  /** Gives what may be wrong without being a fault of form, such as a macro's arguments; the rest can still be read. */
  #attempt<T>(make: () => T): T | Expr {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof SyntaxIssue)) throw error;
      this.#report(error.issue);
      return this.#nothing(error.issue.at);
    }
  }

  /** Stands for what could not be read. */
  #nothing(at: number): Expr {
    return { kind: 'literal', at, value: null };
  }

  /** Reads what ends with one of these marks. */
  #within<T>(ends: readonly string[], read: () => T): T {
    this.#ends.push(ends);
    const found = read();
    this.#ends.pop();
    return found;
  }

  /** Whether a token can follow a part that is complete, where so many ends are still open. */
  #follows({ kind, text }: Token, open: number): boolean {
    if (kind === 'end') return open === 0;
    if (BEHIND.has(text) && (kind === 'mark' || text === 'in')) return true;
    return kind === 'mark' && open > 0 && this.#ends[open - 1]!.includes(text);
  }

  #accept(text: string): Token | undefined {
    return this.#is(text) ? this.#take() : undefined;
  }

  #expect(text: string): Token {
    const token = this.#accept(text);
    if (token) return token;
    const found = this.#peek();
    // One token too many is left out, one too few is thought of, as ANTLR does.
    if (this.#tokens[this.#next + 1]?.text === text && found.kind !== 'end') {
      this.#fault(unexpected(found, 'extraneous', `'${text}'`));
      this.#next += 1;
      return this.#take();
    }
    if (text === ':' || !this.#follows(found, this.#ends.length)) {
      this.#fault(unexpected(found, 'mismatched', `'${text}'`));
      throw new GaveUp();
    }
    this.#fault(new SyntaxIssue(found.at, `Syntax error: missing '${text}' at '${found.text}'`));
    return found;
  }

  /** Takes note of how deep an expression is. */
  #made<T extends Expr>(expr: T, ...parts: readonly (Expr | undefined)[]): T {
    const depth = 1 + Math.max(0, ...parts.map((part) => (part ? (this.#depths.get(part) ?? 1) : 0)));
    if (depth > MAX_DEPTH) throw new SyntaxIssue(expr.at, TOO_DEEP);
    this.#depths.set(expr, depth);
    return expr;
  }

  #call(at: number, name: string, ...args: readonly Expr[]): Expr {
    return this.#made({ kind: 'call', at, name, target: undefined, args }, ...args);
  }

  /** `wanted` is what messages say that it could begin with. */
  #expr(wanted = STARTS): Expr {
    this.#wanted = wanted;
    this.#nesting += 1;
    if (this.#nesting > MAX_DEPTH) throw new SyntaxIssue(this.#peek().at, TOO_DEEP);
    const condition = this.#logic('||', '_||_', () => this.#logic('&&', '_&&_', () => this.#relation()));
    const question = this.#accept('?');
    let expr = condition;
    if (question) {
      this.#wanted = STARTS;
      const yes = this.#within([':'], () => this.#logic('||', '_||_', () => this.#logic('&&', '_&&_', () => this.#relation())));
      this.#expect(':');
      expr = this.#call(question.at, '_?_:_', condition, yes, this.#expr());
    }
    this.#nesting -= 1;
    return expr;
  }

  /** Terms of one operator become a balanced tree, so that a long chain is not deep. */
  #logic(mark: string, name: string, term: () => Expr): Expr {
    const terms = [term()];
    const places: number[] = [];
    for (let token = this.#accept(mark); token; token = this.#accept(mark)) {
      places.push(token.at);
      this.#wanted = STARTS;
      terms.push(term());
    }
    const balance = (low: number, high: number): Expr => {
      if (low === high) return terms[low]!;
      const middle = Math.floor((low + high + 1) / 2);
      return this.#call(places[middle - 1]!, name, balance(low, middle - 1), balance(middle, high));
    };
    return balance(0, terms.length - 1);
  }

  #relation(): Expr {
    return this.#chain(RELATIONS, () => this.#chain(SUMS, () => this.#chain(PRODUCTS, () => this.#unary())));
  }

  #chain(operators: Readonly<Record<string, string>>, term: () => Expr): Expr {
    let left = term();
    while (this.#is(...Object.keys(operators))) {
      const { at, text } = this.#take();
      this.#wanted = STARTS;
      left = this.#call(at, operators[text]!, left, term());
    }
    return left;
  }

  #unary(): Expr {
    const first = this.#peek();
    if (!this.#is('!', '-')) return this.#member(this.#primary());
    let count = 0;
    while (this.#accept(first.text)) count += 1;
    const next = this.#peek();
    if (first.text === '-' && (next.kind === 'int' || next.kind === 'float')) {
      // The sign nearest to a number is part of it: the smallest integer has no positive counterpart.
      this.#take();
      const literal = this.#member(this.#made(this.#attempt(() => ({ kind: 'literal' as const, at: first.at, value: this.#number({ ...next, at: first.at }, true) }))));
      return count % 2 === 0 ? this.#call(first.at, '-_', literal) : literal;
    }
    if (this.#is('!', '-')) throw unexpected(next, 'extraneous', STARTS);
    const operand = this.#member(this.#primary());
    return count % 2 === 0 ? operand : this.#call(first.at, first.text === '!' ? '!_' : '-_', operand);
  }

  #member(start: Expr): Expr {
    let expr = start;
    for (;;) {
      const dot = this.#accept('.');
      if (dot) {
        expr = this.#field(expr, dot.at);
        continue;
      }
      const bracket = this.#accept('[');
      if (!bracket) return expr;
      const isOptional = this.#accept('?') !== undefined;
      const index = this.#within([']'], () => this.#expr());
      this.#expect(']');
      expr = this.#call(bracket.at, isOptional ? '_[?_]' : '_[_]', expr, index);
    }
  }

  /** `.name`, `.?name` or `.name(…)` behind an expression. */
  #field(operand: Expr, at: number): Expr {
    const optional = this.#accept('?') !== undefined;
    const name = this.#take();
    if (name.kind === 'escaped') this.#report({ at: name.at, text: ESCAPED_NAME });
    if (name.kind === 'escaped') return this.#nothing(at);
    if (name.kind !== 'ident' || Object.hasOwn(KEYWORDS, name.text) || name.text === 'in') throw unexpected(name, 'mismatched', 'IDENTIFIER');
    const open = optional ? undefined : this.#accept('(');
    if (!open) {
      const structName = this.#is('{') ? qualified(operand) : undefined;
      if (structName !== undefined) return this.#struct(`${structName}.${name.text}`);
      return this.#made({ kind: 'select', at, operand, field: name.text, test: false, optional }, operand);
    }
    const args = this.#arguments(')');
    return this.#made(this.#attempt(() => expandMacro(name.text, operand, args, open.at, this.#bindings) ?? { kind: 'call' as const, at: open.at, name: name.text, target: operand, args }), operand, ...args);
  }

  #arguments(end: string): Expr[] {
    const args: Expr[] = [];
    if (this.#accept(end)) return args;
    this.#within([end, ','], () => {
      do args.push(this.#expr(args.length === 0 ? startsOr(end) : STARTS));
      while (this.#accept(','));
    });
    this.#expect(end);
    return args;
  }

  #primary(): Expr {
    this.#wasLost = this.#isLost;
    const token = this.#take();
    const { kind, text, at } = token;
    if (kind === 'mark') {
      if (text === '(') {
        const inner = this.#within([')'], () => this.#expr());
        this.#expect(')');
        return inner;
      }
      if (text === '[') return this.#list(at);
      if (text === '{') return this.#map(at);
      if (text === '.' && this.#peek().kind === 'ident') return this.#named(this.#take(), '.');
    }
    if (kind === 'ident' && text !== 'in') return Object.hasOwn(KEYWORDS, text) ? this.#made({ kind: 'literal', at, value: KEYWORDS[text]! }) : this.#named(token);
    if (kind === 'mark' || kind === 'end' || kind === 'ident' || kind === 'escaped') return this.#noStart(token);
    return this.#made(this.#attempt(() => ({ kind: 'literal' as const, at, value: this.#literal(token) })));
  }

  /** Nothing can begin with this token: one goes on with the next that can stand behind an expression. */
  #noStart(token: Token): Expr {
    this.#next -= 1;
    this.#isLost = this.#wasLost;
    this.#fault(unexpected(token, 'mismatched', this.#wanted));
    while (!this.#canFollow(this.#peek())) this.#next += 1;
    return this.#nothing(token.at);
  }

  #canFollow(token: Token): boolean {
    return token.kind === 'end' || this.#ends.some((_, index) => this.#follows(token, index + 1)) || this.#follows(token, 0);
  }

  /** A variable, a function or the type of an object. */
  #named({ text, at }: Token, dot = ''): Expr {
    const name = `${dot}${text}`;
    const open = this.#accept('(');
    if (open) {
      const args = this.#arguments(')');
      return this.#made(this.#attempt(() => expandMacro(name, undefined, args, open.at, this.#bindings) ?? { kind: 'call' as const, at: open.at, name, target: undefined, args }), ...args);
    }
    if (RESERVED.has(text)) this.#report({ at, text: `reserved identifier: ${text}` });
    return this.#is('{') ? this.#struct(name) : this.#made({ kind: 'ident', at, name });
  }

  #literal(token: Token): CelValue {
    return valueOf(token, () => (token.kind === 'string' ? stringLiteral(token.text) : token.kind === 'bytes' ? bytesLiteral(token.text) : token.kind === 'uint' ? uintLiteral(token.text) : this.#number(token, false)));
  }

  #number(token: Token, isNegative: boolean): CelValue {
    return valueOf(token, () => (token.kind === 'float' ? doubleLiteral(token.text, isNegative) : intLiteral(token.text, isNegative)));
  }

  #list(at: number): ListExpr {
    const elements: { readonly value: Expr; readonly optional: boolean }[] = [];
    this.#within([']', ','], () => {
      while (!this.#is(']')) {
        const optional = this.#accept('?') !== undefined;
        elements.push({ value: this.#expr(optional ? STARTS : elements.length === 0 ? startsOr(']', ',', '?') : startsOr(']', '?')), optional });
        if (!this.#accept(',') || this.#isAtEnd()) break;
      }
    });
    this.#expect(']');
    return this.#made({ kind: 'list', at, elements }, ...elements.map(({ value }) => value));
  }

  #map(at: number): Expr {
    const entries: MapEntry[] = [];
    this.#within(['}', ',', ':'], () => {
      while (!this.#is('}')) {
        const optional = this.#accept('?') !== undefined;
        const key = this.#expr(optional ? STARTS : entries.length === 0 ? startsOr('}', ',', '?') : startsOr('}', '?'));
        const colon = this.#expect(':');
        entries.push({ at: colon.at, key, value: this.#expr(), optional });
        if (!this.#accept(',') || this.#isAtEnd()) break;
      }
    });
    this.#expect('}');
    return this.#made({ kind: 'map', at, entries }, ...entries.flatMap(({ key, value }) => [key, value]));
  }

  #struct(name: string): StructExpr {
    const { at } = this.#expect('{');
    const fields: { readonly at: number; readonly name: string; readonly value: Expr; readonly optional: boolean }[] = [];
    this.#within(['}', ','], () => {
      while (!this.#is('}')) {
        const optional = this.#accept('?') !== undefined;
        const field = this.#take();
        if (field.kind !== 'ident') throw unexpected(field, 'mismatched', optional ? 'IDENTIFIER' : "{'}', ',', '?', IDENTIFIER}");
        const colon = this.#expect(':');
        fields.push({ at: colon.at, name: field.text, value: this.#expr(), optional });
        if (!this.#accept(',') || this.#isAtEnd()) break;
      }
    });
    this.#expect('}');
    return this.#made({ kind: 'struct', at, name, fields }, ...fields.map(({ value }) => value));
  }
}

function valueOf(token: Token, make: () => CelValue): CelValue {
  try {
    return make();
  } catch (error) {
    if (error instanceof LiteralFault) throw new SyntaxIssue(token.at, error.message);
    throw error;
  }
}

function unexpected({ at, text }: Token, how: 'extraneous' | 'mismatched', wanted: string): SyntaxIssue {
  return new SyntaxIssue(at, `Syntax error: ${how} input '${text}' expecting ${wanted}`);
}

/** `a.b.c` of plain selections; undefined for anything else. */
export function qualified(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.test || expr.optional) return undefined;
  const operand = qualified(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}

import type { Issue } from './issues.ts';

export type TokenKind = 'ident' | 'escaped' | 'int' | 'uint' | 'float' | 'string' | 'bytes' | 'mark' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it was written; `<EOF>` at the end. */
  readonly text: string;
  /** Index of its first code point. */
  readonly at: number;
}

/** Thrown for a fault by which a text is no expression. */
export class SyntaxIssue {
  readonly issue: Issue;

  constructor(at: number, text: string) {
    this.issue = { at, text };
  }
}

const MARKS = ['==', '!=', '<=', '>=', '&&', '||', '<', '>', '+', '-', '*', '/', '%', '!', '?', ':', '(', ')', '[', ']', '{', '}', '.', ','];

const SPACE = /(?:[ \t\r\n\f]+|\/\/[^\n]*)+/y;
const NUMBER = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|(?:0x[0-9a-fA-F]+|\d+)([uU])?/y;
const WORD = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** The name of a field that is no identifier. */
const ESCAPED = /`[a-zA-Z0-9_.\-/ ]+`/y;
const ESCAPE = /\\(?:[abfnrtv"'?`\\]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})/.source;
const TEXT = new RegExp(`[bBrR]{0,2}(?:"""(?:[^\\\\]|${ESCAPE})*?"""|'''(?:[^\\\\]|${ESCAPE})*?'''|"(?:[^"\\\\\\n\\r]|${ESCAPE})*"|'(?:[^'\\\\\\n\\r]|${ESCAPE})*')`, 'y');
const RAW_TEXT = /[bB]?[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y;
const PREFIX = /^[bB]?[rR]?["']/;

/** The tokens of a text, the last of which is its end. What can be none is left out, and reported. */
export function tokenize(text: string, report: (issue: Issue) => void): Token[] {
  const tokens: Token[] = [];
  // Places are counted in code points, and only few texts have others than those of one unit.
  let counted = 0;
  let place = 0;
  const placeOf = (index: number): number => {
    for (; counted < index; counted += text.codePointAt(counted)! > 0xffff ? 2 : 1) place += 1;
    return place;
  };
  const match = (pattern: RegExp, index: number): string | undefined => {
    pattern.lastIndex = index;
    return pattern.exec(text)?.[0];
  };
  for (let index = 0; ; ) {
    index += match(SPACE, index)?.length ?? 0;
    const at = placeOf(index);
    if (index >= text.length) {
      tokens.push({ kind: 'end', text: '<EOF>', at });
      return tokens;
    }
    const found = next(text, index, match);
    if (found) {
      tokens.push({ ...found, at });
      index += found.text.length;
      continue;
    }
    const end = faultEnd(text, index);
    report({ at, text: `Syntax error: token recognition error at: '${shownFault(text.slice(index, end))}'` });
    index = end;
  }
}

function next(text: string, index: number, match: (pattern: RegExp, index: number) => string | undefined): Omit<Token, 'at'> | undefined {
  const literal = match(RAW_TEXT, index) ?? match(TEXT, index);
  if (literal !== undefined && PREFIX.test(literal)) return { kind: /^[bB]/.test(literal) ? 'bytes' : 'string', text: literal };
  const first = text[index]!;
  if ((first >= '0' && first <= '9') || (first === '.' && /\d/.test(text[index + 1] ?? ''))) {
    const number = match(NUMBER, index);
    if (number === undefined) return undefined;
    return { kind: /[uU]$/.test(number) ? 'uint' : /^0x|^\d+$/.test(number) ? 'int' : 'float', text: number };
  }
  const word = match(WORD, index);
  if (word !== undefined) return { kind: 'ident', text: word };
  const escaped = match(ESCAPED, index);
  if (escaped !== undefined) return { kind: 'escaped', text: escaped };
  const mark = MARKS.find((each) => text.startsWith(each, index));
  return mark === undefined ? undefined : { kind: 'mark', text: mark };
}

const ESCAPES = new RegExp(ESCAPE, 'y');
const BEGUN_ESCAPE = /\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?/y;

/** Where a token that cannot go on ends: behind the character that does not fit, as ANTLR leaves it out. */
function faultEnd(text: string, index: number): number {
  const first = text[index]!;
  const behind = (at: number): number => (at >= text.length ? text.length : at + (text.codePointAt(at)! > 0xffff ? 2 : 1));
  if (first === '=' || first === '&' || first === '|') return behind(index + 1);
  if (first !== '"' && first !== "'") return behind(index);
  for (let at = index + 1; at < text.length; at += 1) {
    if (text[at] === '\n' || text[at] === '\r') return behind(at);
    if (text[at] !== '\\') continue;
    ESCAPES.lastIndex = at;
    const escape = ESCAPES.exec(text)?.[0];
    if (escape === undefined) {
      BEGUN_ESCAPE.lastIndex = at;
      return behind(at + BEGUN_ESCAPE.exec(text)![0].length);
    }
    at += escape.length - 1;
  }
  return text.length;
}

const shownFault = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');

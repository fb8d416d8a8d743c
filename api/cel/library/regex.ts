import { goPattern, PatternError } from '../../customResources/goPattern.ts';
import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { CelList, EMPTY_LIST } from '../values/list.ts';
import type { CelValue } from '../values/value.ts';

const steady = new WeakMap<RegExp, RegExp>();

/**
 * An expression that repeats a group, which is what backtracking can take for ever with, in V8's engine of linear time where that is turned on and knows all that the
 * expression uses; any other as it is, as that is faster.
 */
function linear(expression: RegExp): RegExp {
  if (!/\)[*+{]/.test(expression.source)) return expression;
  let found = steady.get(expression);
  if (!found) steady.set(expression, (found = compileLinear(expression)));
  return found;
}

function compileLinear(expression: RegExp): RegExp {
  try {
    return new RegExp(expression.source, `${expression.flags}l`);
  } catch (error) {
    if (error instanceof Error && error.name === 'SyntaxError') return expression;
    throw error;
  }
}

/** Calls `use` with a pattern; gives an error where it is none. */
export function withPattern(pattern: string, use: (expression: RegExp) => CelValue): CelValue {
  try {
    return use(linear(goPattern(pattern)));
  } catch (error) {
    if (error instanceof PatternError) return new CelError(error.message);
    throw error;
  }
}

const matches = (text: string, pattern: string): CelValue => withPattern(pattern, (expression) => expression.test(text));

function findAll(text: string, pattern: string, most: number): CelValue {
  if (most === 0) return EMPTY_LIST;
  return withPattern(pattern, (expression) => {
    const found: string[] = [];
    for (const [match] of text.matchAll(new RegExp(expression.source, `${expression.flags}g`))) {
      found.push(match);
      if (most > 0 && found.length >= most) break;
    }
    return new CelList(found);
  });
}

/** Regular expressions, of Go's syntax and in linear time. */
export const REGEX: readonly Overload[] = [
  global('matches', '(string, string) -> bool', 'matches', matches),
  member('string', 'matches', '(string) -> bool', 'matches_string', matches),
  member('string', 'find', '(string) -> string', 'string_find_string', (text: string, pattern: string) => withPattern(pattern, (expression) => expression.exec(text)?.[0] ?? '')),
  member('string', 'findAll', '(string) -> list(string)', 'string_find_all_string', (text: string, pattern: string) => findAll(text, pattern, -1)),
  member('string', 'findAll', '(string, int) -> list(string)', 'string_find_all_string_int', (text: string, pattern: string, most: number | bigint) => findAll(text, pattern, Number(most))),
];

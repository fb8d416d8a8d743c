import { complement, setOf } from './codePointSet.ts';
import type { CodePointSet } from './codePointSet.ts';

const code = (character: string): number => character.codePointAt(0)!;
/** A set of ranges that are written as pairs of characters. */
const pairs = (text: string): CodePointSet => setOf(Array.from({ length: text.length / 2 }, (_, n) => [code(text[2 * n]!), code(text[2 * n + 1]!)] as const));

const DIGIT = pairs('09');
const WORD = pairs('09AZ__az');
/** Without the vertical tab, as in Perl. */
const PERL_SPACE = pairs('\t\n\f\r  ');

/** Whether `\b` counts a code point as part of a word; only those of ASCII are. */
export const WORD_SET = WORD;

/** `\d`, `\s`, `\w` and their opposites, by their letter. */
export const PERL: Readonly<Record<string, { readonly set: CodePointSet; readonly negated: boolean }>> = {
  d: { set: DIGIT, negated: false }, D: { set: DIGIT, negated: true },
  s: { set: PERL_SPACE, negated: false }, S: { set: PERL_SPACE, negated: true },
  w: { set: WORD, negated: false }, W: { set: WORD, negated: true },
};

/** `[:alpha:]` and so on. */
export const POSIX: ReadonlyMap<string, CodePointSet> = new Map([
  ['alnum', pairs('09AZaz')], ['alpha', pairs('AZaz')], ['ascii', pairs('\x00\x7f')], ['blank', pairs('\t\t  ')], ['cntrl', pairs('\x00\x1f\x7f\x7f')], ['digit', DIGIT], ['graph', pairs('!~')], ['lower', pairs('az')],
  ['print', pairs(' ~')], ['punct', pairs('!/:@[`{~')], ['space', pairs('\t\r  ')], ['upper', pairs('AZ')], ['word', WORD], ['xdigit', pairs('09AFaf')],
]);

export const NEW_LINE: CodePointSet = [10, 10];
export const NO_NEW_LINE = complement(NEW_LINE);

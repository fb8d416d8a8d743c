import type { Alphabet } from './alphabet.ts';
import { BOUNDARY, LINE_END, LINE_START, NO_BOUNDARY, TEXT_END, TEXT_START } from './syntaxTree.ts';

/** What stands before a place in a text. */
export const AT_START = 0;
export const AFTER_LINE = 1;
export const AFTER_WORD = 2;
export const AFTER_OTHER = 3;

export type Before = typeof AT_START | typeof AFTER_LINE | typeof AFTER_WORD | typeof AFTER_OTHER;

/** What stands before the place behind a letter. */
export function behind(alphabet: Alphabet, letter: number): Before {
  if (alphabet.isNewLine(letter)) return AFTER_LINE;
  return alphabet.isWord(letter) ? AFTER_WORD : AFTER_OTHER;
}

/** Whether an assertion holds between what is before and the next letter; the alphabet's size stands for the end. */
export function holds(assertion: number, before: Before, letter: number, alphabet: Alphabet): boolean {
  const atEnd = letter === alphabet.size;
  switch (assertion) {
    case TEXT_START:
      return before === AT_START;
    case LINE_START:
      return before === AT_START || before === AFTER_LINE;
    case TEXT_END:
      return atEnd;
    case LINE_END:
      return atEnd || alphabet.isNewLine(letter);
    default:
      return (before === AFTER_WORD) === (!atEnd && alphabet.isWord(letter)) ? assertion === NO_BOUNDARY : assertion === BOUNDARY;
  }
}

const REPLACEMENT = 0xfffd;

/** The code point at an index; half of a pair is what Go reads for it. */
export function codePointOf(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  const codePoint = text.codePointAt(index)!;
  return codePoint > 0xffff ? codePoint : REPLACEMENT;
}

import { WORD_SET } from './characterClasses.ts';
import { includes, rangesOf } from './codePointSet.ts';
import type { CodePointSet } from './codePointSet.ts';

const NEW_LINE = 10;
const ASCII = 128;

/** Code points by their letters: those that no set of a program, no line and no word tells apart are one letter. */
export class Alphabet {
  /** How many letters there are. */
  readonly size: number;
  readonly #sets: readonly CodePointSet[];
  /** First code points of the ranges of which all are the same letter. */
  readonly #starts: readonly number[];
  readonly #ascii: Uint32Array;

  constructor(sets: readonly CodePointSet[]) {
    const bounds = new Set([0, NEW_LINE, NEW_LINE + 1]);
    for (const set of [WORD_SET, ...sets]) {
      for (const [first, last] of rangesOf(set)) bounds.add(first).add(last + 1);
    }
    this.#sets = sets;
    this.#starts = [...bounds].sort((a, b) => a - b);
    this.size = this.#starts.length;
    this.#ascii = Uint32Array.from({ length: ASCII }, (_, codePoint) => this.#find(codePoint));
  }

  letterOf(codePoint: number): number {
    return codePoint < ASCII ? this.#ascii[codePoint]! : this.#find(codePoint);
  }

  /** Whether a letter is in the set that stands at this place. */
  isIn(letter: number, set: number): boolean {
    return includes(this.#sets[set]!, this.#starts[letter]!);
  }

  isWord(letter: number): boolean {
    return includes(WORD_SET, this.#starts[letter]!);
  }

  isNewLine(letter: number): boolean {
    return this.#starts[letter] === NEW_LINE;
  }

  #find(codePoint: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= codePoint) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

import { PatternError } from './patternError.ts';

const ALNUM = /^[0-9A-Za-z]$/;
const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Longest pattern, and the most that reading one may cost: about a unit for each bound of a class. Go allows more, with which a server would be held up. */
const LONGEST = 65_536;
const MOST_WORK = 500_000;

/** Reads the text of a pattern from its beginning to its end. */
export class PatternReader {
  at = 0;
  /** What reading has cost so far. */
  work: number;
  readonly text: string;

  /** Throws `PatternError` where the pattern is too long. */
  constructor(text: string) {
    this.text = text;
    this.work = text.length;
    if (text.length > LONGEST) throw new PatternError('expression too large', text);
  }

  /** Throws `PatternError` when it is too much. */
  charge(units: number): void {
    this.work += units;
    if (this.work > MOST_WORK) throw new PatternError('expression too large', this.text);
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Whether this comes next. */
  sees(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Whether this came next, and was read. */
  takes(text: string): boolean {
    const found = this.sees(text);
    if (found) this.at += text.length;
    return found;
  }

  /** The next character, whose code point may take two units; empty at the end. */
  peek(): string {
    const codePoint = this.text.codePointAt(this.at);
    return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
  }

  next(): string {
    const character = this.peek();
    this.at += character.length;
    return character;
  }

  /** What was read since a place. */
  since(from: number): string {
    return this.text.slice(from, this.at);
  }

  /** The code point of an escape of one character. Stands at its backslash. Throws `PatternError`. */
  escape(): number {
    const from = this.at;
    this.at += 1;
    if (this.isAtEnd) throw new PatternError('trailing backslash at end of expression', '');
    const character = this.next();
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(this.text.slice(this.at - 1, this.at + 2));
    if (octal) {
      this.at += octal[0].length - 1;
      return Number.parseInt(octal[0], 8);
    }
    if (character === 'x') return this.#hexadecimal(from);
    const control = Object.hasOwn(CONTROL, character) ? CONTROL[character] : undefined;
    if (control !== undefined) return control;
    if (character < '\x80' && !ALNUM.test(character)) return character.codePointAt(0)!;
    throw new PatternError('invalid escape sequence', this.since(from));
  }

  /** `\x7f` and `\x{10FFFF}`, behind the `x`. */
  #hexadecimal(from: number): number {
    const braces = this.takes('{');
    let value = 0;
    for (let digits = 0; ; digits += 1) {
      if (!braces && digits === 2) return value;
      const character = this.next();
      if (braces && character === '}' && digits > 0) return value;
      const digit = /^[0-9a-fA-F]$/.test(character) ? Number.parseInt(character, 16) : -1;
      value = value * 16 + digit;
      // Without braces Go reads two characters before it looks at them.
      if (!braces && digit < 0 && digits === 0) this.next();
      if (digit < 0 || value > 0x10ffff) throw new PatternError('invalid escape sequence', this.since(from));
    }
  }
}

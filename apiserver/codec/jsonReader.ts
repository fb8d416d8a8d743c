import { atOnce, SLICE } from '../inTurns.ts';

/** The text is not JSON; the message is Go's. */
export class JsonSyntaxError extends Error {}

/** A number is too large for a double; the message is Go's. */
export class JsonRangeError extends Error {}

/** A JSON text read with care: its value, and what JSON.parse would have hidden. */
export interface JsonReading {
  readonly value: unknown;
  /** Paths of keys that stand twice in one object, e.g. `spec.containers[0].image`. */
  readonly duplicates: readonly string[];
  /** Integers of 64 bits that a double would change, as they were written. */
  readonly inexact: readonly string[];
}

const LONGEST_INTEGER = 2 ** 63;

const LITERALS: Readonly<Record<string, { readonly text: string; readonly value: unknown }>> = {
  t: { text: 'true', value: true },
  f: { text: 'false', value: false },
  n: { text: 'null', value: null },
};

/** Reads JSON the slow way: for texts that the byte scan found suspicious or that JSON.parse refused. Throws `JsonSyntaxError`. */
export function readJson(text: string): JsonReading {
  return atOnce(readJsonInSteps(text));
}

/** As `readJson`, for long texts: yields after every so many values. */
export function* readJsonInSteps(text: string): Generator<void, JsonReading> {
  const reader = new JsonReader(text);
  return { value: yield* reader.readWhole(), duplicates: reader.duplicates, inexact: reader.inexact };
}

class JsonReader {
  readonly duplicates: string[] = [];
  readonly inexact: string[] = [];
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  *readWhole(): Generator<void, unknown> {
    this.#skipSpace();
    const value = this.#isContainer() ? yield* this.#readContainer('') : this.#readScalar();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
    return value;
  }

  #isContainer(): boolean {
    const char = this.#text[this.#at];
    return char === '{' || char === '[';
  }

  #readContainer(path: string): Generator<void, unknown> {
    return this.#text[this.#at] === '{' ? this.#readObject(path) : this.#readArray(path);
  }

  #isSliceOver(): boolean {
    this.#values += 1;
    return this.#values % SLICE === 0;
  }

  #readScalar(): unknown {
    const char = this.#text[this.#at];
    if (char === '"') return this.#readString();
    if (char !== undefined && (char === '-' || isDigit(char))) return this.#readNumber();
    const literal = char === undefined ? undefined : LITERALS[char];
    if (!literal) throw this.#unexpected('looking for beginning of value');
    return this.#readLiteral(literal.text, literal.value);
  }

  *#readObject(path: string): Generator<void, unknown> {
    const entries: [string, unknown][] = [];
    const seen = new Set<string>();
    this.#at++;
    this.#skipSpace();
    if (this.#take('}')) return {};
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = this.#readString();
      const keyPath = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) this.duplicates.push(keyPath);
      seen.add(key);
      this.#skipSpace();
      if (!this.#take(':')) throw this.#unexpected('after object key');
      this.#skipSpace();
      entries.push([key, this.#isContainer() ? yield* this.#readContainer(keyPath) : this.#readScalar()]);
      if (this.#isSliceOver()) yield;
      this.#skipSpace();
      if (this.#take('}')) return Object.fromEntries(entries);
      if (!this.#take(',')) throw this.#unexpected('after object key:value pair');
    }
  }

  *#readArray(path: string): Generator<void, unknown[]> {
    const items: unknown[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#take(']')) return items;
    for (;;) {
      this.#skipSpace();
      items.push(this.#isContainer() ? yield* this.#readContainer(`${path}[${items.length}]`) : this.#readScalar());
      if (this.#isSliceOver()) yield;
      this.#skipSpace();
      if (this.#take(']')) return items;
      if (!this.#take(',')) throw this.#unexpected('after array element');
    }
  }

  /** Halves of surrogate pairs that stand alone become U+FFFD, as everything does that is no Unicode. */
  #readString(): string {
    const start = this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char < ' ') throw this.#unexpected('in string literal');
      this.#at++;
      if (char === '"') return (JSON.parse(this.#text.slice(start, this.#at)) as string).toWellFormed();
      if (char === '\\') this.#skipEscape();
    }
  }

  #skipEscape(): void {
    const char = this.#text[this.#at];
    if (char === undefined || !'"\\/bfnrtu'.includes(char)) throw this.#unexpected('in string escape code');
    this.#at++;
    if (char !== 'u') return;
    for (let digit = 0; digit < 4; digit++, this.#at++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) throw this.#unexpected('in \\u hexadecimal character escape');
    }
  }

  #readNumber(): number {
    const start = this.#at;
    this.#take('-');
    if (!this.#take('0')) this.#digits('in numeric literal');
    if (this.#take('.')) this.#digits('after decimal point in numeric literal');
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      this.#digits('in exponent of numeric literal');
    }
    const written = this.#text.slice(start, this.#at);
    const value = Number(written);
    if (!Number.isFinite(value)) throw new JsonRangeError(`json: cannot unmarshal number ${written} into Go value of type float64`);
    if (/^-?\d+$/.test(written) && !Number.isSafeInteger(value) && !isKept(written, value)) this.inexact.push(written);
    return value;
  }

  #digits(where: string): void {
    if (!isDigit(this.#text[this.#at] ?? '')) throw this.#unexpected(where);
    while (isDigit(this.#text[this.#at] ?? '')) this.#at++;
  }

  #readLiteral(text: string, value: unknown): unknown {
    for (const expected of text) {
      if (this.#text[this.#at] !== expected) throw this.#unexpected(`in literal ${text} (expecting '${expected}')`);
      this.#at++;
    }
    return value;
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '\0')) this.#at++;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #unexpected(where: string): JsonSyntaxError {
    const point = this.#text.codePointAt(this.#at);
    if (point === undefined) return new JsonSyntaxError('unexpected end of JSON input');
    const char = String.fromCodePoint(point);
    const quoted = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${JSON.stringify(char).slice(1, -1)}'`;
    return new JsonSyntaxError(`invalid character ${quoted} ${where}`);
  }
}

/** Whether it comes out as it came in. What has more than 64 bits is a double in Kubernetes, too. */
function isKept(written: string, value: number): boolean {
  const size = Math.abs(value);
  return String(value) === written || size > LONGEST_INTEGER || (size === LONGEST_INTEGER && BigInt.asIntN(64, BigInt(written)) !== BigInt(written));
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

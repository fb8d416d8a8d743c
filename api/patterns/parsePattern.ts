import { NO_NEW_LINE } from './characterClasses.ts';
import { EVERYTHING } from './codePointSet.ts';
import type { CodePointSet } from './codePointSet.ts';
import { folded, parseClass, parseClassEscape } from './parseClass.ts';
import { PatternError } from './patternError.ts';
import { PatternReader } from './patternReader.ts';
import { BOUNDARY, joined, LINE_END, LINE_START, NO_BOUNDARY, TEXT_END, TEXT_START } from './syntaxTree.ts';
import type { Node } from './syntaxTree.ts';

/** `(?i)`, `(?m)`, `(?s)`, `(?U)`. */
interface Flags {
  readonly folds: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
  readonly lazy: boolean;
}

/** A group that is not closed yet: alternatives that are complete, and the parts of the one being read. */
interface Group {
  readonly alternatives: Node[];
  parts: Node[];
  readonly captures: boolean;
  /** Flags that hold again when it is closed. */
  readonly before: Flags;
}

/** Of RE2: how often a part may be repeated, all repetitions around each other together, and how deep a tree may be. */
const MOST_REPEATED = 1000;
const HIGHEST = 1000;

const FLAG_NAMES: Readonly<Record<string, keyof Flags>> = { i: 'folds', m: 'lines', s: 'dotAll', U: 'lazy' };
const ASSERTIONS: Readonly<Record<string, number>> = { A: TEXT_START, z: TEXT_END, b: BOUNDARY, B: NO_BOUNDARY };
const REPETITION = /^\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/;
/** Longer than any sound repetition: nothing behind this is looked at. */
const LONGEST_REPETITION = 4096;

/** Reads a pattern of Go's syntax (RE2 as Perl would have it), and tells what that took. Throws `PatternError` with Go's message. */
export function parsePattern(text: string): { readonly node: Node; readonly work: number } {
  const reader = new PatternReader(text);
  return { node: new Parser(reader).parse(), work: reader.work };
}

class Parser {
  readonly #reader: PatternReader;
  readonly #groups: Group[] = [];
  #flags: Flags = { folds: false, lines: false, dotAll: false, lazy: false };
  #group: Group = this.#newGroup(false);

  constructor(reader: PatternReader) {
    this.#reader = reader;
  }

  parse(): Node {
    const reader = this.#reader;
    let repetition = -1;
    while (!reader.isAtEnd) {
      const from = reader.at;
      repetition = this.#part(repetition) ? from : -1;
    }
    if (this.#groups.length > 0) throw new PatternError('missing closing )', reader.text);
    return this.#close();
  }

  #newGroup(captures: boolean): Group {
    return { alternatives: [], parts: [], captures, before: this.#flags };
  }

  /** Reads one part. True: it was a repetition. `repetition` is where the part before began, if it was one. */
  #part(repetition: number): boolean {
    const reader = this.#reader;
    const from = reader.at;
    switch (reader.peek()) {
      case '(':
        this.#open();
        return false;
      case ')':
        this.#closeGroup();
        return false;
      case '|':
        reader.at += 1;
        this.#group.alternatives.push(joined('sequence', this.#group.parts));
        this.#group.parts = [];
        return false;
      case '[':
        this.#one(parseClass(reader, this.#flags.folds));
        return false;
      case '\\':
        this.#escape();
        return false;
      case '.':
        reader.at += 1;
        this.#one(this.#flags.dotAll ? EVERYTHING : NO_NEW_LINE);
        return false;
      case '^':
        reader.at += 1;
        this.#assertion(this.#flags.lines ? LINE_START : TEXT_START);
        return false;
      case '$':
        reader.at += 1;
        this.#assertion(this.#flags.lines ? LINE_END : TEXT_END);
        return false;
      case '*':
      case '+':
      case '?': {
        const sign = reader.next();
        this.#repeat(sign === '+' ? 1 : 0, sign === '?' ? 1 : Number.POSITIVE_INFINITY, from, repetition);
        return true;
      }
      case '{':
        return this.#counted(repetition);
      default:
        this.#literal(reader.next().codePointAt(0)!);
        return false;
    }
  }

  #add(node: Node): void {
    if (node.height > HIGHEST) throw new PatternError('expression nests too deeply', this.#reader.text);
    this.#group.parts.push(node);
  }

  #one(set: CodePointSet): void {
    this.#add({ kind: 'one', set, height: 1 });
  }

  #literal(codePoint: number): void {
    this.#one(folded(this.#reader, [codePoint, codePoint], this.#flags.folds));
  }

  #assertion(assertion: number): void {
    this.#add({ kind: 'assertion', assertion, height: 1 });
  }

  #escape(): void {
    const reader = this.#reader;
    const letter = reader.text[reader.at + 1] ?? '';
    const assertion = Object.hasOwn(ASSERTIONS, letter) ? ASSERTIONS[letter] : undefined;
    if (assertion !== undefined) {
      reader.at += 2;
      return this.#assertion(assertion);
    }
    if (letter === 'C') throw new PatternError('invalid escape sequence', '\\C');
    if (letter === 'Q') return this.#quoted();
    const set = parseClassEscape(reader, this.#flags.folds);
    return set ? this.#one(set) : this.#literal(reader.escape());
  }

  /** `\Q…\E`: all of it stands for itself. */
  #quoted(): void {
    const reader = this.#reader;
    const from = reader.at + 2;
    const end = reader.text.indexOf('\\E', from);
    for (const character of reader.text.slice(from, end < 0 ? undefined : end)) this.#literal(character.codePointAt(0)!);
    reader.at = end < 0 ? reader.text.length : end + 2;
  }

  /** `{n}`, `{n,}`, `{n,m}`; a brace that begins none of these stands for itself. */
  #counted(repetition: number): boolean {
    const reader = this.#reader;
    const from = reader.at;
    const found = REPETITION.exec(reader.text.slice(from, from + LONGEST_REPETITION));
    if (!found) {
      reader.at += 1;
      this.#literal(0x7b);
      return false;
    }
    reader.at += found[0].length;
    const min = Number(found[1]);
    const max = found[3] === undefined ? (found[2] === undefined ? min : Number.POSITIVE_INFINITY) : Number(found[3]);
    if (min > MOST_REPEATED || (max > MOST_REPEATED && max !== Number.POSITIVE_INFINITY) || found[3] !== undefined && min > max) throw new PatternError('invalid repeat count', reader.since(from));
    this.#repeat(min, max, from, repetition);
    return true;
  }

  #repeat(min: number, max: number, from: number, repetition: number): void {
    const reader = this.#reader;
    const lazy = reader.takes('?');
    if (repetition >= 0) throw new PatternError('invalid nested repetition operator', reader.since(repetition));
    const part = this.#group.parts.pop();
    if (!part) throw new PatternError('missing argument to repetition operator', reader.since(from));
    const node: Node = { kind: 'repeat', part, min, max, greedy: lazy === this.#flags.lazy, height: part.height + 1 };
    if ((min >= 2 || (max >= 2 && max !== Number.POSITIVE_INFINITY)) && !isModest(node, MOST_REPEATED)) throw new PatternError('invalid repeat count', reader.since(from));
    this.#add(node);
  }

  #open(): void {
    const reader = this.#reader;
    let captures = true;
    let flags = this.#flags;
    if (reader.sees('(?')) {
      const name = this.#name();
      if (!name) {
        const found = this.#readFlags();
        flags = found.flags;
        if (!found.opens) {
          this.#flags = flags;
          return;
        }
        captures = false;
      }
    } else {
      reader.at += 1;
    }
    this.#groups.push(this.#group);
    this.#group = this.#newGroup(captures);
    this.#flags = flags;
  }

  /** `(?P<name>` or `(?<name>`; whether one stood here. */
  #name(): boolean {
    const reader = this.#reader;
    const rest = reader.text.length - reader.at;
    const begins = (reader.sees('(?P<') && rest > 4) || (reader.sees('(?<') && rest > 3);
    if (!begins) return false;
    const end = reader.text.indexOf('>', reader.at);
    if (end < 0) throw new PatternError('invalid named capture', reader.text.slice(reader.at));
    const whole = reader.text.slice(reader.at, end + 1);
    if (!/^\(\?P?<\w+>$/.test(whole)) throw new PatternError('invalid named capture', whole);
    reader.at = end + 1;
    return true;
  }

  /** `(?i-s:` or `(?i-s)`. */
  #readFlags(): { readonly flags: Flags; readonly opens: boolean } {
    const reader = this.#reader;
    const from = reader.at;
    reader.at += 2;
    let flags = this.#flags;
    let on = true;
    let hasFlag = false;
    while (!reader.isAtEnd) {
      const letter = reader.next();
      const flag = Object.hasOwn(FLAG_NAMES, letter) ? FLAG_NAMES[letter] : undefined;
      if (flag) {
        flags = { ...flags, [flag]: on };
        hasFlag = true;
      } else if (letter === '-' && on) {
        on = false;
        hasFlag = false;
      } else if ((letter === ':' || letter === ')') && (on || hasFlag)) {
        return { flags, opens: letter === ':' };
      } else {
        break;
      }
    }
    throw new PatternError('invalid or unsupported Perl syntax', reader.since(from));
  }

  #closeGroup(): void {
    const outer = this.#groups.pop();
    if (!outer) throw new PatternError('unexpected )', this.#reader.text);
    this.#reader.at += 1;
    const { captures, before } = this.#group;
    const node = this.#close();
    this.#flags = before;
    this.#group = outer;
    this.#add(captures ? { ...node, height: node.height + 1 } : node);
  }

  #close(): Node {
    return joined('choice', [...this.#group.alternatives, joined('sequence', this.#group.parts)]);
  }
}

/** Whether repetitions within each other are no more than so many all together. */
function isModest(node: Node, most: number): boolean {
  if (node.kind === 'sequence' || node.kind === 'choice') return node.parts.every((part) => isModest(part, most));
  if (node.kind !== 'repeat') return true;
  // `*`, `+` and `?` count as nothing.
  const isCounted = node.min > 1 || (node.max > 1 && node.max !== Number.POSITIVE_INFINITY);
  const times = node.max === Number.POSITIVE_INFINITY ? node.min : node.max;
  if (!isCounted || times === 0) return isModest(node.part, most);
  return times <= most && isModest(node.part, Math.floor(most / times));
}

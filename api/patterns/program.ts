import { Alphabet } from './alphabet.ts';
import type { CodePointSet } from './codePointSet.ts';
import { PatternError } from './patternError.ts';
import { canBeEmpty } from './syntaxTree.ts';
import type { Node } from './syntaxTree.ts';

/** What an instruction does: end with a match, read a code point of a set, go on in two places (the first is preferred), go on where an assertion holds. */
export const MATCH = 0;
export const READ = 1;
export const SPLIT = 2;
export const ASSERT = 3;

/** A pattern as instructions, each with its operation, what it needs (a set or an assertion) and where it goes on. */
export interface Program {
  readonly operations: readonly number[];
  /** Of `READ` the place among the sets, of `ASSERT` the assertion, of `SPLIT` the second place to go on. */
  readonly arguments: readonly number[];
  readonly nexts: readonly number[];
  readonly start: number;
  readonly alphabet: Alphabet;
}

/** Most instructions of a program. Go allows three million, with which any text would take for ever. */
const MOST_INSTRUCTIONS = 100_000;

/** Makes a program of a pattern. Throws `PatternError` where it is too large. */
export function makeProgram(pattern: string, node: Node): Program {
  const compiler = new Compiler(pattern);
  const end = compiler.add(MATCH, 0, 0);
  const start = compiler.compile(node, end);
  return { operations: compiler.operations, arguments: compiler.arguments, nexts: compiler.nexts, start, alphabet: new Alphabet([...compiler.sets.keys()]) };
}

/** Compiles from the end to the beginning: every part is told where to go on. */
class Compiler {
  readonly operations: number[] = [];
  readonly arguments: number[] = [];
  readonly nexts: number[] = [];
  readonly sets = new Map<CodePointSet, number>();
  readonly #pattern: string;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  add(operation: number, argument: number, next: number): number {
    if (this.operations.length >= MOST_INSTRUCTIONS) throw new PatternError('expression too large', this.#pattern);
    this.operations.push(operation);
    this.arguments.push(argument);
    this.nexts.push(next);
    return this.operations.length - 1;
  }

  /** The place where a part begins that goes on at `next`. */
  compile(node: Node, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'one': {
        const set = this.sets.get(node.set) ?? this.sets.size;
        this.sets.set(node.set, set);
        return this.add(READ, set, next);
      }
      case 'assertion':
        return this.add(ASSERT, node.assertion, next);
      case 'sequence':
        return node.parts.reduceRight((at, part) => this.compile(part, at), next);
      case 'choice': {
        const last = this.compile(node.parts.at(-1)!, next);
        return node.parts.slice(0, -1).reduceRight((at, part) => this.add(SPLIT, at, this.compile(part, next)), last);
      }
      default:
        return this.#repeat(node, next);
    }
  }

  #repeat({ part, min, max, greedy }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let at = next;
    if (max === Number.POSITIVE_INFINITY) {
      at = this.#loop(part, min === 0, greedy, next);
    } else {
      for (let n = min; n < max; n += 1) at = this.#either(this.compile(part, at), next, greedy);
    }
    // A loop that runs at least once is the last of them.
    for (let n = max === Number.POSITIVE_INFINITY ? 1 : 0; n < min; n += 1) at = this.compile(part, at);
    return at;
  }

  /** `part*` or `part+`. One that can be empty is `(part+)?`, as then the empty text is tried in the order of the part's own alternatives. */
  #loop(part: Node, optional: boolean, greedy: boolean, next: number): number {
    const back = this.add(SPLIT, next, next);
    const begin = this.compile(part, back);
    this.nexts[back] = greedy ? begin : next;
    this.arguments[back] = greedy ? next : begin;
    if (!optional) return begin;
    return canBeEmpty(part) ? this.#either(begin, next, greedy) : back;
  }

  #either(part: number, next: number, greedy: boolean): number {
    return greedy ? this.add(SPLIT, next, part) : this.add(SPLIT, part, next);
  }
}

import { Automaton } from './automaton.ts';
import { Meter } from './meter.ts';
import { parsePattern } from './parsePattern.ts';
import { codePointOf } from './place.ts';
import { makeProgram } from './program.ts';
import type { Program } from './program.ts';
import { search } from './search.ts';

/** Steps that one text may take where nobody says how many: some tens of milliseconds of work. */
const STEPS = 3_000_000;
/** Steps for an instruction that is made, and for a unit of reading. */
const INSTRUCTION = 5;
const READING = 2;

/** A regular expression of Go's. No text takes longer than its length times that of the pattern, and none more steps than the meter has. */
export class GoPattern {
  /** Instructions of its program. */
  readonly size: number;
  readonly #program: Program;
  #automaton: Automaton | undefined;

  /** Throws `PatternError`, and what the meter throws. */
  constructor(text: string, meter: Meter) {
    const { node, work } = parsePattern(text);
    meter.spend(work * READING);
    this.#program = makeProgram(text, node);
    this.size = this.#program.operations.length;
    meter.spend(this.size * INSTRUCTION);
  }

  /** Whether it matches somewhere in a text (`MatchString`). */
  test(text: string, meter: Meter = new Meter(STEPS)): boolean {
    return (this.#automaton ??= new Automaton(this.#program)).test(text, meter);
  }

  /** The first match (`FindString`); empty where there is none. */
  find(text: string, meter: Meter = new Meter(STEPS)): string {
    const found = search(this.#program, text, 0, meter);
    return found ? text.slice(found.start, found.end) : '';
  }

  /** All matches, or so many, from the left; they do not overlap, and none that is empty ends where another does (`FindAllString`). */
  findAll(text: string, most = Number.POSITIVE_INFINITY, meter: Meter = new Meter(STEPS)): string[] {
    const all: string[] = [];
    let lastEnd = -1;
    for (let from = 0; from <= text.length && all.length < most; ) {
      const found = search(this.#program, text, from, meter);
      if (!found) break;
      const { start, end } = found;
      // An empty match where the last one ended is none; the next one begins a character later.
      if (start !== end || end !== lastEnd) all.push(text.slice(start, end));
      from = end > from ? end : from + (from < text.length && codePointOf(text, from) > 0xffff ? 2 : 1);
      lastEnd = end;
    }
    return all;
  }
}

const made = new Map<string, GoPattern>();
/** What is kept: patterns of all schemas together are few; the bounds are for those that are only tried. */
const KEPT = 1000;
const KEPT_INSTRUCTIONS = 500_000;
let instructions = 0;

/** The pattern that a text stands for, made once. Throws `PatternError` with Go's message, and what the meter throws. */
export function goPattern(text: string, meter: Meter = new Meter(STEPS)): GoPattern {
  const known = made.get(text);
  if (known) return known;
  const pattern = new GoPattern(text, meter);
  if (made.size >= KEPT || instructions + pattern.size > KEPT_INSTRUCTIONS) {
    made.clear();
    instructions = 0;
  }
  made.set(text, pattern);
  instructions += pattern.size;
  return pattern;
}

import type { Meter } from './meter.ts';
import { AFTER_LINE, AFTER_OTHER, AFTER_WORD, AT_START, behind, codePointOf, holds } from './place.ts';
import type { Before } from './place.ts';
import { ASSERT, MATCH, READ, SPLIT } from './program.ts';
import type { Program } from './program.ts';
import { BOUNDARY, LINE_START, NO_BOUNDARY, TEXT_START } from './syntaxTree.ts';

/** Instructions at which a text may stand, with what stands before it, and where each letter that was seen so far leads. */
interface State {
  readonly places: readonly number[];
  readonly before: Before;
  readonly nexts: (State | undefined)[];
}

const MATCHED: State = { places: [], before: AT_START, nexts: [] };
/** Steps that a transition costs for each instruction that it goes through, the first time. */
const NEW_TRANSITION = 10;
/** How much an automaton remembers, in places and transitions. */
const MOST_REMEMBERED = 20_000;

/**
 * Whether a text matches: a program's states become those of a deterministic automaton as texts need them, so that a letter takes one step in a state that is known.
 * In one that isn't, it takes no more than the program has instructions.
 */
export class Automaton {
  readonly #program: Program;
  /** Matches begin at the start of a text only. */
  readonly #anchored: boolean;
  /** What of the context the program can ask for. */
  readonly #asksLines: boolean;
  readonly #asksWords: boolean;
  readonly #states = new Map<string, State>();
  #remembered = 0;
  #first: State;

  constructor(program: Program) {
    this.#program = program;
    this.#anchored = isAnchored(program);
    const asks = (assertion: number): boolean => program.operations.some((operation, at) => operation === ASSERT && program.arguments[at] === assertion);
    this.#asksLines = asks(LINE_START);
    this.#asksWords = asks(BOUNDARY) || asks(NO_BOUNDARY);
    this.#first = this.#state([program.start], AT_START);
  }

  /** Whether the pattern matches anywhere in a text. Throws what the meter throws. */
  test(text: string, meter: Meter): boolean {
    const { alphabet } = this.#program;
    meter.spend((text.length >>> 1) + 1);
    let state = this.#first;
    for (let index = 0; index < text.length; index += 1) {
      const codePoint = codePointOf(text, index);
      if (codePoint > 0xffff) index += 1;
      const letter = alphabet.letterOf(codePoint);
      state = state.nexts[letter] ?? this.#follow(state, letter, meter);
      if (state === MATCHED) return true;
      if (state.places.length === 0) return false;
    }
    return (state.nexts[alphabet.size] ?? this.#follow(state, alphabet.size, meter)) === MATCHED;
  }

  /** Where a letter leads from a state; remembers it. */
  #follow(state: State, letter: number, meter: Meter): State {
    if (this.#remembered > MOST_REMEMBERED) this.#forget();
    const next = this.#reach(state, letter, meter);
    state.nexts[letter] = next;
    this.#remembered += 1;
    return next;
  }

  #reach({ places, before }: State, letter: number, meter: Meter): State {
    const { operations, arguments: parameters, nexts, start, alphabet } = this.#program;
    const seen = new Set(places);
    const reached = new Set<number>();
    const atEnd = letter === alphabet.size;
    // A set goes on with what is added while it is walked through.
    for (const place of seen) {
      const parameter = parameters[place]!;
      switch (operations[place]) {
        case MATCH:
          meter.spend(seen.size * NEW_TRANSITION);
          return MATCHED;
        case READ:
          if (!atEnd && alphabet.isIn(letter, parameter)) reached.add(nexts[place]!);
          break;
        case SPLIT:
          seen.add(nexts[place]!).add(parameter);
          break;
        default:
          if (holds(parameter, before, letter, alphabet)) seen.add(nexts[place]!);
      }
    }
    meter.spend(seen.size * NEW_TRANSITION);
    if (!this.#anchored && !atEnd) reached.add(start);
    return this.#state([...reached].sort((a, b) => a - b), atEnd ? AT_START : this.#contextOf(behind(alphabet, letter)));
  }

  /** What cannot be asked for is not told apart, so that there are fewer states. */
  #contextOf(before: Before): Before {
    if (before === AFTER_LINE) return this.#asksLines ? before : AFTER_OTHER;
    return before === AFTER_WORD && !this.#asksWords ? AFTER_OTHER : before;
  }

  #state(places: readonly number[], before: Before): State {
    const key = `${before}:${places.join(',')}`;
    const known = this.#states.get(key);
    if (known) return known;
    const state: State = { places, before, nexts: [] };
    this.#states.set(key, state);
    this.#remembered += places.length;
    return state;
  }

  #forget(): void {
    this.#states.clear();
    this.#remembered = 0;
    this.#first = this.#state([this.#program.start], AT_START);
  }
}

/** Whether every match begins at the start of the text. */
export function isAnchored({ operations, arguments: parameters, start }: Program): boolean {
  return operations[start] === ASSERT && parameters[start] === TEXT_START;
}

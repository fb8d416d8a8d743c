import { isAnchored } from './automaton.ts';
import type { Meter } from './meter.ts';
import { AT_START, behind, codePointOf, holds } from './place.ts';
import type { Before } from './place.ts';
import { MATCH, READ, SPLIT } from './program.ts';
import type { Program } from './program.ts';

/** Where a match begins and ends. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the first match of a program at or after an index, as Go does: of matches that begin there, the one that the pattern prefers. All possibilities go through the text
 * side by side, in the order of preference (Pike's machine). Throws what the meter throws.
 */
export function search(program: Program, text: string, from: number, meter: Meter): Match | undefined {
  const { operations, arguments: parameters, nexts, start, alphabet } = program;
  const anchored = isAnchored(program);
  /** Instructions at which a possibility stands, best first, and where each began. */
  let places: number[] = [];
  let starts: number[] = [];
  let found: Match | undefined;
  let before: Before = from === 0 ? AT_START : behind(alphabet, alphabet.letterOf(codePointBefore(text, from)));
  for (let at = from; ; ) {
    if (!found && (!anchored || at === 0)) {
      places.push(start);
      starts.push(at);
    }
    if (places.length === 0) return found;
    const codePoint = at < text.length ? codePointOf(text, at) : -1;
    const letter = codePoint < 0 ? alphabet.size : alphabet.letterOf(codePoint);
    const nextPlaces: number[] = [];
    const nextStarts: number[] = [];
    const seen = new Set<number>();
    possibilities: for (let n = 0; n < places.length; n += 1) {
      const stack = [places[n]!];
      while (stack.length > 0) {
        const place = stack.pop()!;
        if (seen.has(place)) continue;
        seen.add(place);
        const parameter = parameters[place]!;
        switch (operations[place]) {
          case MATCH:
            // Those behind it are worse.
            found = { start: starts[n]!, end: at };
            break possibilities;
          case READ:
            if (codePoint >= 0 && alphabet.isIn(letter, parameter)) {
              nextPlaces.push(nexts[place]!);
              nextStarts.push(starts[n]!);
            }
            break;
          case SPLIT:
            stack.push(parameter, nexts[place]!);
            break;
          default:
            if (holds(parameter, before, letter, alphabet)) stack.push(nexts[place]!);
        }
      }
    }
    meter.spend(5 * (seen.size + places.length) + 5);
    if (codePoint < 0) return found;
    at += codePoint > 0xffff ? 2 : 1;
    before = behind(alphabet, letter);
    places = nextPlaces;
    starts = nextStarts;
  }
}

function codePointBefore(text: string, index: number): number {
  const isPair = index > 1 && (text.codePointAt(index - 2) ?? 0) > 0xffff;
  return codePointOf(text, isPair ? index - 2 : index - 1);
}

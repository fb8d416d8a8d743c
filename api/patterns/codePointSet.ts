/** Code points, as bounds of ranges that are in order and do not touch: first, last, first, last, … */
export type CodePointSet = readonly number[];

export const LAST_CODE_POINT = 0x10ffff;
export const EVERYTHING: CodePointSet = [0, LAST_CODE_POINT];

/** A set of any ranges. */
export function setOf(ranges: readonly (readonly [first: number, last: number])[]): CodePointSet {
  const set: number[] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const end = set.at(-1);
    if (end !== undefined && first <= end + 1) set[set.length - 1] = Math.max(end, last);
    else set.push(first, last);
  }
  return set;
}

/** The ranges of a set. */
export function rangesOf(set: CodePointSet): (readonly [first: number, last: number])[] {
  return Array.from({ length: set.length / 2 }, (_, n) => [set[2 * n]!, set[2 * n + 1]!] as const);
}

export const union = (...sets: readonly CodePointSet[]): CodePointSet => setOf(sets.flatMap(rangesOf));

/** All that is not in a set. */
export function complement(set: CodePointSet): CodePointSet {
  const outside: number[] = [];
  let next = 0;
  for (const [first, last] of rangesOf(set)) {
    if (next < first) outside.push(next, first - 1);
    next = last + 1;
  }
  if (next <= LAST_CODE_POINT) outside.push(next, LAST_CODE_POINT);
  return outside;
}

export function includes(set: CodePointSet, codePoint: number): boolean {
  return rangeBelow(set, codePoint) % 2 === 0;
}

/** The place of the last bound that is not above a code point (a last bound counts as being just behind its own): even within the set, odd or -1 outside. */
function rangeBelow(set: CodePointSet, codePoint: number): number {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const bound = set[middle]!;
    if (middle % 2 === 0 ? bound <= codePoint : bound < codePoint) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A component that ran this long, in milliseconds, starts anew without waiting. */
export const STABLE_AFTER = 60_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;

/** How often in a row a component has ended soon after its start. */
export function failuresAfter(failures: number, ranMilliseconds: number): number {
  return ranMilliseconds >= STABLE_AFTER ? 0 : failures + 1;
}

/** How long to wait before the next start, in milliseconds: at once the first time, then doubling up to half a minute. */
export function restartDelay(failures: number): number {
  return failures <= 1 ? 0 : Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - 2));
}

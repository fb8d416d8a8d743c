/**
 * Work that would hold up the event loop is done in parts, and between them others get their turn. Each turn of the loop goes on with one such work only, so that many
 * of them take no longer turns than one.
 */
const waiting: (() => void)[] = [];

/** Of an object of so many bytes each step takes milliseconds; of smaller ones nothing is to be gained. */
const LARGE_BYTES = 48 * 1024;

/** So many fields, items or values are looked at in a few milliseconds. */
export const SLICE = 10_000;

/** Whether others get their turn between two steps of a request about so many bytes. */
export const isLarge = (bytes: number): boolean => bytes >= LARGE_BYTES;

/** Resolves when others have had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(goOn);
  });
}

function goOn(): void {
  const first = waiting.shift();
  if (waiting.length > 0) setImmediate(goOn);
  first?.();
}

/** Does work that yields after every few milliseconds; other requests get their turn in between. Rejects with what it throws. */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  let step = work.next();
  while (!step.done) {
    await nextTurn();
    step = work.next();
  }
  return step.value;
}

/** The same in one go, for work that is small. */
export function atOnce<T>(work: Generator<void, T>): T {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

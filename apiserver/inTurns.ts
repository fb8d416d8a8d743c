import { setImmediate } from 'node:timers/promises';

/** Does work that yields after every few milliseconds; other requests get their turn in between. Rejects with what it throws. */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  let step = work.next();
  while (!step.done) {
    await setImmediate();
    step = work.next();
  }
  return step.value;
}

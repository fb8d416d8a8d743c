import type { Clock } from '../process/clock.ts';
import { isExpectedRetry } from './expectedRetry.ts';

/** client-go's `retry.DefaultRetry`: five steps, 10 ms apart, with 10 % jitter. */
const STEPS = 5;
const DELAY_MILLISECONDS = 10;
const JITTER = 0.1;

/**
 * Runs `attempt`, which reads an object afresh, changes it and writes it, until the write meets no conflict.
 * After five conflicts the last is thrown; any other error is thrown at once.
 * @param random gives numbers in [0, 1)
 */
export async function retryOnConflict<R>(clock: Clock, attempt: () => Promise<R>, random: () => number = Math.random): Promise<R> {
  for (let step = 1; ; step += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (step === STEPS || !isExpectedRetry(error)) throw error;
      await clock.sleep(DELAY_MILLISECONDS * (1 + JITTER * random()));
    }
  }
}

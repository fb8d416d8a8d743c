import { type Clock, systemClock } from '../../process/clock.ts';

/** How much faster the control loops' time goes by: their minute is two seconds, where cron knows nothing shorter. */
export const PACE = 30;
const begun = systemClock.now();
const since = systemClock.monotonic();

/** Starts at the present time, and is ahead of it from then on. */
export const fastClock: Clock = {
  now: () => begun + (systemClock.monotonic() - since) * PACE,
  monotonic: () => systemClock.monotonic() * PACE,
  setTimeout: (run, milliseconds) => systemClock.setTimeout(run, milliseconds / PACE),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / PACE, signal),
};

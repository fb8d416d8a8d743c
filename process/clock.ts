/** A running timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/**
 * Time, passed in wherever logic needs it, so that a test of "after 40 s" takes a millisecond.
 * `now` is wall-clock milliseconds since the epoch, for stamps in objects; `monotonic` is milliseconds of a clock
 * that never jumps, for deadlines and ages.
 */
export interface Clock {
  now(): number;
  monotonic(): number;
  setTimeout(run: () => void, milliseconds: number): Timer;
  /** Resolves after the time has passed, or at once, without error, when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The second that was asked for last, and its text: objects of one second are many. */
let last = { second: Number.NaN, text: '' };

/** RFC 3339 with whole seconds, UTC: the form of `metav1.Time`. */
export function formatTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== last.second) last = { second, text: new Date(second * 1000).toISOString().replace(/\.\d+Z$/, 'Z') };
  return last.text;
}

/** RFC 3339 with six decimals, UTC: the form of `metav1.MicroTime`. */
export function formatMicroTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/Z$/, '000Z');
}

/**
 * The machine's. A process that stood still (a busy machine, a suspended one) finds its timers due before it has read what came meanwhile: what
 * was waited for would pass for missing. So what is due is run one turn later, when everything that had come has been read.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(run, milliseconds) {
    let due: NodeJS.Immediate | undefined;
    const handle = setTimeout(() => (due = setImmediate(run)), milliseconds);
    return {
      cancel: () => {
        clearTimeout(handle);
        clearImmediate(due);
      },
    };
  },
  sleep(milliseconds, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = systemClock.setTimeout(done, milliseconds);
      signal?.addEventListener('abort', done, { once: true });
    });
  },
};

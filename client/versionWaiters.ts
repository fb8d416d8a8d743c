import type { Clock } from '../process/clock.ts';
import { isNewer } from './objectKey.ts';

/** Those who wait until an informer has reached a resourceVersion. */
export class VersionWaiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<{ readonly version: string; readonly done: (reached: boolean) => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True once `version` is reached (at once where `current` is as new), false when the time is over first. */
  wait(version: string, current: string, milliseconds: number): Promise<boolean> {
    if (!isNewer(version, current)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => waiter.done(false), milliseconds);
      const waiter = {
        version,
        done: (reached: boolean): void => {
          timer.cancel();
          this.#waiting.delete(waiter);
          resolve(reached);
        },
      };
      this.#waiting.add(waiter);
    });
  }

  reached(current: string): void {
    for (const waiter of this.#waiting) {
      if (!isNewer(waiter.version, current)) waiter.done(true);
    }
  }
}

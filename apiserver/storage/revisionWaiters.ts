import type { Clock } from '../../process/clock.ts';

interface Waiter {
  readonly revision: number;
  readonly resolve: (reached: boolean) => void;
}

/** Those who wait until the clock has reached a revision. */
export class RevisionWaiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** True when the revision was reached, false when the time was over or the signal was aborted before. */
  wait(revision: number, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve(false);
      const finish = (reached: boolean): void => {
        this.#waiting.delete(waiter);
        timer.cancel();
        signal?.removeEventListener('abort', abort);
        resolve(reached);
      };
      const abort = (): void => finish(false);
      const waiter: Waiter = { revision, resolve: finish };
      const timer = this.#clock.setTimeout(abort, milliseconds);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  reached(revision: number): void {
    for (const waiter of this.#waiting) if (waiter.revision <= revision) waiter.resolve(true);
  }
}

import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that moves only when a test says so. */
export class FakeClock implements Clock {
  #time: number;
  readonly #pending = new Set<Pending>();

  constructor(startMilliseconds = Date.UTC(2026, 0, 1)) {
    this.#time = startMilliseconds;
  }

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  setTimeout(run: () => void, milliseconds: number): Timer {
    const pending = { at: this.#time + Math.max(0, milliseconds), run };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = this.setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, milliseconds);
      const abort = (): void => {
        timer.cancel();
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Moves time on, running what falls due in order, and lets promises settle after each step. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds;
    for (;;) {
      await settle();
      const next = [...this.#pending].filter((pending) => pending.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#pending.delete(next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
    }
    this.#time = end;
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

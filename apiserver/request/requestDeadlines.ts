import { badRequest, failure } from '../../api/apiError.ts';
import type { Clock } from '../../process/clock.ts';
import { readGoDuration } from '../../process/goDuration.ts';

/** How exactly a deadline is kept: one timer looks after all requests. */
const EVERY_MS = 250;

interface Entry {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly expire: () => void;
}

/** Ends requests that take too long (`--request-timeout`). */
export class RequestDeadlines {
  readonly #clock: Clock;
  readonly #longest: number;
  readonly #entries = new Set<Entry>();
  #isTicking = false;

  /** `longest` in milliseconds. */
  constructor(clock: Clock, longest: number) {
    this.#clock = clock;
    this.#longest = longest;
  }

  /** The outcome of `run`, or a 504 when it has taken longer than it may; then `giveUp` is called. `wanted` is the query's `timeout`; `run` is told by when, in monotonic milliseconds. */
  within<T>(wanted: string | null, giveUp: (() => void) | undefined, run: (deadline: number) => Promise<T>): Promise<T> {
    const at = this.#clock.monotonic() + timeoutOf(wanted, this.#longest);
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        at,
        expire: () => {
          reject(failure(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {}));
          giveUp?.();
        },
      };
      this.#entries.add(entry);
      run(at).then(
        (value) => {
          this.#entries.delete(entry);
          resolve(value);
        },
        (error: Error) => {
          this.#entries.delete(entry);
          reject(error);
        },
      );
      if (!this.#isTicking) this.#tick();
    });
  }

  #tick(): void {
    this.#isTicking = this.#entries.size > 0;
    if (!this.#isTicking) return;
    this.#clock.setTimeout(() => {
      const now = this.#clock.monotonic();
      for (const entry of this.#entries) {
        if (entry.at > now) continue;
        this.#entries.delete(entry);
        entry.expire();
      }
      this.#tick();
    }, EVERY_MS);
  }
}

/** The time that a client wants, a Go duration, and no more than `longest`; what is none, or lies in the past, is no wish. Throws 400 with Kubernetes' text. */
export function timeoutOf(wanted: string | null, longest: number): number {
  if (wanted === null || wanted === '') return longest;
  const size = readGoDuration(wanted);
  if (typeof size === 'string') throw badRequest(`invalid timeout specified in the request URL - ${size}`);
  return size > 0 && size < longest ? size : longest;
}

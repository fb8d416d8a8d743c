import { badRequest, failure } from '../../api/apiError.ts';
import type { Clock } from '../../process/clock.ts';

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

  /** The outcome of `run`, or a 504 when it has taken longer than it may; then `giveUp` is called. `wanted` is the query's `timeout`. */
  within<T>(wanted: string | null, giveUp: (() => void) | undefined, run: () => Promise<T>): Promise<T> {
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
      run().then(
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

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 };

/** The time that a client wants, a Go duration, and no more than `longest`. Throws 400 with Kubernetes' text. */
export function timeoutOf(wanted: string | null, longest: number): number {
  if (wanted === null || wanted === '' || wanted === '0') return longest;
  if (!/^[-+]?(\d+(\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)((\d+(\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns))*$/.test(wanted)) throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(wanted)}`);
  const size = [...wanted.matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!]!, 0);
  if (wanted.startsWith('-')) throw badRequest(`invalid timeout specified in the request URL - timeout must be a positive duration: ${JSON.stringify(wanted)}`);
  return size === 0 ? longest : Math.min(size, longest);
}

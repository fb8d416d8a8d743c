import { badRequest, failure } from '../../api/apiError.ts';
import { ownField } from '../../api/values/ownField.ts';
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

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 };
const PART = /(\d+(?:\.\d*)?|\.\d+)([^\d.]*)/y;

/** The time that a client wants, a Go duration, and no more than `longest`; what is none, or lies in the past, is no wish. Throws 400 with Kubernetes' text. */
export function timeoutOf(wanted: string | null, longest: number): number {
  if (wanted === null || wanted === '') return longest;
  const size = durationOf(wanted);
  if (typeof size === 'string') throw badRequest(`invalid timeout specified in the request URL - ${size}`);
  return size > 0 && size < longest ? size : longest;
}

/** Milliseconds, or what Go's `time.ParseDuration` says of a text that is no duration. */
function durationOf(text: string): number | string {
  const invalid = `time: invalid duration ${JSON.stringify(text)}`;
  const body = text.replace(/^[-+]/, '');
  if (body === '0') return 0;
  if (body === '') return invalid;
  let size = 0;
  for (PART.lastIndex = 0; PART.lastIndex < body.length; ) {
    const [, count, unit = ''] = PART.exec(body) ?? [];
    if (count === undefined) return invalid;
    if (unit === '') return `time: missing unit in duration ${JSON.stringify(text)}`;
    const unitSize = ownField(UNIT_MS, unit);
    if (unitSize === undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`;
    size += Number(count) * unitSize;
  }
  return text.startsWith('-') ? -size : size;
}

import type { Clock } from '../../process/clock.ts';

interface Entry<T> {
  readonly value: Promise<T>;
  /** Monotonic milliseconds; Infinity while it is still being made. */
  expires: number;
}

/**
 * Answers of somebody else, each kept for a while.
 * 1. Who asks for what is being fetched waits for the same answer.
 * 2. A failure is not kept.
 * 3. Never more than `maximum` entries: the one that was asked for longest ago goes first.
 */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #clock: Clock;
  readonly #maximum: number;

  constructor(clock: Clock, maximum: number) {
    this.#clock = clock;
    this.#maximum = maximum;
  }

  /** `lifetime`: how many milliseconds a value is kept; 0: not at all. */
  get(key: string, fetch: () => Promise<T>, lifetime: (value: T) => number): Promise<T> {
    const known = this.#entries.get(key);
    this.#entries.delete(key);
    if (known && known.expires > this.#clock.monotonic()) {
      this.#entries.set(key, known);
      return known.value;
    }
    const entry: Entry<T> = { value: this.#fetched(key, fetch, lifetime), expires: Infinity };
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#maximum) this.#entries.delete(this.#entries.keys().next().value!);
    return entry.value;
  }

  async #fetched(key: string, fetch: () => Promise<T>, lifetime: (value: T) => number): Promise<T> {
    let kept = 0;
    try {
      const value = await fetch();
      kept = lifetime(value);
      return value;
    } finally {
      const entry = this.#entries.get(key);
      if (entry?.expires === Infinity) {
        if (kept > 0) entry.expires = this.#clock.monotonic() + kept;
        else this.#entries.delete(key);
      }
    }
  }
}

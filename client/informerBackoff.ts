import type { Clock } from '../process/clock.ts';

const FIRST_MILLISECONDS = 100;
const LONGEST_MILLISECONDS = 10_000;
/** A watch that lived so long was sound, even if nothing happened in it. */
const SOUND_MILLISECONDS = 10_000;
const AT_ONCE_MILLISECONDS = 1000;

/** How long an informer waits between failures in a row: doubling from 0.1 s to 10 s, with up to as much again at random. */
export class InformerBackoff {
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  #begunAt = 0;
  #progress = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A watch begins. */
  begin(): void {
    this.#begunAt = this.#clock.monotonic();
    this.#progress = false;
  }

  /** The watch brought something. */
  progressed(): void {
    this.#progress = true;
    this.#failures = 0;
  }

  /** Whether a watch that has just ended, without an error, did nothing at all: asked for again at once, it would spin. */
  endedAtOnce(): boolean {
    return !this.#progress && this.#clock.monotonic() - this.#begunAt < AT_ONCE_MILLISECONDS;
  }

  /** What to wait before the next attempt; the first 410 in a row is answered at once. */
  failed(expired: boolean): { readonly milliseconds: number; readonly first: boolean } {
    if (this.#clock.monotonic() - this.#begunAt > SOUND_MILLISECONDS && this.#begunAt > 0) this.#failures = 0;
    this.#begunAt = 0;
    this.#failures += 1;
    const first = this.#failures === 1;
    if (first && expired) return { milliseconds: 0, first };
    const base = Math.min(FIRST_MILLISECONDS * 2 ** (this.#failures - 1), LONGEST_MILLISECONDS);
    return { milliseconds: base * (1 + this.#random()), first };
  }
}

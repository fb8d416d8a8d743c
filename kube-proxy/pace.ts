import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../process/clock.ts';

/** Work goes on for at most this long before others have their turn, in milliseconds. */
const TURN_MILLISECONDS = 10;

/** Cuts long work up: call `pause` often, it lets other events in when this turn is over. */
export class Pace {
  readonly #clock: Clock;
  #began: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.monotonic();
  }

  async pause(): Promise<void> {
    if (this.#clock.monotonic() - this.#began < TURN_MILLISECONDS) return;
    await setImmediate();
    this.#began = this.#clock.monotonic();
  }
}

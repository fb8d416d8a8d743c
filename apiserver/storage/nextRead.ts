import type { Clock, Timer } from '../../process/clock.ts';

/** A read that does not answer keeps the next one waiting no longer than this. */
const PATIENCE_MS = 50;

/**
 * Lets many callers share one question to etcd.
 * 1. A caller never gets the answer to a question that was sent before it asked; it would be older than the question.
 * 2. Callers that come while a question is under way share the next one.
 */
export class NextRead {
  readonly #read: () => Promise<number>;
  readonly #clock: Clock;
  #next: Promise<number> | undefined;
  /** Settles, never rejects, when the next question may be sent. */
  #free: Promise<void> = Promise.resolve();

  constructor(read: () => Promise<number>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  ask(): Promise<number> {
    this.#next ??= this.#free.then(() => {
      this.#next = undefined;
      const answer = this.#read();
      this.#free = this.#settled(answer);
      return answer;
    });
    return this.#next;
  }

  #settled(answer: Promise<number>): Promise<void> {
    return new Promise((resolve) => {
      const patience: Timer = this.#clock.setTimeout(resolve, PATIENCE_MS);
      const done = (): void => {
        patience.cancel();
        resolve();
      };
      // The callers of `ask` get the error.
      answer.then(done, done);
    });
  }
}

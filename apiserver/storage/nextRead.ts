import type { Clock, Timer } from '../../process/clock.ts';
import { decideAtTurnEnd } from './turnEnd.ts';

/** A read that does not answer keeps the next one waiting no longer than this. */
const PATIENCE_MS = 50;

/**
 * Lets many callers share one question to etcd.
 * 1. A caller never gets the answer to a question that was sent before it asked; it would be older than the question.
 * 2. Callers that come while a question is under way, or in the turn of the event loop in which it is to be sent, share the next one.
 */
export class NextRead {
  readonly #read: () => Promise<number>;
  readonly #clock: Clock;
  readonly #atTurnEnd: (decide: () => void) => void;
  #next: Promise<number> | undefined;
  /** Settles, never rejects, when the next question may be sent. */
  #free: Promise<void> = Promise.resolve();

  /** `atTurnEnd` calls back when all sockets that have something to read in this turn of the event loop were read. */
  constructor(read: () => Promise<number>, clock: Clock, atTurnEnd = decideAtTurnEnd) {
    this.#read = read;
    this.#clock = clock;
    this.#atTurnEnd = atTurnEnd;
  }

  ask(): Promise<number> {
    this.#next ??= this.#free.then(() => this.#ofThisTurn());
    return this.#next;
  }

  #ofThisTurn(): Promise<number> {
    return new Promise((resolve) =>
      this.#atTurnEnd(() => {
        this.#next = undefined;
        const answer = this.#read();
        this.#free = this.#settled(answer);
        resolve(answer);
      }),
    );
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

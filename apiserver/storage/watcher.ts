import { revisionOf } from './eventWindow.ts';
import type { WatchItem, WatchStream } from './types.ts';

export interface WatcherOptions {
  /** Items that may wait. */
  readonly limit: number;
  /** Events up to this revision are not for this watcher; it may be ahead of the clock. */
  readonly after: number;
  readonly clock: () => number;
}

/**
 * One watch of one client.
 * 1. Items come in the order in which they were offered, those that it started with first.
 * 2. `offer` never waits. A watcher which has more than `limit` items waiting is ended once it has taken what waits, as in
 *    Kubernetes: its client goes on from the last event that it saw.
 */
export class Watcher implements WatchStream {
  /** What it wants to see: a key prefix or a whole key. */
  readonly prefix: string;
  readonly #options: WatcherOptions;
  readonly #onEnd: (watcher: Watcher) => void;
  #waiting: WatchItem[];
  /** Items of the beginning do not count against the limit. */
  #taken = false;
  readonly #started: number;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  #told: (() => void) | undefined;

  constructor(prefix: string, start: WatchItem[], options: WatcherOptions, onEnd: (watcher: Watcher) => void) {
    this.prefix = prefix;
    this.#waiting = start;
    this.#started = start.length;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  offer(item: WatchItem): void {
    if (this.#ended || (item.kind === 'event' && revisionOf(item.event) <= this.#options.after)) return;
    if (this.#waiting.length - (this.#taken ? 0 : this.#started) >= this.#options.limit) return this.end();
    this.#waiting.push(item);
    this.#wake?.();
  }

  /** No more items come; with an error, iteration throws it after what waits. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#onEnd(this);
    this.#told?.();
    this.#wake?.();
  }

  onEnd(told: () => void): void {
    this.#told = told;
    if (this.#ended) told();
  }

  /** Drops what waits, too: the client has gone. */
  abort(): void {
    this.#waiting = [];
    this.end();
  }

  requestProgress(): void {
    this.offer({ kind: 'progress', revision: this.#options.clock() });
  }

  async *batches(): AsyncGenerator<readonly WatchItem[]> {
    try {
      for (;;) {
        if (this.#waiting.length > 0) {
          const batch = this.#waiting;
          this.#waiting = [];
          this.#taken = true;
          yield batch;
        } else if (this.#ended) {
          if (this.#error) throw this.#error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
        }
      }
    } finally {
      this.abort();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchItem> {
    for await (const batch of this.batches()) yield* batch;
  }
}

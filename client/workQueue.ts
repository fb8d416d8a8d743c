import type { Clock, Timer } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { isExpectedRetry } from './expectedRetry.ts';
import type { ReconcileResult, WorkQueue } from './types.ts';

/** client-go's DefaultControllerRateLimiter, per key. */
const BASE_DELAY_MILLISECONDS = 5;
const MAXIMUM_DELAY_MILLISECONDS = 1_000_000;

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a key waits after its n-th failure in a row (n from 1), in milliseconds. */
export function failureDelay(failures: number): number {
  return Math.min(BASE_DELAY_MILLISECONDS * 2 ** (failures - 1), MAXIMUM_DELAY_MILLISECONDS);
}

/** See `WorkQueue` for what it promises. */
export class WorkQueueImpl implements WorkQueue {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Keys that wait, oldest first; a key here is never also in `#again`. */
  readonly #waiting = new Set<string>();
  /** Keys that a worker holds. */
  readonly #active = new Set<string>();
  /** Keys that were added while a worker held them; a subset of `#active`. */
  readonly #again = new Set<string>();
  /** One timer per key: the one that fires first. */
  readonly #later = new Map<string, { readonly at: number; readonly timer: Timer }>();
  readonly #failures = new Map<string, number>();
  /** Workers that wait for a key. */
  readonly #idle: Array<() => void> = [];
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  get length(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    if (this.#active.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#idle.shift()?.();
  }

  addAfter(key: string, milliseconds: number): void {
    if (this.#stopped) return;
    if (milliseconds <= 0) return this.add(key);
    const at = this.#clock.monotonic() + milliseconds;
    const planned = this.#later.get(key);
    if (planned && planned.at <= at) return;
    planned?.timer.cancel();
    const timer = this.#clock.setTimeout(() => {
      this.#later.delete(key);
      this.add(key);
    }, milliseconds);
    this.#later.set(key, { at, timer });
  }

  async run(workers: number, reconcile: (key: string) => Promise<ReconcileResult>, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return this.#stop();
    const stop = (): void => this.#stop();
    signal.addEventListener('abort', stop, { once: true });
    await Promise.all(Array.from({ length: workers }, () => this.#work(reconcile)));
    signal.removeEventListener('abort', stop);
  }

  async #work(reconcile: (key: string) => Promise<ReconcileResult>): Promise<void> {
    while (!this.#stopped) {
      const [key] = this.#waiting;
      if (key === undefined) {
        await new Promise<void>((wake) => this.#idle.push(wake));
        continue;
      }
      this.#waiting.delete(key);
      this.#active.add(key);
      await this.#handle(key, reconcile);
      this.#active.delete(key);
      if (this.#again.delete(key)) this.add(key);
    }
  }

  async #handle(key: string, reconcile: (key: string) => Promise<ReconcileResult>): Promise<void> {
    try {
      const result = await reconcile(key);
      this.#failures.delete(key);
      if (result) this.addAfter(key, result.requeueAfterMilliseconds);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const delay = failureDelay(failures);
      const fields = { key, retryInMilliseconds: delay, error };
      if (isExpectedRetry(error)) this.#logger.debug('reconciling again', fields);
      else this.#logger.warn('reconciling failed', fields);
      this.addAfter(key, delay);
    }
  }

  #stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#later.values()) timer.cancel();
    this.#later.clear();
    for (const wake of this.#idle.splice(0)) wake();
  }
}

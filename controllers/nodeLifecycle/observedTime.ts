import { Nodes } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';

/**
 * Milliseconds in which this observer could see the cluster. It stands still while the API server does not answer (an outage of the control
 * plane, etcd without a majority) and while the observer itself did not run, but for `tolerance`: nobody is silent in a time in which nobody
 * could have been heard. It never runs backwards.
 */
export class ObservedTime {
  readonly #tolerance: number;
  #elapsed = 0;
  #seenAt: number;

  /** `now`, here and below: monotonic milliseconds. `tolerance`: how far apart two answers may be with the time between still counting. */
  constructor(now: number, tolerance: number) {
    this.#seenAt = now;
    this.#tolerance = tolerance;
  }

  at(now: number): number {
    return this.#elapsed + Math.min(now - this.#seenAt, this.#tolerance);
  }

  /** The API server has just answered. */
  seen(now: number): void {
    this.#elapsed = this.at(now);
    this.#seenAt = now;
  }
}

/** Keeps `time` going by asking the API server for something that only etcd's majority can answer, until the signal. */
export async function watchOver(time: ObservedTime, client: KubeClient, clock: Clock, logger: Logger, period: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await client.list(Nodes, { limit: 1, signal });
      time.seen(clock.monotonic());
    } catch (error) {
      if (!signal.aborted) logger.warn('the API server does not answer: until it does, no node ages', { error });
    }
    await clock.sleep(period, signal);
  }
}

import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { AuditEvent } from './auditEvent.ts';

/** Where events go. */
export interface AuditBackend {
  /** Resolves when the events are where they belong, or (batches) in line for it. Never rejects but where `blocking-strict` wants it to. */
  process(events: readonly AuditEvent[]): Promise<void>;
  /** Resolves when nothing waits any more. */
  close(): Promise<void>;
}

export interface BatchSettings {
  /** Events that may wait; what comes then is lost, with a word in the log. */
  readonly bufferSize: number;
  readonly maxSize: number;
  readonly maxWaitMilliseconds: number;
  /** Batches per second, and how many may go at once; undefined: as many as there are. */
  readonly throttle?: { readonly qps: number; readonly burst: number };
}

/** The first event wakes it. */
const IDLE_MS = 60_000;

/** Gathers events, so that no request waits for the backend (`mode=batch`). */
export class BatchingBackend implements AuditBackend {
  readonly #inner: AuditBackend;
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #waiting: AuditEvent[] = [];
  #lost = 0;
  #wake: AbortController | undefined;
  readonly #done: Promise<void>;

  constructor(inner: AuditBackend, settings: BatchSettings, clock: Clock, logger: Logger) {
    this.#inner = inner;
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
    this.#done = this.#run();
  }

  async process(events: readonly AuditEvent[]): Promise<void> {
    const wasEmpty = this.#waiting.length === 0;
    for (const event of events) {
      if (this.#waiting.length < this.#settings.bufferSize) this.#waiting.push(event);
      else this.#lost += 1;
    }
    if (wasEmpty || this.#waiting.length >= this.#settings.maxSize) this.#wake?.abort();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await this.#inner.close();
  }

  async #run(): Promise<void> {
    const { maxSize, maxWaitMilliseconds, throttle } = this.#settings;
    let tokens = throttle?.burst ?? 0;
    let filled = this.#clock.monotonic();
    while (!this.#stop.signal.aborted || this.#waiting.length > 0) {
      if (this.#waiting.length === 0) {
        await this.#sleep(IDLE_MS);
        continue;
      }
      if (this.#waiting.length < maxSize) await this.#sleep(maxWaitMilliseconds);
      if (throttle && !this.#stop.signal.aborted) {
        const now = this.#clock.monotonic();
        tokens = Math.min(throttle.burst, tokens + ((now - filled) / 1000) * throttle.qps);
        filled = now;
        if (tokens < 1) await this.#clock.sleep(((1 - tokens) / throttle.qps) * 1000, this.#stop.signal);
        tokens -= 1;
      }
      await this.#send(this.#waiting.splice(0, maxSize));
    }
  }

  /** Until the time is over, somebody wakes it, or it is closed. */
  async #sleep(milliseconds: number): Promise<void> {
    this.#wake = new AbortController();
    await this.#clock.sleep(milliseconds, AbortSignal.any([this.#wake.signal, this.#stop.signal]));
  }

  async #send(events: readonly AuditEvent[]): Promise<void> {
    if (this.#lost > 0) this.#logger.error('audit events were lost: the buffer is full', { count: this.#lost });
    this.#lost = 0;
    try {
      await this.#inner.process(events);
    } catch (error) {
      this.#logger.error('audit events were lost', { count: events.length, error });
    }
  }
}

/** Sends a list of events; rejects where it was not taken. */
export type SendEvents = (list: { readonly kind: 'EventList'; readonly apiVersion: 'audit.k8s.io/v1'; readonly metadata: object; readonly items: readonly AuditEvent[] }) => Promise<void>;

const ATTEMPTS = 5;
const FACTOR = 1.5;

/** Posts events to a webhook, some times where it does not take them. */
export class WebhookBackend implements AuditBackend {
  readonly #send: SendEvents;
  readonly #firstPause: number;
  readonly #clock: Clock;

  /** `firstPause` in milliseconds (`--audit-webhook-initial-backoff`). */
  constructor(send: SendEvents, firstPause: number, clock: Clock) {
    this.#send = send;
    this.#firstPause = firstPause;
    this.#clock = clock;
  }

  async process(events: readonly AuditEvent[]): Promise<void> {
    for (let attempt = 1, pause = this.#firstPause; ; attempt += 1, pause *= FACTOR) {
      try {
        return await this.#send({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: events });
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
      await this.#clock.sleep(pause);
    }
  }

  async close(): Promise<void> {}
}

import { ApiError } from '../api/apiError.ts';
import type { CoreV1Event } from '../api/generated/types.ts';
import type { Draft } from '../api/meta.ts';
import { type Clock, formatTime } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { EventCorrelator, type EventRecord } from './eventCorrelator.ts';
import { NotLeaderError } from './leaderGuard.ts';
import { Events } from './resources.ts';
import type { EventRecorder, EventTarget, KubeClient } from './types.ts';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The event's source, e.g. `default-scheduler`. */
  readonly component: string;
  /** The node, for components that belong to one. */
  readonly host?: string;
  /** After it nothing more is tried again. */
  readonly signal?: AbortSignal;
}

/** Events that wait to be written beyond this number are dropped, as are more writes at once put off. */
const MAXIMUM_WAITING = 5000;
const WRITERS = 8;
/** client-go: a lost connection is tried again so often, so long apart. */
const ATTEMPTS = 12;
const RETRY_MILLISECONDS = 10_000;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** See `EventRecorder`; the rules about what is counted up or dropped are in `eventCorrelator.ts`. */
export class EventRecorderImpl implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator = new EventCorrelator();
  /** Records that say something which is not yet written, oldest first; none is here while a writer holds it. */
  readonly #waiting = new Set<EventRecord>();
  readonly #writing = new Set<EventRecord>();
  /** Changed while a writer held them. */
  readonly #again = new Set<EventRecord>();
  /** Exist on the server. */
  readonly #created = new WeakSet<EventRecord>();
  #lastNanoseconds = 0n;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  event(target: EventTarget, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const record = this.#correlator.correlate(this.#draft(target, type, reason, message), this.#options.clock.monotonic());
    if (!record) return;
    if (this.#writing.has(record)) this.#again.add(record);
    else if (this.#waiting.size < MAXIMUM_WAITING) this.#waiting.add(record);
    else this.#reportDrop();
    while (this.#waiting.size > 0 && this.#writing.size < WRITERS) void this.#write(this.#take());
  }

  #draft(target: EventTarget, type: string, reason: string, message: string): Draft<CoreV1Event> {
    const { name = '', namespace = '', uid, resourceVersion } = target.metadata;
    const { component, host, clock } = this.#options;
    const time = formatTime(clock.now());
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${this.#uniqueTime()}`, namespace: namespace === '' ? 'default' : namespace },
      involvedObject: {
        apiVersion: target.apiVersion,
        kind: target.kind,
        name,
        ...(namespace === '' ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(target.fieldPath === undefined ? {} : { fieldPath: target.fieldPath }),
      },
      type,
      reason,
      message,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }

  /** Nanoseconds since the epoch in hexadecimal, never the same twice. */
  #uniqueTime(): string {
    const now = BigInt(Math.floor(this.#options.clock.now())) * NANOSECONDS_PER_MILLISECOND;
    this.#lastNanoseconds = now > this.#lastNanoseconds ? now : this.#lastNanoseconds + 1n;
    return this.#lastNanoseconds.toString(16);
  }

  #take(): EventRecord {
    const [record] = this.#waiting;
    this.#waiting.delete(record!);
    this.#writing.add(record!);
    return record!;
  }

  /** One writer: ends when nothing waits. */
  async #write(first: EventRecord): Promise<void> {
    for (let record = first; ; record = this.#take()) {
      await this.#send(record);
      this.#writing.delete(record);
      if (this.#again.delete(record)) this.#waiting.add(record);
      if (this.#waiting.size === 0) return;
    }
  }

  async #send(record: EventRecord): Promise<void> {
    const { clock, logger, signal } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#put(record);
      } catch (error) {
        // What happened under a lead that is lost is the next leader's to tell, if it is still so.
        if (error instanceof NotLeaderError) return;
        if (error instanceof ApiError || attempt === ATTEMPTS || signal?.aborted) {
          logger.warn('an event was not accepted', { reason: record.event.reason, about: record.event.involvedObject.name, error });
          return;
        }
        await clock.sleep(RETRY_MILLISECONDS, signal);
      }
    }
  }

  async #put(record: EventRecord): Promise<void> {
    const { client } = this.#options;
    const { event } = record;
    if (this.#created.has(record)) {
      try {
        const change = { count: event.count, lastTimestamp: event.lastTimestamp, message: event.message };
        await client.patch(Events, event.metadata.name ?? '', event.metadata.namespace, 'application/merge-patch+json', change);
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
        // It has outlived its hour on the server; what it counted is told anew, under a new name.
        record.event = { ...event, metadata: { ...event.metadata, name: `${event.involvedObject.name ?? ''}.${this.#uniqueTime()}` } };
      }
    }
    await client.create(Events, record.event);
    this.#created.add(record);
  }

  #reportDrop(): void {
    this.#dropped += 1;
    if (this.#dropped % 1000 === 1) this.#options.logger.warn('too many events wait to be written; some are dropped', { dropped: this.#dropped });
  }
}

import type { CoreV1Event } from '../api/generated/types.ts';
import type { Draft } from '../api/meta.ts';
import { LruMap } from './lruMap.ts';

/** The figures of client-go's `EventCorrelator`. */
const REMEMBERED = 4096;
const SIMILAR_EVENTS = 10;
const SIMILAR_MILLISECONDS = 600_000;
const BURST = 25;
const TOKENS_PER_MILLISECOND = 1 / 300_000;

/** One Event object in the making: what it should say now. The recorder writes it whenever it differs from what was written. */
export interface EventRecord {
  readonly key: string;
  /** `count` and `lastTimestamp` are those of the last occurrence. */
  event: Draft<CoreV1Event>;
}

interface Similar {
  readonly messages: Set<string>;
  lastAt: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Decides what becomes of an occurrence: a new Event, a higher count of one that exists, a line in a collective one (ten
 * different messages for the same reason within ten minutes), or nothing (more than 25 at once and one in five minutes
 * about the same object). Times are milliseconds of one clock.
 */
export class EventCorrelator {
  readonly #similar = new LruMap<string, Similar>(REMEMBERED);
  readonly #records = new LruMap<string, EventRecord>(REMEMBERED);
  readonly #buckets = new LruMap<string, Bucket>(REMEMBERED);

  /** The record that has to be written, or undefined where the occurrence is dropped. */
  correlate(event: Draft<CoreV1Event>, now: number): EventRecord | undefined {
    const about = aboutKey(event);
    const group = `${about}|${event.involvedObject.fieldPath ?? ''}|${event.type ?? ''}|${event.reason ?? ''}`;
    const message = event.message ?? '';
    const collective = this.#isCollective(group, message, now);
    const key = collective ? group : `${group}|${message}`;
    const current = collective ? { ...event, message: `(combined from similar events): ${message}` } : event;
    const record = this.#observe(key, current);
    return this.#hasToken(about, now) ? record : undefined;
  }

  /** The record's object is gone from the server: the next occurrence makes a new one. */
  forget(record: EventRecord): void {
    if (this.#records.get(record.key) === record) this.#records.delete(record.key);
  }

  #isCollective(group: string, message: string, now: number): boolean {
    let similar = this.#similar.get(group);
    if (!similar || now - similar.lastAt > SIMILAR_MILLISECONDS) {
      similar = { messages: new Set(), lastAt: now };
      this.#similar.set(group, similar);
    }
    similar.lastAt = now;
    similar.messages.add(message);
    if (similar.messages.size < SIMILAR_EVENTS) return false;
    // The first nine keep Events of their own, and the set does not grow.
    similar.messages.delete(message);
    return true;
  }

  #observe(key: string, event: Draft<CoreV1Event>): EventRecord {
    const known = this.#records.get(key);
    if (!known) {
      const record: EventRecord = { key, event: { ...event, count: 1 } };
      this.#records.set(key, record);
      return record;
    }
    known.event = {
      ...event,
      metadata: known.event.metadata,
      ...(known.event.firstTimestamp === undefined ? {} : { firstTimestamp: known.event.firstTimestamp }),
      count: (known.event.count ?? 1) + 1,
    };
    return known;
  }

  #hasToken(about: string, now: number): boolean {
    let bucket = this.#buckets.get(about);
    if (!bucket) {
      bucket = { tokens: BURST, at: now };
      this.#buckets.set(about, bucket);
    }
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) * TOKENS_PER_MILLISECOND);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

function aboutKey({ source, involvedObject: object }: Draft<CoreV1Event>): string {
  return [source?.component, source?.host, object.kind, object.namespace, object.name, object.uid, object.apiVersion].join('|');
}

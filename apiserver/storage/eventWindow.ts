import type { CacheEvent } from './types.ts';

/** How much of the past is kept for watches that begin there. */
export interface WindowLimits {
  readonly events: number;
  readonly milliseconds: number;
}

interface Entry {
  readonly event: CacheEvent;
  readonly revision: number;
  readonly at: number;
}

export function revisionOf(event: CacheEvent): number {
  return event.type === 'put' ? event.current.revision : event.revision;
}

/** The recent events of one resource. All events after `floor` are in it. */
export class EventWindow {
  readonly #limits: WindowLimits;
  #entries: Entry[] = [];
  #head = 0;
  #floor: number;

  constructor(limits: WindowLimits, floor: number) {
    this.#limits = limits;
    this.#floor = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** `now` is monotonic milliseconds. */
  push(event: CacheEvent, now: number): void {
    this.#entries.push({ event, revision: revisionOf(event), at: now });
    this.trim(now);
  }

  /** Drops what is too old or too many. */
  trim(now: number): void {
    for (let first = this.#entries[this.#head]; first; first = this.#entries[this.#head]) {
      if (this.size <= this.#limits.events && first.at >= now - this.#limits.milliseconds) break;
      this.#floor = first.revision;
      this.#head += 1;
    }
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Forgets everything up to a revision. */
  restart(floor: number): void {
    this.#entries = [];
    this.#head = 0;
    this.#floor = floor;
  }

  /** Events after a revision that is not below `floor`. */
  since(revision: number): readonly CacheEvent[] {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry && entry.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#entries.slice(low).map((entry) => entry.event);
  }
}

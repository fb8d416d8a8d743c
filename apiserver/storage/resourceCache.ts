import { expired } from '../../api/apiError.ts';
import { EventWindow, type WindowLimits } from './eventWindow.ts';
import { ResourceStore } from './resourceStore.ts';
import type { CacheEvent, StoredObject, WatchItem } from './types.ts';
import { Watcher } from './watcher.ts';
import { WatcherIndex } from './watcherIndex.ts';

export interface ResourceCacheOptions {
  readonly window: WindowLimits;
  /** Items that a watcher may be behind. */
  readonly watcherLimit: number;
  readonly clock: () => number;
  readonly toResourceVersion: (revision: number) => string;
}

/** One resource in memory: its objects, its recent events and who watches it. */
export class ResourceCache {
  readonly prefix: string;
  readonly store = new ResourceStore();
  readonly window: EventWindow;
  readonly watchers: WatcherIndex;
  readonly #options: ResourceCacheOptions;
  readonly #handlers = new Set<(event: CacheEvent) => void>();
  /** What etcd holds and nobody can read, with why and since which revision. While there is any, nothing that includes it is answered. */
  readonly #unreadable = new Map<string, { readonly trouble: Error; readonly revision: number }>();

  /** `floor`: no events up to this revision are known. */
  constructor(prefix: string, floor: number, options: ResourceCacheOptions) {
    this.prefix = prefix;
    this.window = new EventWindow(options.window, floor);
    this.watchers = new WatcherIndex(prefix);
    this.#options = options;
  }

  /** Takes an event in and tells everybody; `now` is monotonic milliseconds. */
  apply(event: CacheEvent, now: number): void {
    this.take(event);
    this.window.push(event, now);
    this.watchers.dispatch(event.type === 'put' ? event.current.key : event.last.key, { kind: 'event', event });
  }

  /** Takes an event in and tells the handlers, but no watcher. */
  take(event: CacheEvent): void {
    if (event.type === 'put') this.store.put(event.current);
    else this.store.delete(event.last.key);
    for (const handler of this.#handlers) handler(event);
  }

  subscribe(handler: (event: CacheEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  get(key: string): StoredObject | undefined {
    if (this.#unreadable.size > 0) this.#refuseUnreadable(key);
    return this.store.get(key);
  }

  list(prefix: string): readonly StoredObject[] {
    if (this.#unreadable.size > 0) this.#refuseUnreadable(prefix);
    return prefix === this.prefix ? this.store.all() : this.store.directory(prefix);
  }

  count(prefix: string): number {
    return prefix === this.prefix ? this.store.size : this.store.countOf(prefix);
  }

  /** Throws `expired` where the events after `from` are no longer known. */
  watch(prefix: string, from: number | undefined): Watcher {
    if (this.#unreadable.size > 0) this.#refuseUnreadable(prefix);
    const start = from === undefined ? this.#presentState(prefix) : this.#missed(prefix, from);
    const watcher = new Watcher(prefix, start, { limit: this.#options.watcherLimit, after: from ?? 0, clock: this.#options.clock }, (ended) => this.watchers.remove(ended));
    this.watchers.add(watcher);
    return watcher;
  }

  /** Takes note that a key can not be read; those who watch must find out. */
  markUnreadable(key: string, revision: number, trouble: Error): void {
    this.#unreadable.set(key, { trouble, revision });
    this.window.restart(revision);
    for (const watcher of this.watchers.all()) if (covers(watcher.prefix, key)) watcher.end(trouble);
  }

  /** Takes note that a key is gone or was written anew. */
  forgetUnreadable(key: string): void {
    this.#unreadable.delete(key);
  }

  /** The revision since which a key can not be read. */
  unreadableSince(key: string): number | undefined {
    return this.#unreadable.get(key)?.revision;
  }

  unreadable(): Iterable<string> {
    return this.#unreadable.keys();
  }

  #refuseUnreadable(prefix: string): void {
    for (const [key, { trouble }] of this.#unreadable) if (covers(prefix, key)) throw trouble;
  }

  /** Ends every watch: what was missed can not be told as single events. */
  endWatches(floor: number): void {
    this.window.restart(floor);
    for (const watcher of this.watchers.all()) watcher.end(this.#expired(this.#options.clock()));
  }

  #presentState(prefix: string): WatchItem[] {
    const exact = prefix.endsWith('/') ? undefined : this.get(prefix);
    const objects = prefix.endsWith('/') ? this.list(prefix) : exact ? [exact] : [];
    const items: WatchItem[] = objects.map((current) => ({ kind: 'event', event: { type: 'put', current, previous: undefined } }));
    items.push({ kind: 'progress', revision: this.#options.clock() });
    return items;
  }

  #missed(prefix: string, from: number): WatchItem[] {
    if (from < this.window.floor) throw this.#expired(from);
    const items: WatchItem[] = [];
    for (const event of this.window.since(from)) {
      const { key } = event.type === 'put' ? event.current : event.last;
      if (covers(prefix, key)) items.push({ kind: 'event', event });
    }
    return items;
  }

  #expired(from: number): Error {
    return expired(`too old resource version: ${this.#options.toResourceVersion(from)} (${this.#options.toResourceVersion(this.window.floor)})`);
  }
}

/** Whether a prefix that ends with `/`, or a whole key, is about a key. */
function covers(prefix: string, key: string): boolean {
  return prefix.endsWith('/') ? key.startsWith(prefix) : key === prefix;
}

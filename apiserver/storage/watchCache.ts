import { setImmediate } from 'node:timers/promises';
import { failure } from '../../api/apiError.ts';
import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { isEncrypted } from '../encryption/transformer.ts';
import { atVersion } from './encodedObject.ts';
import type { EtcdStorage } from './etcdStorage.ts';
import { unavailable } from './etcdStorage.ts';
import type { EtcdEvent, Snapshot, WatchTarget } from './etcdWatch.ts';
import type { KeyValue } from './etcdMessages.ts';
import { directoryOf, OWN_PREFIX, resourcePrefixOf, TICK_KEY } from './keys.ts';
import { NextRead } from './nextRead.ts';
import { ResourceCache, type ResourceCacheOptions } from './resourceCache.ts';
import { RevisionWaiters } from './revisionWaiters.ts';
import type { UnreadableKeys } from './unreadable.ts';
import { resourcePrefix } from './types.ts';
import type { CacheEvent, StorageResource, StoredObject, WatchCache, WatchStart, WatchStream } from './types.ts';

export interface WatchCacheConfig {
  /** Events that are kept per resource for watches that begin in the past. */
  readonly windowEvents?: number;
  readonly windowMilliseconds?: number;
  readonly watcherLimit?: number;
  /** How long `consistent` waits for etcd's events once it knows the revision. */
  readonly consistentMilliseconds?: number;
}

/** Called when etcd answers reads but its watch has brought nothing for a while: the watch's connection may be dead. */
export type StallHandler = () => void;

const PROGRESS_EVERY_MS = 60_000;
/** Kubernetes' `blockTimeout` of the watch cache. */
const REACHED_MS = 3_000;
/** Events lag a linearizable read by about a millisecond; later, it is likely that there is none to come. */
const TICK_AFTER_MS = 25;
const TICK_EVERY_MS = 100;
/** A tick comes back within milliseconds; HTTP/2 pings would notice a dead connection only after 15 s. */
const STALLED_AFTER_MS = 1_000;
/** Events that are applied before readers get their turn; well below what a watcher may have waiting, or a burst would end fast ones too. */
const CHUNK = 256;

/** `WatchCache` in memory; `keepWatching` feeds it. */
export class MemoryWatchCache implements WatchCache, WatchTarget, UnreadableKeys {
  readonly #storage: EtcdStorage;
  readonly #time: Clock;
  readonly #logger: Logger;
  readonly #resources = new Map<string, ResourceCache>();
  readonly #options: ResourceCacheOptions;
  readonly #consistentMilliseconds: number;
  readonly #waiters: RevisionWaiters;
  readonly #revision: NextRead;
  #clock = 0;
  /** Events up to here were never seen as events. */
  #floor = 0;
  #sinceTurn = 0;
  /** When events last came, or a stall was last reported (monotonic). */
  #lastSign: number;
  readonly #onStall: StallHandler;
  readonly #chunk: number;
  #ticking: Promise<void> | undefined;
  #progress: Timer | undefined;

  constructor(storage: EtcdStorage, config: WatchCacheConfig, time: Clock, logger: Logger, onStall: StallHandler) {
    this.#storage = storage;
    this.#time = time;
    this.#lastSign = time.monotonic();
    this.#onStall = onStall;
    this.#logger = logger;
    this.#consistentMilliseconds = config.consistentMilliseconds ?? 5_000;
    this.#waiters = new RevisionWaiters(time);
    this.#revision = new NextRead(() => storage.currentRevision(), time);
    this.#options = {
      window: { events: config.windowEvents ?? 10_000, milliseconds: config.windowMilliseconds ?? 300_000 },
      watcherLimit: config.watcherLimit ?? 4_000,
      clock: () => this.#clock,
      toResourceVersion: (revision) => storage.toResourceVersion(revision),
    };
    this.#chunk = Math.min(CHUNK, Math.ceil(this.#options.watcherLimit / 4));
  }

  get clock(): number {
    return this.#clock;
  }

  async consistent(signal?: AbortSignal): Promise<number> {
    const revision = await this.#revision.ask();
    if (this.#clock >= revision) return this.#clock;
    const began = this.#time.monotonic();
    while (!(await this.#waiters.wait(revision, TICK_AFTER_MS, signal))) {
      signal?.throwIfAborted();
      const now = this.#time.monotonic();
      if (now >= began + this.#consistentMilliseconds) throw unavailable('its watch is behind');
      if (now >= Math.max(began, this.#lastSign) + STALLED_AFTER_MS) {
        this.#lastSign = now;
        this.#onStall();
      }
      this.#tick();
    }
    return this.#clock;
  }

  async reached(revision: number, signal?: AbortSignal): Promise<void> {
    if (this.#clock >= revision) return;
    if (await this.#waiters.wait(revision, REACHED_MS, signal)) return;
    signal?.throwIfAborted();
    const { toResourceVersion } = this.#options;
    throw failure(504, 'Timeout', `Timeout: Too large resource version: ${toResourceVersion(revision)}, current: ${toResourceVersion(this.#clock)}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  }

  get(key: string): StoredObject | undefined {
    return this.#resources.get(resourcePrefixOf(key))?.get(key);
  }

  list(prefix: string): readonly StoredObject[] {
    return this.#resources.get(resourcePrefixOf(prefix))?.list(prefix) ?? [];
  }

  count(prefix: string): number {
    return this.#resources.get(resourcePrefixOf(prefix))?.count(prefix) ?? 0;
  }

  meanBytes(prefix: string): number {
    return this.#resources.get(prefix)?.store.meanBytes ?? 0;
  }

  watch(start: WatchStart): WatchStream {
    const watcher = this.#resource(resourcePrefixOf(start.prefix)).watch(start.prefix, start.fromRevision);
    if (start.signal.aborted) watcher.abort();
    else start.signal.addEventListener('abort', () => watcher.abort(), { once: true });
    return watcher;
  }

  subscribe(resource: StorageResource, handler: (event: CacheEvent) => void): () => void {
    return this.#resource(resourcePrefix(resource)).subscribe(handler);
  }

  async apply(events: readonly EtcdEvent[]): Promise<void> {
    this.#lastSign = this.#time.monotonic();
    for (const [at, event] of events.entries()) {
      if (event.kv.modRevision <= this.#clock) continue;
      this.#applyOne(event);
      this.#sinceTurn += 1;
      if (events[at + 1]?.kv.modRevision === event.kv.modRevision) continue;
      this.#clock = event.kv.modRevision;
      if (this.#sinceTurn < this.#chunk) continue;
      this.#sinceTurn = 0;
      this.#waiters.reached(this.#clock);
      await setImmediate();
    }
    this.#waiters.reached(this.#clock);
  }

  async replace(snapshot: Snapshot): Promise<void> {
    const clock = this.#clock;
    if (clock === 0) this.#floor = snapshot.revision;
    const gone = this.#missingFrom(snapshot);
    const changed = snapshot.kvs.filter((kv) => kv.modRevision > clock && !isOwn(kv.key));
    // The first time there is nobody to tell, and key order is the cheapest to take in.
    if (clock > 0) changed.sort((a, b) => a.modRevision - b.modRevision);
    // Watchers are told of changes in place and of new objects. Where objects went away, or others came in their place,
    // the order of what happened is lost: their watchers must list again.
    const broken = new Set(gone.map(resourcePrefixOf));
    for (const kv of changed) if (kv.createRevision > clock && this.#resource(resourcePrefixOf(kv.key)).store.get(kv.key)) broken.add(resourcePrefixOf(kv.key));
    for (const prefix of broken) this.#resource(prefix).endWatches(snapshot.revision);
    for (const key of gone) {
      const event = this.#deletion(key, snapshot.revision);
      if (event) this.#resource(resourcePrefixOf(key)).take(event);
    }
    for (const [at, kv] of changed.entries()) {
      const cache = this.#resource(resourcePrefixOf(kv.key));
      const event = this.#putting(kv);
      if (event) {
        if (clock === 0 || broken.has(cache.prefix)) cache.take(event);
        else cache.apply(event, this.#time.monotonic());
      }
      // Later, readers must not come in between: what they would find is ahead of the clock.
      if (clock === 0 && at % CHUNK === CHUNK - 1) await setImmediate();
    }
    this.#clock = Math.max(clock, snapshot.revision);
    this.#waiters.reached(this.#clock);
  }

  unreadable(): readonly string[] {
    return [...this.#resources.values()].flatMap((cache) => [...cache.unreadable()]);
  }

  recover(kv: KeyValue): void {
    const cache = this.#resource(resourcePrefixOf(kv.key));
    if (kv.trouble || cache.unreadableSince(kv.key) !== kv.modRevision) return;
    const event = this.#putting(kv);
    // Nobody watches what includes it.
    if (event) cache.take(event);
  }

  /** Begins to tell watchers the clock about once a minute, until the signal is aborted. */
  start(signal: AbortSignal): void {
    const progress = (): void => {
      const now = this.#time.monotonic();
      for (const cache of this.#resources.values()) {
        cache.window.trim(now);
        for (const watcher of cache.watchers.all()) watcher.requestProgress();
      }
      this.#progress = this.#time.setTimeout(progress, PROGRESS_EVERY_MS);
    };
    this.#progress = this.#time.setTimeout(progress, PROGRESS_EVERY_MS);
    signal.addEventListener('abort', () => this.#progress?.cancel(), { once: true });
  }

  #resource(prefix: string): ResourceCache {
    let cache = this.#resources.get(prefix);
    if (!cache) this.#resources.set(prefix, (cache = new ResourceCache(prefix, this.#floor, this.#options)));
    return cache;
  }

  /** Keys that are in memory and no longer in etcd. */
  #missingFrom(snapshot: Snapshot): string[] {
    const known = [...this.#resources.values()].flatMap((cache) => [...cache.store.keys(), ...cache.unreadable()]);
    if (known.length === 0) return [];
    const present = new Set(snapshot.kvs.map((kv) => kv.key));
    return known.filter((key) => !present.has(key));
  }

  #applyOne({ type, kv }: EtcdEvent): void {
    if (isOwn(kv.key)) return;
    const event = type === 'put' ? this.#putting(kv) : this.#deletion(kv.key, kv.modRevision);
    if (event) this.#resource(resourcePrefixOf(kv.key)).apply(event, this.#time.monotonic());
  }

  #putting(kv: KeyValue): CacheEvent | undefined {
    const cache = this.#resource(resourcePrefixOf(kv.key));
    if (cache.unreadableSince(kv.key) !== undefined) cache.forgetUnreadable(kv.key);
    try {
      return { type: 'put', current: this.#clock === 0 ? this.#storage.decode(kv) : this.#storage.decodeEvent(kv), previous: cache.store.get(kv.key) };
    } catch (error) {
      if (kv.trouble ?? isEncrypted(kv.value)) {
        this.#logger.warn('a value in etcd is encrypted and can not be opened', { key: kv.key, error });
        this.#setUnreadable(cache, kv, error);
        return undefined;
      }
      // One broken value, which no API server wrote, must not stop all others.
      this.#logger.error('a value in etcd can not be read', { key: kv.key, error });
      return undefined;
    }
  }

  /** What memory held of it is no longer true. */
  #setUnreadable(cache: ResourceCache, kv: KeyValue, error: unknown): void {
    const last = this.#deletion(kv.key, kv.modRevision);
    if (last) cache.take(last);
    cache.markUnreadable(kv.key, kv.modRevision, error instanceof Error ? error : new Error(String(error)));
  }

  #deletion(key: string, revision: number): CacheEvent | undefined {
    const cache = this.#resource(resourcePrefixOf(key));
    cache.forgetUnreadable(key);
    const last = cache.store.get(key);
    return last && { type: 'delete', last: atVersion(last, revision, this.#storage.toResourceVersion(revision)), revision };
  }

  /** Makes an event of ours, so that the clock passes revisions that were others'. */
  #tick(): void {
    if (this.#ticking) return;
    const tick = async (): Promise<void> => {
      try {
        await this.#storage.transact([], [{ kind: 'putValue', key: TICK_KEY, value: { at: this.#time.now() } }]);
      } catch (error) {
        this.#logger.debug('the tick was not written', { error });
      }
      await this.#time.sleep(TICK_EVERY_MS);
      this.#ticking = undefined;
    };
    this.#ticking = tick();
  }
}

/** Keys directly in our own folder: they move the clock, and are no objects. */
function isOwn(key: string): boolean {
  return key.startsWith(OWN_PREFIX) && directoryOf(key) === OWN_PREFIX;
}

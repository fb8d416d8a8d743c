import { ApiError } from '../api/apiError.ts';
import type { KubeObject } from '../api/meta.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { InformerBackoff } from './informerBackoff.ts';
import { InformerHandlers } from './informerHandlers.ts';
import { isNewer, objectKey } from './objectKey.ts';
import { NAMESPACE_INDEX, Store } from './store.ts';
import type { EventHandler, Indexer, Informer, KubeClient, ListOptions, Resource, WatchEvent } from './types.ts';
import { VersionWaiters } from './versionWaiters.ts';

export interface InformerSelector {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface InformerDependencies {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Numbers in [0, 1). */
  readonly random?: () => number;
}

/** client-go's reflector asks for 5 to 10 minutes, so that the watches of many clients do not end together. */
const MINIMUM_WATCH_SECONDS = 300;
/** How much longer than it asked for a watch may last before it is taken for dead. */
const WATCH_GRACE_MILLISECONDS = 30_000;
/** After so many objects of a list other work gets its turn. */
const LIST_SLICE = 500;

/** See `Informer` for what it promises. */
export class InformerImpl<T extends KubeObject> implements Informer<T> {
  readonly resource: Resource<T>;
  readonly #selector: InformerSelector;
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #random: () => number;
  readonly #store = new Store<T>();
  readonly #handlers: InformerHandlers<T>;
  readonly #waiters: VersionWaiters;
  readonly #backoff: InformerBackoff;
  readonly #syncWaiters = new Set<() => void>();
  #hasSynced = false;
  /** The resourceVersion from which the next watch goes on. */
  #version = '';
  /** True when `#version` is too old to go on from, or nothing was listed yet. */
  #mustList = true;

  constructor(resource: Resource<T>, selector: InformerSelector, dependencies: InformerDependencies) {
    this.resource = resource;
    this.#selector = selector;
    this.#client = dependencies.client;
    this.#clock = dependencies.clock;
    this.#logger = dependencies.logger.child({ resource: resource.plural });
    this.#random = dependencies.random ?? Math.random;
    this.#handlers = new InformerHandlers(this.#logger);
    this.#waiters = new VersionWaiters(this.#clock);
    this.#backoff = new InformerBackoff(this.#clock, this.#random);
    if (resource.namespaced) this.#store.addIndex(NAMESPACE_INDEX, (object) => [object.metadata.namespace ?? '']);
  }

  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(): readonly T[] {
    return this.#store.list();
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value);
  }

  inNamespace(namespace: string): readonly T[] {
    return this.#store.byIndex(NAMESPACE_INDEX, namespace);
  }

  addIndex(index: string, indexer: Indexer<T>): void {
    this.#store.addIndex(index, indexer);
  }

  addHandler(handler: EventHandler<T>): void {
    this.#handlers.add(handler, this.#store.list());
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get resourceVersion(): string {
    return this.#version;
  }

  /** Resolves, too, when the signal comes first. */
  synced(signal?: AbortSignal): Promise<void> {
    if (this.#hasSynced || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#syncWaiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#syncWaiters.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  waitFor(resourceVersion: string, milliseconds: number): Promise<boolean> {
    return this.#waiters.wait(resourceVersion, this.#version, milliseconds);
  }

  /** Lists and watches until the signal; run it again to go on from where it stopped. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#mustList) await this.#list(signal);
        if (!signal.aborted) await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const known = new Set(this.#store.keys());
    // '0' is whatever the server has in memory; later lists may not go back behind what was seen.
    let options: ListOptions = { ...this.#selector, resourceVersion: this.#version === '' ? '0' : this.#version, signal };
    for (;;) {
      const page = await this.#listPage(options);
      let handled = 0;
      for (const object of page.items) {
        known.delete(objectKey(object));
        this.#apply(object, !this.#hasSynced);
        handled += 1;
        if (handled % LIST_SLICE === 0) await new Promise(setImmediate);
      }
      if (page.metadata.continue) {
        options = { ...this.#selector, limit: LIST_SLICE, continue: page.metadata.continue, signal };
        continue;
      }
      for (const key of known) this.#remove(key, this.#store.get(key));
      this.#mustList = false;
      this.#reached(page.metadata.resourceVersion ?? '');
      break;
    }
    this.#hasSynced = true;
    for (const done of this.#syncWaiters) done();
  }

  async #listPage(options: ListOptions): Promise<{ items: T[]; metadata: { continue?: string; resourceVersion?: string } }> {
    try {
      return await this.#client.list(this.resource, options);
    } catch (error) {
      if (options.continue !== undefined || (!isExpired(error) && !isTooLarge(error))) throw error;
      // The server does not have that version (any more, or yet): a consistent list is always to be had.
      const { resourceVersion: _, ...rest } = options;
      return this.#client.list(this.resource, rest);
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const timeoutSeconds = Math.floor(MINIMUM_WATCH_SECONDS * (1 + this.#random()));
    const deadline = new AbortController();
    const abort = (): void => deadline.abort();
    const timer = this.#clock.setTimeout(abort, timeoutSeconds * 1000 + WATCH_GRACE_MILLISECONDS);
    signal.addEventListener('abort', abort, { once: true });
    this.#backoff.begin();
    try {
      const options = { ...this.#selector, resourceVersion: this.#version, allowWatchBookmarks: true, timeoutSeconds, signal: deadline.signal };
      for await (const event of this.#client.watch(this.resource, options)) {
        if (signal.aborted) return;
        this.#receive(event);
      }
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    }
    if (!signal.aborted && this.#backoff.endedAtOnce()) throw new Error('the watch ended as soon as it had begun');
  }

  #receive(event: WatchEvent<T>): void {
    if (event.type === 'ERROR') throw new ApiError(event.object);
    this.#backoff.progressed();
    if (event.type === 'DELETED') this.#remove(objectKey(event.object), event.object);
    else if (event.type !== 'BOOKMARK') this.#apply(event.object, false);
    this.#reached(event.object.metadata.resourceVersion);
  }

  /** An object of another uid under the same key means that the end of the first was missed. */
  #apply(object: T, initial: boolean): void {
    let previous = this.#store.get(objectKey(object));
    if (previous && !isNewer(object.metadata.resourceVersion, previous.metadata.resourceVersion)) return;
    if (previous && previous.metadata.uid !== object.metadata.uid) {
      this.#remove(objectKey(object), previous);
      previous = undefined;
    }
    this.#store.set(object);
    if (previous) this.#handlers.updated(previous, object);
    else this.#handlers.added(object, initial);
  }

  #remove(key: string, last: T | undefined): void {
    if (!last || !this.#store.has(key)) return;
    this.#store.delete(key);
    this.#handlers.deleted(last);
  }

  #reached(version: string): void {
    if (!isNewer(version, this.#version)) return;
    this.#version = version;
    this.#waiters.reached(version);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const expired = isExpired(error);
    if (expired) this.#mustList = true;
    const { milliseconds, first } = this.#backoff.failed(expired);
    const fields = { error, retryInMilliseconds: Math.round(milliseconds) };
    if (expired) this.#logger.info('the watch is too old to go on; listing again', fields);
    else if (first) this.#logger.warn(this.#mustList ? 'listing failed' : 'the watch failed', fields);
    else this.#logger.debug('list or watch failed again', fields);
    await this.#clock.sleep(milliseconds, signal);
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.code === 410;
}

/** The server is behind the version that was asked for and did not catch up in time. */
function isTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'Timeout';
}

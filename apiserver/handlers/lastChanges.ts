import type { StorageResource, WatchCache } from '../storage/types.ts';

/**
 * When each resource changed last, as far as the watch cache was told. What is not yet known of a resource is taken to have changed
 * just when it was first asked about, which is never too early.
 */
export class LastChanges {
  readonly #cache: WatchCache;
  readonly #until: AbortSignal;
  readonly #revisions = new Map<string, number>();

  constructor(cache: WatchCache, until: AbortSignal) {
    this.#cache = cache;
    this.#until = until;
  }

  of(resource: StorageResource): number {
    const name = `${resource.group}/${resource.resource}`;
    const known = this.#revisions.get(name);
    if (known !== undefined) return known;
    const now = this.#cache.clock;
    this.#revisions.set(name, now);
    const unsubscribe = this.#cache.subscribe(resource, (event) => {
      this.#revisions.set(name, event.type === 'put' ? event.current.revision : event.revision);
    });
    this.#until.addEventListener('abort', unsubscribe, { once: true });
    return now;
  }
}

import { directoryOf } from './keys.ts';
import type { WatchItem } from './types.ts';
import type { Watcher } from './watcher.ts';

/**
 * The watchers of one resource by what they watch (all of it, one namespace, one object), so that an event costs as much as
 * it has readers, however many others watch.
 */
export class WatcherIndex {
  readonly #byPrefix = new Map<string, Set<Watcher>>();
  readonly #resource: string;

  /** `resource` is the prefix of the whole resource. */
  constructor(resource: string) {
    this.#resource = resource;
  }

  get size(): number {
    let size = 0;
    for (const watchers of this.#byPrefix.values()) size += watchers.size;
    return size;
  }

  add(watcher: Watcher): void {
    const watchers = this.#byPrefix.get(watcher.prefix);
    if (watchers) watchers.add(watcher);
    else this.#byPrefix.set(watcher.prefix, new Set([watcher]));
  }

  remove(watcher: Watcher): void {
    const watchers = this.#byPrefix.get(watcher.prefix);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byPrefix.delete(watcher.prefix);
  }

  dispatch(key: string, item: WatchItem): void {
    if (this.#byPrefix.size === 0) return;
    this.#offer(this.#resource, item);
    const directory = directoryOf(key);
    if (directory !== this.#resource) this.#offer(directory, item);
    this.#offer(key, item);
  }

  all(): readonly Watcher[] {
    return [...this.#byPrefix.values()].flatMap((watchers) => [...watchers]);
  }

  #offer(prefix: string, item: WatchItem): void {
    const watchers = this.#byPrefix.get(prefix);
    if (watchers) for (const watcher of watchers) watcher.offer(item);
  }
}

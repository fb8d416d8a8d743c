import { directoryOf } from './keys.ts';
import { SortedObjects } from './sortedObjects.ts';
import type { StoredObject } from './types.ts';

/** The present objects of one resource: by key, and in order by namespace. */
export class ResourceStore {
  readonly #byKey = new Map<string, StoredObject>();
  readonly #directories = new Map<string, SortedObjects>();
  #all: readonly StoredObject[] | undefined;

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): StoredObject | undefined {
    return this.#byKey.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  put(stored: StoredObject): void {
    this.#byKey.set(stored.key, stored);
    this.#all = undefined;
    const directory = directoryOf(stored.key);
    let objects = this.#directories.get(directory);
    if (!objects) this.#directories.set(directory, (objects = new SortedObjects()));
    objects.put(stored);
  }

  delete(key: string): void {
    if (!this.#byKey.delete(key)) return;
    this.#all = undefined;
    const directory = directoryOf(key);
    const objects = this.#directories.get(directory);
    objects?.delete(key);
    if (objects?.size === 0) this.#directories.delete(directory);
  }

  /** Everything, in key order. */
  all(): readonly StoredObject[] {
    if (this.#all) return this.#all;
    const parts = [...this.#directories].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, objects]) => objects.snapshot());
    this.#all = parts.length === 1 && parts[0] ? parts[0] : parts.flat();
    return this.#all;
  }

  /** One namespace, in key order. */
  directory(prefix: string): readonly StoredObject[] {
    return this.#directories.get(prefix)?.snapshot() ?? [];
  }

  countOf(prefix: string): number {
    return this.#directories.get(prefix)?.size ?? 0;
  }
}

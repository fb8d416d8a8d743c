import { directoryOf } from './keys.ts';
import { SortedObjects } from './sortedObjects.ts';
import type { StoredObject } from './types.ts';

/** Objects whose size stands for that of all. */
const SAMPLE = 32;

/** The present objects of one resource: by key, and in order by namespace. */
export class ResourceStore {
  readonly #byKey = new Map<string, StoredObject>();
  readonly #directories = new Map<string, SortedObjects>();
  #all: readonly StoredObject[] | undefined;

  get size(): number {
    return this.#byKey.size;
  }

  /** About how large an object is, in bytes; 0 where there is none. */
  get meanBytes(): number {
    let count = 0;
    let bytes = 0;
    for (const stored of this.#byKey.values()) {
      if (count === SAMPLE) break;
      count += 1;
      bytes += stored.bytes.length;
    }
    return count === 0 ? 0 : Math.round(bytes / count);
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

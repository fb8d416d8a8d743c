import type { KubeObject } from '../api/meta.ts';
import { objectKey } from './objectKey.ts';
import type { Indexer } from './types.ts';

/** Every store of a namespaced kind has this index. */
export const NAMESPACE_INDEX = 'namespace';

interface Index<T extends KubeObject> {
  readonly indexer: Indexer<T>;
  /** Objects by value, then by key; a value without objects has no entry. */
  readonly values: Map<string, Map<string, T>>;
}

/** Objects by key, with indexes that are kept up to date. The arrays it gives out are snapshots. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  /** What `list` gave last; undefined once it is out of date. */
  #all: readonly T[] | undefined;

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  has(key: string): boolean {
    return this.#objects.has(key);
  }

  get size(): number {
    return this.#objects.size;
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  list(): readonly T[] {
    this.#all ??= [...this.#objects.values()];
    return this.#all;
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`there is no index "${name}"`);
    const bucket = index.values.get(value);
    return bucket ? [...bucket.values()] : [];
  }

  /** An index of that name which exists already is replaced. */
  addIndex(name: string, indexer: Indexer<T>): void {
    const index: Index<T> = { indexer, values: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) insert(index, key, object);
  }

  set(object: T): void {
    const key = objectKey(object);
    const previous = this.#objects.get(key);
    this.#objects.set(key, object);
    this.#all = undefined;
    for (const index of this.#indexes.values()) {
      if (previous) remove(index, key, previous);
      insert(index, key, object);
    }
  }

  delete(key: string): void {
    const previous = this.#objects.get(key);
    if (!previous) return;
    this.#objects.delete(key);
    this.#all = undefined;
    for (const index of this.#indexes.values()) remove(index, key, previous);
  }
}

function insert<T extends KubeObject>(index: Index<T>, key: string, object: T): void {
  for (const value of index.indexer(object)) {
    const bucket = index.values.get(value);
    if (bucket) bucket.set(key, object);
    else index.values.set(value, new Map([[key, object]]));
  }
}

function remove<T extends KubeObject>(index: Index<T>, key: string, object: T): void {
  for (const value of index.indexer(object)) {
    const bucket = index.values.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) index.values.delete(value);
  }
}

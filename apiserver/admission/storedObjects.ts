import type { KubeObject } from '../../api/meta.ts';
import type { Storage, StoredObject, WatchCache } from '../storage/types.ts';

/** Why something is refused, or undefined, and the object that it was judged by. */
export interface Judgement<T extends KubeObject> {
  readonly why: string | undefined;
  readonly object: T | undefined;
}

/** What admission plugins look up of other objects: in memory, and in etcd where what memory has may be too old. */
export class StoredObjects {
  readonly #cache: Pick<WatchCache, 'get' | 'list'>;
  readonly #storage: Pick<Storage, 'get'>;

  constructor(cache: Pick<WatchCache, 'get' | 'list'>, storage: Pick<Storage, 'get'>) {
    this.#cache = cache;
    this.#storage = storage;
  }

  /** As memory has it, which may be old, or have none yet. */
  known(key: string): KubeObject | undefined {
    return this.#cache.get(key)?.object;
  }

  /** As memory has them. */
  list(prefix: string): readonly StoredObject[] {
    return this.#cache.list(prefix);
  }

  /** As etcd has it. */
  async stored(key: string): Promise<KubeObject | undefined> {
    return (await this.#storage.get(key))?.object;
  }

  /** As memory has it, or etcd where memory has none. */
  async find(key: string): Promise<KubeObject | undefined> {
    return this.known(key) ?? (await this.stored(key));
  }

  /**
   * Why something is refused for what stands in another object, or undefined. What memory has of that object may be old: it is enough to allow, and only
   * then is nothing read from etcd. `whyNot` may be asked twice, and changes nothing.
   */
  async judge<T extends KubeObject>(key: string, whyNot: (object: T | undefined) => string | undefined): Promise<Judgement<T>> {
    const known = this.known(key) as T | undefined;
    if (known && whyNot(known) === undefined) return { why: undefined, object: known };
    const object = (await this.stored(key)) as T | undefined;
    return { why: whyNot(object), object };
  }
}

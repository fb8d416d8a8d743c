import type { KubeObject } from '../../../api/meta.ts';
import type { Clock } from '../../../process/clock.ts';
import { objectKey, type WatchCache } from '../../storage/types.ts';

/** An object that a token needs is not in memory, or not as it was. */
export class MissingError extends Error {}

/** Kubernetes allows a deleted object's token this much longer, in milliseconds. */
const DELETION_LEEWAY = 60_000;

/** Looks up in memory what tokens are bound to. */
export class LiveObjects {
  readonly #cache: WatchCache;
  readonly #clock: Clock;

  constructor(cache: WatchCache, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  /** The object, if it is there and has not been deleted long ago; throws a MissingError with the fitting text. */
  get(resource: string, namespace: string, name: string, texts: { readonly missing: string; readonly deleted: string }): KubeObject {
    const object = this.#cache.get(objectKey({ group: '', resource }, namespace, name))?.object;
    if (object === undefined) throw new MissingError(texts.missing);
    const deleted = object.metadata.deletionTimestamp;
    if (deleted !== undefined && Date.parse(deleted) + DELETION_LEEWAY < this.#clock.now()) throw new MissingError(texts.deleted);
    return object;
  }

  uidOf(resource: string, namespace: string, name: string, texts: { readonly missing: string; readonly deleted: string }): string {
    return this.get(resource, namespace, name, texts).metadata.uid;
  }

  /** Refuses for a missing object only when memory has caught up with etcd: it may have come by another API server. */
  async settled<T>(check: () => T): Promise<T> {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      await this.#cache.consistent();
      return check();
    }
  }
}

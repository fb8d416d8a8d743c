import type { KubeObject } from '../../api/meta.ts';
import type { Storage, WatchCache } from '../storage/types.ts';

/** Why something is refused, or undefined, and the object that it was judged by. */
export interface Judgement<T extends KubeObject> {
  readonly why: string | undefined;
  readonly object: T | undefined;
}

/**
 * Why something is refused for what stands in another object, or undefined. What memory has of that object may be old: it is enough to allow, and only
 * then is nothing read from etcd. `whyNot` may be asked twice, and changes nothing.
 */
export async function judgeStored<T extends KubeObject>(cache: WatchCache, storage: Storage, key: string, whyNot: (object: T | undefined) => string | undefined): Promise<Judgement<T>> {
  const known = cache.get(key)?.object as T | undefined;
  if (known && whyNot(known) === undefined) return { why: undefined, object: known };
  const object = (await storage.get(key))?.object as T | undefined;
  return { why: whyNot(object), object };
}

import type { KubeObject } from '../api/meta.ts';
import { toServed, toStored, type ServedResource } from './registry.ts';

/**
 * Undefined where `toServed` can be called for these stored objects at once; else resolves when it can: their definition's webhook was asked, once for each
 * object that it had not been asked about. Rejects with an `ApiError` where it cannot convert them.
 */
export function beforeServing(served: ServedResource, objects: Iterable<KubeObject>): Promise<void> | undefined {
  return served.definition.convert?.ahead?.fromStorage(objects);
}

/** `toStored`, for kinds that a webhook may have to convert, too. */
export async function toStoredSoon(served: ServedResource, object: KubeObject): Promise<KubeObject> {
  await served.definition.convert?.ahead?.toStorage(object);
  return toStored(served, object);
}

/** An object of one version in another version of its kind. */
export async function inVersion(from: ServedResource, to: ServedResource, object: KubeObject): Promise<KubeObject> {
  if (from === to) return object;
  const kept = await toStoredSoon(from, object);
  await beforeServing(to, [kept]);
  return toServed(to, kept);
}

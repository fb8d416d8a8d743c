import type { StoredObject } from '../storage/types.ts';
import type { ServedResource } from '../registry.ts';
import { toServed } from '../registry.ts';

const converted = new WeakMap<StoredObject, Map<string, Buffer>>();

/** The JSON of a stored object as clients of this version get it: the stored bytes themselves, or a conversion that is made once. */
export function bytesFor(served: ServedResource, stored: StoredObject): Buffer {
  if (served.isStorageVersion) return stored.bytes;
  let versions = converted.get(stored);
  if (!versions) converted.set(stored, (versions = new Map()));
  let bytes = versions.get(served.apiVersion);
  if (!bytes) versions.set(served.apiVersion, (bytes = Buffer.from(JSON.stringify(toServed(served, stored.object)))));
  return bytes;
}

import type { StoredObject } from '../storage/types.ts';
import type { ServedResource } from '../registry.ts';
import { toServed } from '../registry.ts';

const converted = new WeakMap<StoredObject, WeakMap<ServedResource, Buffer>>();

/** The JSON of a stored object, with a line break behind it, as clients of this version get it: the stored bytes themselves, or a conversion that is made once. */
export function bytesFor(served: ServedResource, stored: StoredObject): Buffer {
  if (served.isStorageVersion) return stored.bytes;
  let versions = converted.get(stored);
  if (!versions) converted.set(stored, (versions = new WeakMap()));
  let bytes = versions.get(served);
  if (!bytes) {
    const object = toServed(served, stored.object);
    versions.set(served, (bytes = object === stored.object ? stored.bytes : Buffer.from(`${JSON.stringify(object)}\n`)));
  }
  return bytes;
}

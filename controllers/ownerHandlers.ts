import type { KubeObject } from '../api/meta.ts';
import { objectKey } from '../client/objectKey.ts';
import type { EventHandler, Informer, WorkQueue } from '../client/types.ts';
import { controllerOf } from './ownership.ts';

/** Adds an owner's key whenever it appears or changes. */
export function ownHandler<O extends KubeObject>(queue: WorkQueue): EventHandler<O> {
  return { added: (owner) => queue.add(objectKey(owner)), updated: (_, owner) => queue.add(objectKey(owner)) };
}

/**
 * Adds the key of whoever controls an object that changes; of an orphan, the keys of those that would adopt it. An object that has
 * changed hands concerns both.
 */
export function ownedHandler<O extends KubeObject, T extends KubeObject>(queue: WorkQueue, owners: Informer<O>, wouldAdopt: (owner: O, orphan: T) => boolean): EventHandler<T> {
  const enqueue = (object: T): void => {
    const namespace = object.metadata.namespace ?? '';
    const reference = controllerOf(object);
    if (reference !== undefined) {
      if (reference.kind === owners.resource.kind) queue.add(`${namespace}/${reference.name}`);
      return;
    }
    for (const owner of owners.inNamespace(namespace)) if (wouldAdopt(owner, object)) queue.add(objectKey(owner));
  };
  return {
    added: enqueue,
    updated: (previous, current) => {
      if (controllerOf(previous)?.uid !== controllerOf(current)?.uid) enqueue(previous);
      enqueue(current);
    },
    deleted: enqueue,
  };
}

import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '../../api/meta.ts';
import { beforeServing } from '../convertObject.ts';
import type { ServedResource } from '../registry.ts';
import type { CacheEvent, StoredObject, WatchItem } from '../storage/types.ts';
import { bytesFor } from './encodeObject.ts';

/** Objects that are brought into another version before others get their turn; some milliseconds' worth. */
const TURN = 200;

/** Makes ready what a list or a watch is about to send. Nothing is to be done for what is sent as it is stored; what a schema or a webhook changes does not hold up others. */
export async function beforeServingMany(served: ServedResource, items: readonly StoredObject[]): Promise<void> {
  if (served.isStorageVersion || items.length === 0) return;
  const ahead = beforeServing(served, objectsOf(items));
  if (ahead) await ahead;
  if (items.length <= TURN) return;
  for (const [index, item] of items.entries()) {
    bytesFor(served, item);
    if (index % TURN === TURN - 1) await setImmediate();
  }
}

/** As `beforeServing`, of what events tell; where only some objects are told of, those that leave the selection are shown as they were. */
export function beforeTelling(served: ServedResource, items: readonly WatchItem[], isSelective: boolean): Promise<void> | undefined {
  if (!served.definition.convert?.ahead) return undefined;
  return beforeServing(served, items.flatMap((item) => (item.kind === 'event' ? toldBy(item.event, isSelective) : [])));
}

function toldBy(event: CacheEvent, isSelective: boolean): KubeObject[] {
  if (event.type === 'delete') return [event.last.object];
  return isSelective && event.previous ? [event.current.object, event.previous.object] : [event.current.object];
}

function* objectsOf(items: readonly StoredObject[]): Generator<KubeObject> {
  for (const { object } of items) yield object;
}

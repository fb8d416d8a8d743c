import type { KubeObject } from '../../api/meta.ts';
import type { ServedResource } from '../registry.ts';
import { toServed } from '../registry.ts';
import type { CacheEvent, StoredObject } from '../storage/types.ts';
import { bytesFor } from './encodeObject.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** What one watcher is told of one event. */
export interface Notice {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly stored: StoredObject;
  /** Set where the object is an older state which bears the resourceVersion of the event by which it left the selection. */
  readonly leftAt?: string;
}

/** An event as a watcher with this selection sees it: an object that enters is added, one that leaves is deleted; undefined: not its business. */
export function noticeOf(event: CacheEvent, matches: ((object: KubeObject) => boolean) | undefined): Notice | undefined {
  if (event.type === 'delete') return !matches || matches(event.last.object) ? { type: 'DELETED', stored: event.last } : undefined;
  const { current, previous } = event;
  if (!matches) return { type: previous ? 'MODIFIED' : 'ADDED', stored: current };
  const was = previous !== undefined && matches(previous.object);
  if (matches(current.object)) return { type: was ? 'MODIFIED' : 'ADDED', stored: current };
  return was ? { type: 'DELETED', stored: previous, leftAt: current.object.metadata.resourceVersion } : undefined;
}

const HEADS: Readonly<Record<Notice['type'], Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const TAIL = Buffer.from('}\n');

/** Frames by the buffer that they carry, so that every watcher of an event is sent the same bytes. */
const frames = new WeakMap<Buffer, Map<Notice['type'], Buffer>>();

/** A line of a watch, with the object's own bytes. */
export function frame(served: ServedResource, notice: Notice): Buffer {
  if (notice.leftAt !== undefined) return encodeFrame(notice.type, atVersion(toServed(served, notice.stored.object), notice.leftAt));
  const bytes = bytesFor(served, notice.stored);
  let known = frames.get(bytes);
  if (!known) frames.set(bytes, (known = new Map()));
  let line = known.get(notice.type);
  if (!line) known.set(notice.type, (line = Buffer.concat([HEADS[notice.type], bytes.subarray(0, -1), TAIL])));
  return line;
}

/** The object that a notice is about, in the version that is served. */
export function noticeObject(served: ServedResource, notice: Notice): KubeObject {
  const object = toServed(served, notice.stored.object);
  return notice.leftAt === undefined ? object : atVersion(object, notice.leftAt);
}

function atVersion(object: KubeObject, resourceVersion: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

export function encodeFrame(type: WatchEventType, object: unknown): Buffer {
  return Buffer.from(`{"type":"${type}","object":${JSON.stringify(object)}}\n`);
}

/** An object without content: all that matters is the resourceVersion. */
export interface Bookmark {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** A bookmark; `initialEventsEnd` marks the one behind the initial events of a streaming list. */
export function bookmark(served: ServedResource, resourceVersion: string, initialEventsEnd: boolean): Bookmark {
  const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return { kind: served.definition.kind, apiVersion: served.apiVersion, metadata: { resourceVersion, ...annotations } };
}

import type { KubeObject } from '../../api/meta.ts';

/**
 * One version of one object. Never change `object`: it is shared by all readers. `bytes` is its JSON as clients get it
 * in the storage version, with `metadata.resourceVersion` and a line break at the end, made once.
 */
export interface StoredObject {
  readonly key: string;
  readonly object: KubeObject;
  /** etcd's mod revision. */
  readonly revision: number;
  readonly bytes: Buffer;
}

/** `group/resource`; the part of an etcd key that names the kind. */
export interface StorageResource {
  readonly group: string;
  readonly resource: string;
}

/** A comparison that must hold for a transaction: the key is at this revision (0: does not exist). */
export interface Check {
  readonly key: string;
  readonly revision: number;
}

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly object: KubeObject; readonly leaseSeconds?: number }
  /** Our own bookkeeping, e.g. a node port's claim: any small JSON value. */
  | { readonly kind: 'putValue'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'delete'; readonly key: string };

export type TransactionResult =
  /** `stored` has the put objects in the order of the operations. */
  | { readonly committed: true; readonly revision: number; readonly stored: readonly StoredObject[] }
  /** The present state of every checked key (undefined: does not exist). */
  | { readonly committed: false; readonly current: ReadonlyMap<string, StoredObject | undefined> };

/**
 * The primitive over etcd. All methods throw `serviceUnavailable` (an ApiError) when etcd cannot answer in time; a write whose
 * outcome is unknown is settled by reading back before it is reported, never sent twice blindly.
 */
export interface Storage {
  /** Live, linearizable. */
  get(key: string): Promise<StoredObject | undefined>;
  /** All objects under a prefix as they were at a revision, in key order; undefined where etcd has compacted it. */
  listAt(prefix: string, revision: number): Promise<readonly StoredObject[] | undefined>;
  transact(checks: readonly Check[], operations: readonly Operation[]): Promise<TransactionResult>;
  /** Whether what etcd holds under a key is encrypted with another key, or otherwise, than it would be now; false at once where nothing is encrypted. */
  isStale(key: string): Promise<boolean>;
  /** etcd's present revision, by a read that a majority confirms. */
  currentRevision(): Promise<number>;
  /** resourceVersion of a revision, and back; the offset is raised by a restore. */
  toResourceVersion(revision: number): string;
  fromResourceVersion(resourceVersion: string): number;
}

export type CacheEvent =
  | { readonly type: 'put'; readonly current: StoredObject; readonly previous: StoredObject | undefined }
  | { readonly type: 'delete'; /** The last state, with the revision of its deletion in resourceVersion. */ readonly last: StoredObject; readonly revision: number };

export interface WatchStart {
  /** Events after this revision; undefined: begin with the present state as synthetic puts. */
  readonly fromRevision: number | undefined;
  readonly signal: AbortSignal;
  /** A key prefix (`/registry/pods/default/`) or a whole key; a watcher sees nothing else. */
  readonly prefix: string;
}

/** What a watcher receives: events in order, and now and then the clock alone (for bookmarks). */
export type WatchItem = { readonly kind: 'event'; readonly event: CacheEvent } | { readonly kind: 'progress'; readonly revision: number };

/** A watch that has begun. Iterate once: item by item, or in batches of what has come meanwhile (cheaper: one write per batch). */
export interface WatchStream extends AsyncIterable<WatchItem> {
  batches(): AsyncIterable<readonly WatchItem[]>;
  /** Has it told, at once, when nothing more will come; what waits then is still to be taken. */
  onEnd(told: () => void): void;
  /** Puts a `progress` item with the present clock behind what waits. One comes by itself about once a minute, and one right after the present state. */
  requestProgress(): void;
}

/**
 * The memory of everything under `/registry/`, fed by one etcd watch.
 * 1. `clock` is the revision of the last event applied; whole revisions only.
 * 2. After `consistent()` every read sees at least what was in etcd when it was called.
 * 3. A watcher gets each event after its start once, in order, or is ended with `expired`. A slow one never holds others: it is
 *    ended, without an error, after what it had waiting, and goes on from the last revision that it saw (as in Kubernetes).
 */
export interface WatchCache {
  readonly clock: number;
  /** Waits until memory has caught up with etcd's present revision; `serviceUnavailable` when etcd does not answer. */
  consistent(signal?: AbortSignal): Promise<number>;
  /** Waits until the clock has reached a revision; throws `timeoutError("Too large resource version: …")` after 3 s, as Kubernetes does. */
  reached(revision: number, signal?: AbortSignal): Promise<void>;
  get(key: string): StoredObject | undefined;
  /** In key order. `prefix` ends with `/`. */
  list(prefix: string): readonly StoredObject[];
  /** Number of objects under a prefix, without listing. */
  count(prefix: string): number;
  /** About how large an object of a resource is, in bytes, judged by a few of them; 0 where there is none. `prefix` is the whole resource's. */
  meanBytes(prefix: string): number;
  /** Throws `expired` (410) where the window no longer holds `fromRevision`. */
  watch(start: WatchStart): WatchStream;
  /** Synchronous notice of every event of a resource, for in-process indexes (RBAC, quota, namespaces). */
  subscribe(resource: StorageResource, handler: (event: CacheEvent) => void): () => void;
}

/** `/registry/<group>/<resource>/<namespace>/<name>`; the core group and cluster scope leave their part out. */
export function objectKey(resource: StorageResource, namespace: string, name: string): string {
  return `${resourcePrefix(resource)}${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Prefix of all objects of a resource, or of one namespace of it; ends with `/`. */
export function resourcePrefix(resource: StorageResource, namespace = ''): string {
  const kind = resource.group === '' ? resource.resource : `${resource.group}/${resource.resource}`;
  return `/registry/${kind}/${namespace === '' ? '' : `${namespace}/`}`;
}

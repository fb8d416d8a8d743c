import type { Draft, KubeList, KubeObject } from '../api/meta.ts';
import type { V1Status } from '../api/generated/types.ts';

/** Names a resource and the type of its objects; the constants stand in `client/resources.ts`. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Lists and watches bring `PartialObjectMetadata` only: type, name, labels, owners and the like, without spec and status. */
  readonly metadataOnly?: boolean;
  /** Never set: carries the object's type. */
  readonly type?: T;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly signal?: AbortSignal;
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T }
  | { readonly type: 'ERROR'; readonly object: V1Status };

export interface DeleteOptions {
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

export type PatchType = 'application/json-patch+json' | 'application/merge-patch+json' | 'application/strategic-merge-patch+json';

export interface RawRequest {
  readonly method: string;
  /** Path with query, from the server's root. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly signal?: AbortSignal;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * A component's access to the API server, by HTTPS. Every method rejects with an `ApiError` (client/apiError.ts)
 * that carries the server's `Status`, or with a `ConnectionError` when no answer came. GETs are retried on a lost
 * connection; 429 and 503 with Retry-After are retried a bounded number of times; writes are never sent twice.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<KubeList<T>>;
  watch<T extends KubeObject>(resource: Resource<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(resource: Resource<T>, object: Draft<T>, namespace?: string): Promise<T>;
  /** PUT of the object; its resourceVersion, if set, is a precondition. */
  update<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
  /** PUT of the object to another subresource than `status` (`approval`). */
  updateSubresource<T extends KubeObject>(resource: Resource<T>, object: T, subresource: string): Promise<T>;
  /** `namespace` is undefined for cluster-scoped kinds. */
  patch<T extends KubeObject>(resource: Resource<T>, name: string, namespace: string | undefined, type: PatchType, body: unknown, subresource?: string): Promise<T>;
  /** Resolves to the object (still terminating) or to a `Status`. */
  delete<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string, options?: DeleteOptions): Promise<T | V1Status>;
  /** POST to a subresource (`binding`, `eviction`, `token`). */
  createSubresource<R>(resource: Resource, name: string, namespace: string | undefined, subresource: string, body: unknown): Promise<R>;
  raw(request: RawRequest): Promise<RawResponse>;
}

export interface EventHandler<T extends KubeObject> {
  /** `initial` is true for objects of the first list. */
  added?(object: T, initial: boolean): void;
  updated?(previous: T, current: T): void;
  /** The last state that is known of the object. */
  deleted?(object: T): void;
}

export type Indexer<T extends KubeObject> = (object: T) => readonly string[];

/**
 * A local copy of one resource, kept current by a watch. Objects in it are shared: never change one, copy it first.
 * 1. Handlers see each object's versions in order, none twice; versions may be skipped.
 * 2. The store already holds what a handler is told.
 * 3. A handler that throws is logged and harms nobody else.
 * 4. Any error of the watch leads to a resume, and a compacted one to a new list whose difference becomes events.
 */
export interface Informer<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>;
  /** By `namespace/name`, or `name` for cluster-scoped kinds. */
  get(key: string): T | undefined;
  list(): readonly T[];
  byIndex(index: string, value: string): readonly T[];
  /** Objects of a namespace; every informer of a namespaced kind has this index. */
  inNamespace(namespace: string): readonly T[];
  addIndex(index: string, indexer: Indexer<T>): void;
  /** A handler that is added late is first told of what the store holds. */
  addHandler(handler: EventHandler<T>): void;
  readonly hasSynced: boolean;
  /** Resolves when the first list is in the store and was handed to the handlers. */
  synced(signal?: AbortSignal): Promise<void>;
  /** The newest resourceVersion seen, as an unsigned decimal string; '' before the first list. */
  readonly resourceVersion: string;
  /** Resolves to true when the informer has reached this resourceVersion, to false after the time. */
  waitFor(resourceVersion: string, milliseconds: number): Promise<boolean>;
}

/** Informers of one process: one per resource and selector, started together. */
export interface InformerFactory {
  informer<T extends KubeObject>(resource: Resource<T>, options?: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string }): Informer<T>;
  /** Starts those not yet started; they stop with the signal. */
  start(signal: AbortSignal): void;
  synced(signal?: AbortSignal): Promise<void>;
}

/** What a reconcile returns: nothing more to do, or to be called again after a time. It throws to be retried with back-off. */
export type ReconcileResult = void | { readonly requeueAfterMilliseconds: number };

/**
 * Keys that wait for work. Promises, each with a test of its name:
 * 1. A key that is added while it waits is handled once.
 * 2. A key that is added while it is being handled is handled again afterwards, never at the same time.
 * 3. Keys are handled in the order in which they came.
 * 4. A failed key comes back after a delay that doubles from 5 ms up to 1,000 s (client-go's figures), reset by a success.
 * 5. After the signal, running work is awaited and no new one begins.
 */
export interface WorkQueue {
  add(key: string): void;
  addAfter(key: string, milliseconds: number): void;
  /** Takes keys and runs `reconcile` on them, `workers` at a time, until the signal. */
  run(workers: number, reconcile: (key: string) => Promise<ReconcileResult>, signal: AbortSignal): Promise<void>;
  readonly length: number;
}

/** The object an event is about; an object as it came from the API does. */
export interface EventTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly uid?: string; readonly resourceVersion?: string };
  /** e.g. `spec.containers{web}`. */
  readonly fieldPath?: string;
}

/** Writes core/v1 Events: same ones are counted up, bursts are limited per source and object; never throws, never blocks. */
export interface EventRecorder {
  event(target: EventTarget, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

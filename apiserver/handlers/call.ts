import type { RequestRecord } from '../audit/requestObject.ts';
import type { Schema } from '../../api/schema/schema.ts';
import type { Clock } from '../../process/clock.ts';
import type { ResponseForm } from '../request/mediaType.ts';
import type { Registry, ServedResource } from '../registry.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import { objectKey } from '../storage/types.ts';
import type { Annotate, AdmissionPlugin, ApiRequest, Authorizer, ComputedResource, RequestInfo, UserInfo, VirtualResource, WriteCompanion } from '../types.ts';

/** One request for one resource, after authentication, routing and authorisation. */
export interface Call {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly served: ServedResource;
  readonly form: ResponseForm;
  readonly pretty: boolean;
  /** Aborted when the client has gone, or at the request's deadline. */
  readonly signal: AbortSignal;
  /** That deadline, in monotonic milliseconds. */
  readonly deadline?: number | undefined;
  /** Adds a `Warning: 299` header to the answer. */
  readonly warn: (message: string) => void;
  /** Adds an annotation to the audit event of the request, where there is one. */
  readonly annotate: Annotate;
  /** Takes down what was sent, where that is written to a trail. */
  readonly record?: RequestRecord | undefined;
}

/** What the handlers work with. */
export interface Engine {
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly registry: Registry;
  readonly schema: Schema;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly uid: () => string;
  /** For what a request turns out to do besides what it was let in for: a patch that creates. */
  readonly authorizer: Authorizer;
  /** In the order in which they run. */
  readonly admission: readonly AdmissionPlugin[];
  /** By `group/resource`. */
  readonly companions: ReadonlyMap<string, WriteCompanion>;
  /** Answers of POSTs that store nothing, by `group/resource/subresource`. */
  readonly virtual: ReadonlyMap<string, VirtualResource>;
  /** Kinds whose objects are made when they are read, by `group/resource`. */
  readonly computed: ReadonlyMap<string, ComputedResource>;
  /** How long objects of a resource are kept, for those that are not kept for ever (Events). */
  leaseSeconds(served: ServedResource): number | undefined;
  /** Revision of the last change of a resource that this server has seen, at least. */
  lastChange(served: ServedResource): number;
  /** A watch without a timeout of its own lasts between this and twice as long, in seconds. */
  readonly watchSeconds: number;
  /** How long a client may take for what waits of a watch that has ended, in milliseconds. */
  readonly endedWatchMilliseconds: number;
  /** Aborted when the server stops: watches end. */
  readonly stopping: AbortSignal;
}

/** The etcd key of the object that a call names, or of another name in its namespace. */
export function keyOf(call: Pick<Call, 'served' | 'info'>, name = call.info.name): string {
  const { served, info } = call;
  return objectKey(served.storage, served.definition.namespaced ? info.namespace : '', name);
}

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { IncomingObject, ResourceDefinition, Verb } from '../api/resourceDefinition.ts';
import type { Draft, KubeObject } from '../api/meta.ts';
import type { FieldSelector } from '../api/values/fieldSelector.ts';
import type { LabelRequirement } from '../api/values/labelSelector.ts';
import type { Metrics } from '../process/metrics.ts';
import type { Registry } from './registry.ts';
import type { DeleteOptions, WriteOptions } from './request/options.ts';
import type { Check, Operation } from './storage/types.ts';

/** Who sent a request (`user.Info`). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** Of a user whom somebody acts as: who that is, and by which constrained verb (`impersonate:user-info`; absent: by the old one). Not sent to anybody. */
  readonly impersonator?: { readonly user: UserInfo; readonly constraint?: string };
}

/** A request as the pipeline sees it; Express only adapts sockets to it. */
export interface ApiRequest {
  readonly method: string;
  /** Path without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it was sent, without its question mark; absent where nobody sent one. */
  readonly rawQuery?: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Names and values by turns, as they were sent: `headers` joins those of one name by a comma, which a value may have, too. */
  readonly rawHeaders?: readonly string[];
  readonly body: Buffer;
  readonly remoteAddress: string;
  /** The client's verified certificate: its subject's CN and Os and the uid that it may name, and the SHA-256 of its DER in lower-case hexadecimal digits. */
  readonly clientCertificate?: { readonly commonName: string; readonly organizations: readonly string[]; readonly fingerprint?: string; readonly uid?: string };
  /** The same of an authenticating proxy's certificate (`--requestheader-client-ca-file`); a certificate may be both. */
  readonly proxyCertificate?: { readonly commonName: string };
  /** Set where the client showed a certificate that did not verify: why. */
  readonly clientCertificateError?: string;
  /** Aborted when the client has gone, or when the request was given up. */
  readonly signal: AbortSignal;
  /** Gives the request up; absent where nobody may. */
  readonly abort?: () => void;
  /** Has the client come by another connection after this answer; absent where a connection is not shared by requests at a time. */
  readonly leave?: () => void;
}

/** An answer: a whole body, or one that flows (watch, logs). */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | readonly Buffer[] | AsyncIterable<Buffer | string>;
}

/** What a request asks for, read from its path and method (Kubernetes' `RequestInfo`). */
export interface RequestInfo {
  readonly isResourceRequest: boolean;
  /** `get`, `list`, `watch`, `create` … for resources; the method in lower case otherwise. */
  readonly verb: string;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `''` for cluster-scoped objects and for all namespaces. */
  readonly namespace: string;
  /** `''` for collections. */
  readonly name: string;
  /** As they were sent, of a list, a watch or a deletion of a collection. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** What else an authenticator may look at, and whom it tells. */
export interface AuthenticationCall {
  readonly info: RequestInfo;
  /** Becomes a `Warning` header of the answer. */
  readonly warn: (message: string) => void;
  /** Adds an annotation to the audit event of the request; absent where nothing is written down. */
  readonly annotate?: (key: string, value: string) => void;
  /** Told who asks, before it is looked at whether they may act as somebody else. */
  readonly acting?: (by: UserInfo) => Promise<void>;
}

/** Authentication: the user, or undefined where the request carries nothing this authenticator knows; throws `unauthorized` for bad credentials. */
export interface Authenticator {
  authenticate(request: ApiRequest, call: AuthenticationCall): Promise<UserInfo | undefined>;
}

export interface AuthorizationAttributes extends Omit<RequestInfo, 'isResourceRequest'> {
  readonly user: UserInfo;
  readonly isResourceRequest: boolean;
  /** What selects, where it was not sent as text (`SubjectAccessReview`); goes before `fieldSelector` and `labelSelector`. */
  readonly fieldRequirements?: FieldSelector;
  readonly labelRequirements?: readonly LabelRequirement[];
}

/** `error`: what kept an authorizer from deciding; a request that nobody allows is then answered with 500. */
export type Decision =
  | { readonly allowed: true; readonly reason: string; readonly error?: string }
  | { readonly allowed: false; readonly denied?: boolean; readonly reason: string; /** It hangs on objects that this server may not have seen yet. */ readonly mayChange?: boolean; readonly error?: string };

/** Decides at once on what the watch cache holds; only where a webhook has to be asked is the answer a promise. */
export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision>;
}

/** An authorizer that never waits. */
export interface ImmediateAuthorizer extends Authorizer {
  authorize(attributes: AuthorizationAttributes): Decision;
}

/** Adds an annotation to the audit event of a request; one of the level `Request` only where that is written down in full (`LevelRequest`). */
export type Annotate = (key: string, value: string, level?: 'Request') => void;

/** What an admission plugin is told (`admission.Attributes`). */
export interface AdmissionAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly definition: ResourceDefinition;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** The new object; plugins that mutate change it in place. Undefined for DELETE. */
  readonly object: IncomingObject | undefined;
  readonly previous: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** The request's own options: `DeleteOptions` of a DELETE, `WriteOptions` of a CREATE or an UPDATE. */
  readonly options?: DeleteOptions | WriteOptions;
  /** Aborted when the client has gone. */
  readonly signal?: AbortSignal;
  /** By when the request is to be answered, in monotonic milliseconds. */
  readonly deadline?: number | undefined;
  warn(message: string): void;
  /** Adds an annotation to the audit event of the request; the key is whole (`pod-security.kubernetes.io/enforce-policy`). */
  readonly annotate?: Annotate;
}

/** What a plugin of which others ask again has to say after its first turn of the mutating step. */
export interface Reinvocation {
  /** It changed the object: all plugins take a second turn, as if the object had come so. */
  readonly needed: boolean;
  /** Its own second turn. */
  again(): Promise<void>;
}

/**
 * An admission plugin; both steps throw an `ApiError` to refuse. A plugin that charges something outside the object (quota)
 * returns a function that gives it back when the write fails.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** Told once, before the first request, what is served. */
  attach?(registry: Registry): void;
  /** Adds its figures to a server's. */
  figures?(metrics: Metrics): void;
  admit?(attributes: AdmissionAttributes): Promise<void | Reinvocation>;
  validate?(attributes: AdmissionAttributes): Promise<void | (() => Promise<void>)>;
}

/** One attempt of a write, as a companion is told of it. */
export interface PlannedWrite {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** The object that will be stored; a companion may fill in allocated fields, in place. Undefined for DELETE. */
  readonly object: IncomingObject | undefined;
  /** The stored state that the write starts from. */
  readonly previous: KubeObject | undefined;
  /** Nothing will be stored: refuse what would be refused, claim nothing. */
  readonly dryRun: boolean;
  /** 0 for the first attempt; the companion is asked again when one of its checks failed. */
  readonly attempt: number;
}

/**
 * Adds to the transaction of a resource's writes what must become true with them (a Service's addresses and ports).
 * Runs after defaulting and mutation, before validation; throws an `ApiError` to refuse.
 */
export interface WriteCompanion {
  readonly group: string;
  readonly resource: string;
  prepare(write: PlannedWrite): Promise<{ readonly checks: readonly Check[]; readonly operations: readonly Operation[] }>;
}

/**
 * Answers a POST that stores no object of its kind: virtual kinds (TokenReview, SubjectAccessReview …; subresource `''`) and
 * subresources such as `serviceaccounts/token`. Returns the object to answer with.
 */
export interface VirtualResource {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** Kind of the body and the answer, e.g. `authentication.k8s.io/v1 TokenRequest`. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string; readonly model: string };
  create(call: { readonly object: IncomingObject; readonly namespace: string; readonly name: string; readonly user: UserInfo; readonly dryRun: boolean; warn(message: string): void; annotate?(key: string, value: string): void }): Promise<KubeObject>;
}

/** A kind of which nothing is stored: its objects are made when they are read (ComponentStatuses). */
export interface ComputedResource {
  readonly group: string;
  readonly resource: string;
  list(): Promise<readonly Draft<KubeObject>[]>;
  get(name: string): Promise<Draft<KubeObject> | undefined>;
  /** What is said of a name that there is none of. */
  notFound(name: string): string;
}

/** A request that has been authenticated and authorised, for what is answered by neither a handler of objects nor a document. */
export interface ConnectCall {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  warn(message: string): void;
  readonly annotate?: Annotate;
}

/**
 * Serves a subresource that is a connection rather than an object (`pods/log`, `pods/exec`, `nodes/proxy` …), for every method.
 * `upgrade` is given requests that ask for another protocol; it owns the socket from then on.
 */
export interface ConnectHandler {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  connect(call: ConnectCall): Promise<ApiResponse>;
  upgrade?(call: ConnectCall, connection: UpgradeConnection): Promise<void>;
}

/** What Node hands out with an `upgrade` event. */
export interface UpgradeConnection {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  /** First bytes behind the request's head. */
  readonly head: Buffer;
}

/** Answers what another server serves; `upgrade` resolves to an answer where the other protocol could not be had. */
export interface RemoteHandler {
  connect(call: ConnectCall): Promise<ApiResponse>;
  upgrade(call: ConnectCall, connection: UpgradeConnection): Promise<ApiResponse | undefined>;
}

/** Serves paths outside the resources: `/openapi/v2`, `/.well-known/openid-configuration` … */
export interface PathHandler {
  /** An exact path, or a prefix where it ends with `/`. */
  readonly path: string;
  handle(call: ConnectCall): Promise<ApiResponse>;
}

export type { Verb };

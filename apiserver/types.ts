import type { IncomingObject, ResourceDefinition, Verb } from '../api/resourceDefinition.ts';
import type { KubeObject } from '../api/meta.ts';

/** Who sent a request (`user.Info`). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A request as the pipeline sees it; Express only adapts sockets to it. */
export interface ApiRequest {
  readonly method: string;
  /** Path without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly remoteAddress: string;
  /** The client's verified certificate: subject's CN and Os. */
  readonly clientCertificate?: { readonly commonName: string; readonly organizations: readonly string[] };
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
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
}

/** Authentication: the user, or undefined where the request carries nothing this authenticator knows; throws `unauthorized` for bad credentials. */
export interface Authenticator {
  authenticate(request: ApiRequest): Promise<UserInfo | undefined>;
}

export interface AuthorizationAttributes extends Omit<RequestInfo, 'isResourceRequest'> {
  readonly user: UserInfo;
  readonly isResourceRequest: boolean;
}

export type Decision = { readonly allowed: true; readonly reason: string } | { readonly allowed: false; readonly denied?: boolean; readonly reason: string };

/** Authorisation is synchronous: it decides on what the watch cache holds. */
export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Decision;
}

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
  /** For DELETE and CREATE of subresources: the request's own options or body. */
  readonly options?: unknown;
  warn(message: string): void;
}

/**
 * An admission plugin; both steps throw an `ApiError` to refuse. A plugin that charges something outside the object (quota)
 * returns a function that gives it back when the write fails.
 */
export interface AdmissionPlugin {
  readonly name: string;
  admit?(attributes: AdmissionAttributes): Promise<void>;
  validate?(attributes: AdmissionAttributes): Promise<void | (() => Promise<void>)>;
}

export type { Verb };

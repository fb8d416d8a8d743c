import type { V1Status, V1StatusDetails } from './generated/types.ts';
import { type FieldError, MOST_FAULTS } from './fieldError.ts';

/** Names the kind an error is about; `kind` in a Status' details is the resource's plural for most errors. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** An expected refusal, as the `Status` that a client is sent. The factories below are the only place that builds one. */
export class ApiError extends Error {
  readonly status: V1Status;
  /** Seconds for the Retry-After header, where there is one. */
  get retryAfterSeconds(): number | undefined {
    return this.status.details?.retryAfterSeconds;
  }
  get code(): number {
    return this.status.code ?? 500;
  }
  get reason(): string {
    return this.status.reason ?? '';
  }

  constructor(status: V1Status) {
    super(status.message ?? 'unknown');
    this.name = 'ApiError';
    this.status = status;
  }
}

/** `pods "web" not found`, or `deployments.apps "web" not found`. */
export function qualified(resource: GroupResource): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
}

/** The catalogue: texts and codes are those of `k8s.io/apimachinery/pkg/api/errors`. */
export const notFoundError = (resource: GroupResource, name: string): ApiError =>
  failure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, about(resource, name));

export const alreadyExists = (resource: GroupResource, name: string): ApiError =>
  failure(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, about(resource, name));

export const conflict = (resource: GroupResource, name: string, why: string): ApiError =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`, about(resource, name));

/** The text of an update that lost against another. */
export const OBJECT_MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export const badRequest = (message: string): ApiError => failure(400, 'BadRequest', message);

export const unauthorized = (message = 'Unauthorized'): ApiError => failure(401, 'Unauthorized', message);

export function forbiddenError(resource: GroupResource, name: string, why: string): ApiError {
  const message = name === '' ? `${qualified(resource)} is forbidden: ${why}` : `${qualified(resource)} "${name}" is forbidden: ${why}`;
  return failure(403, 'Forbidden', message, about(resource, name));
}

/** No more faults are told once their texts are as long as this: each may show all of a list. */
const MOST_CHARACTERS = 2 ** 20;

/** Validation failed: 422 with one cause per fault, as upstream's `NewInvalid`: its message tells equal faults once. `kind` is the object's kind, not its plural. */
export function invalidError(group: string, kind: string, name: string, errors: readonly FieldError[]): ApiError {
  const told = toldOf(errors);
  const texts = [...new Set(told.map((error) => `${error.field}: ${error.message}`))];
  if (errors.length > told.length) texts.push('and more');
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return failure(422, 'Invalid', `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${joined}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    causes: told.map((error) => ({ reason: error.type, message: error.message, field: error.field })),
  });
}

function toldOf(errors: readonly FieldError[]): readonly FieldError[] {
  let characters = 0;
  const most = errors.slice(0, MOST_FAULTS);
  const enough = most.findIndex(({ message }) => (characters += message.length) >= MOST_CHARACTERS);
  return enough < 0 ? most : most.slice(0, enough + 1);
}

/** No such path; plain `/apis` paths answer so. */
export const pathNotFound = (): ApiError => failure(404, 'NotFound', 'the server could not find the requested resource', {});

/** No such path where no resources are served; answered as plain text. */
export class NoSuchPathError extends ApiError {
  constructor() {
    super(pathNotFound().status);
  }
}

/** A path that names a verb and not of what; answered as plain text. */
export class UnclearPathError extends ApiError {
  /** What was asked for, with its query. */
  readonly target: string;

  constructor(target: string) {
    super(failure(500, '', `failed to create RequestInfo: unable to determine kind and namespace from url, ${target}`).status);
    this.target = target;
  }
}

/** What Kubernetes' router says of a method that a path does not have. */
export const methodNotAllowed = (): ApiError => failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const notAcceptable = (accepted: readonly string[]): ApiError =>
  failure(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

/** What Kubernetes' router says of an Accept of which it knows no type, before a handler of a built-in kind is asked. */
export const noRepresentation = (available: readonly string[]): ApiError => failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`, {});

/** What Kubernetes' router says of a Content-Type that a PATCH of a built-in kind may not have: without a body, that there is nothing to answer with. */
export const noSuchPatch = (hasBody: boolean): ApiError => (hasBody ? failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}) : noRepresentation([]));

export const unsupportedMediaType = (message: string): ApiError => failure(415, 'UnsupportedMediaType', message);

export const requestTooLarge = (message: string): ApiError => failure(413, 'RequestEntityTooLarge', message);

export const expired = (message: string): ApiError => failure(410, 'Expired', message);

export const tooManyRequests = (message: string, retryAfterSeconds: number): ApiError => failure(429, 'TooManyRequests', message, { retryAfterSeconds });

export const serviceUnavailable = (message: string, retryAfterSeconds = 1): ApiError => failure(503, 'ServiceUnavailable', message, { retryAfterSeconds });

export const timeoutError = (message: string, retryAfterSeconds = 1): ApiError => failure(504, 'Timeout', message, { retryAfterSeconds });

export const internalError = (message: string): ApiError =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

/** For the few errors that stand in one place only (e.g. `Eviction` refused by a disruption budget). */
export function failure(code: number, reason: string, message: string, details?: V1StatusDetails): ApiError {
  return new ApiError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, ...(reason === '' ? {} : { reason }), ...(details ? { details } : {}), code });
}

function about(resource: GroupResource, name: string): V1StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.resource };
}

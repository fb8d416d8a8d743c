import { internalError } from '../../api/apiError.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../types.ts';
import { completeReference, responseStatus, withActing, withoutManagedFields } from './auditEvent.ts';
import type { AuditEvent, RequestPart } from './auditEvent.ts';
import type { AuditStage, AuditVerdict } from './auditPolicy.ts';
import type { ReadObject } from './auditor.ts';

interface TrailParts {
  readonly id: string;
  readonly verdict: AuditVerdict;
  readonly request: ApiRequest;
  readonly part: RequestPart;
  readonly received: string;
  readonly read: ReadObject;
  readonly write: (event: AuditEvent) => Promise<boolean>;
  readonly now: () => string;
}

type TrailMetadata = Readonly<Partial<Record<'name' | 'namespace' | 'uid' | 'resourceVersion', string | undefined>>>;

/** Objects that are larger than this are not parsed for the trail: it would hold up everybody. */
const LARGEST_OBJECT = 4 * 1024 * 1024;

/** What is written down of one request, from its arrival to the end of its answer. */
export class AuditTrail {
  readonly #parts: TrailParts;
  readonly #annotations: Record<string, string> = {};
  #part: RequestPart;
  #panic: string | undefined;
  /** Of the object that was sent: what its metadata say, and how it is written. */
  #told: TrailMetadata | undefined;
  #requestObject: unknown;

  constructor(parts: TrailParts) {
    this.#parts = parts;
    this.#part = parts.part;
  }

  /** The request goes on in the name of another. */
  acting(user: UserInfo): void {
    this.#part = withActing(this.#part, user);
  }

  /** An object was sent, and understood: more is known of it now than its URL says. `shown` makes what is written of it, now or never. */
  requested(metadata: TrailMetadata | undefined, shown: () => unknown): void {
    this.#told ??= metadata && { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid, resourceVersion: metadata.resourceVersion };
    if (this.#wantsRequest) this.#requestObject ??= this.#shown(shown());
  }

  /** A patch was sent: it is written as it is. */
  patched(): void {
    if (this.#wantsRequest) this.#requestObject ??= this.#parts.read(this.#parts.request.body, this.#parts.request.headers['content-type']);
  }

  /** Adds to what is written when the request is over; the first value of a key stays. What is of the level `Request` is written at that level and above. */
  annotate(key: string, value: string, level?: 'Request'): void {
    if (level === 'Request' && this.#parts.verdict.level === 'Metadata') return;
    this.#annotations[key] ??= value;
  }

  /** What the authorizer said; asked again, its last word counts. */
  decided(allowed: boolean, reason: string): void {
    this.#annotations['authorization.k8s.io/decision'] = allowed ? 'allow' : 'forbid';
    this.#annotations['authorization.k8s.io/reason'] = reason;
  }

  /** Rejects (500) where the policy's backend insists on every request being written down, and it was not. */
  async received(): Promise<void> {
    if (!(await this.#write('RequestReceived', {}))) throw internalError('failed to store audit event');
  }

  /** Nobody expected this error. */
  panicked(error: unknown): void {
    this.#panic = String(error);
  }

  /** Authentication failed: that is all there will be. */
  async unauthenticated(): Promise<void> {
    await this.#write('ResponseStarted', { responseStatus: { metadata: {}, message: attempted(this.#parts.request), code: 401 } });
  }

  /** Writes down the answer; one that flows, when it begins and when it ends. */
  async finish(response: ApiResponse, isLong: boolean): Promise<ApiResponse> {
    const { body, status, headers } = response;
    if (this.#panic !== undefined) {
      await this.#write('Panic', { responseStatus: { metadata: {}, status: 'Failure', message: `APIServer panic'd: ${this.#panic}`, reason: 'InternalError', code: 500 } });
      return response;
    }
    const whole = Buffer.isBuffer(body) ? body : isPieces(body) && this.#wantsResponse ? Buffer.concat(body) : undefined;
    const answer = whole && (mayBeStatus(status, whole) || this.#wantsResponse) && whole.length <= LARGEST_OBJECT ? this.#parts.read(whole, headers['content-type']) : undefined;
    const outcome = { responseStatus: responseStatus(status, answer), ...(this.#wantsResponse && isObject(answer) ? { responseObject: this.#shown(answer) } : {}) };
    if (isLong) await this.#write('ResponseStarted', outcome);
    if (Buffer.isBuffer(body) || isPieces(body)) {
      await this.#write('ResponseComplete', outcome);
      return response;
    }
    return { ...response, body: this.#flowing(body, outcome) };
  }

  /** The connection speaks another protocol from now on; `over` resolves at its end. */
  upgraded(over: Promise<unknown>): void {
    const outcome = { responseStatus: { metadata: {}, code: 101 } };
    void this.#write('ResponseStarted', outcome);
    void over.then(() => this.#write('ResponseComplete', outcome));
  }

  get #wantsRequest(): boolean {
    const { verdict, request } = this.#parts;
    return verdict.level !== 'Metadata' && request.body.length <= LARGEST_OBJECT;
  }

  get #wantsResponse(): boolean {
    return this.#parts.verdict.level === 'RequestResponse';
  }

  async *#flowing(body: AsyncIterable<Buffer | string>, outcome: Partial<AuditEvent>): AsyncGenerator<Buffer | string> {
    try {
      yield* body;
    } finally {
      await this.#write('ResponseComplete', outcome);
    }
  }

  /** When the request has been looked at, more is known of it. */
  #known(stage: AuditStage): RequestPart {
    const part = this.#part;
    return stage === 'RequestReceived' || !part.objectRef || !this.#told ? part : { ...part, objectRef: completeReference(part.objectRef, this.#told) };
  }

  #shown(object: unknown): unknown {
    return this.#parts.verdict.omitManagedFields ? withoutManagedFields(object) : object;
  }

  #write(stage: AuditStage, more: Partial<AuditEvent>): Promise<boolean> {
    const { id, verdict, received, now } = this.#parts;
    const { requestURI, verb, ...about } = this.#known(stage);
    const { responseStatus: answered, responseObject } = more;
    const requestObject = stage === 'RequestReceived' ? undefined : this.#requestObject;
    return this.#parts.write({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: verdict.level,
      auditID: id,
      stage,
      requestURI,
      verb,
      ...about,
      ...(answered ? { responseStatus: answered } : {}),
      ...(requestObject === undefined ? {} : { requestObject }),
      ...(responseObject === undefined ? {} : { responseObject }),
      requestReceivedTimestamp: received,
      stageTimestamp: now(),
      ...(Object.keys(this.#annotations).length > 0 ? { annotations: { ...this.#annotations } } : {}),
    });
  }
}

const STATUS = '{"kind":"Status"';

/** Whether an answer says how it went: a refusal, or what became of a deletion. An answer of which nobody knows a form to write it in (406) says nothing to the trail. */
function mayBeStatus(status: number, body: Buffer): boolean {
  return (status >= 400 && status !== 406) || body.subarray(0, STATUS.length).equals(Buffer.from(STATUS));
}

/** What is of no kind, such as the version of the server, is not written down. */
const isObject = (answer: unknown): boolean => typeof answer === 'object' && answer !== null && 'kind' in answer;

function isPieces(body: ApiResponse['body']): body is readonly Buffer[] {
  return Array.isArray(body);
}

/** By what a client tried to be known (`getAuthMethods`). */
function attempted({ headers, query, clientCertificate, clientCertificateError }: ApiRequest): string {
  const scheme = /^(\w+)\s/.exec(headers['authorization'] ?? '')?.[1]?.toLowerCase();
  const methods = [
    ...(scheme === 'basic' || scheme === 'bearer' ? [scheme] : []),
    ...(query.has('access_token') ? ['access_token'] : []),
    ...(clientCertificate !== undefined || clientCertificateError !== undefined ? ['x509'] : []),
  ];
  return methods.length === 0 ? 'Authentication failed, no credentials provided' : `Authentication failed, attempted: ${methods.join(', ')}`;
}

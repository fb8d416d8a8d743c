import { ApiError, internalError, NoSuchPathError, pathNotFound, tooManyRequests, UnclearPathError } from '../api/apiError.ts';
import type { Auditor, ReadObject } from './audit/auditor.ts';
import { objectReader } from './audit/readObject.ts';
import { requestRecord } from './audit/requestObject.ts';
import type { AuditTrail } from './audit/auditTrail.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { MAX_DEPTH, parseAhead } from './codec/parseBody.ts';
import type { YamlThread } from './codec/yamlThread.ts';
import { hasProtobuf } from './codec/protobuf/messagePlan.ts';
import { ProtobufEncoder } from './codec/protobuf/protobufEncoder.ts';
import type { Engine } from './handlers/call.ts';
import { admitConnect } from './handlers/connect.ts';
import { dispatch } from './handlers/dispatch.ts';
import { isBuiltIn } from './discovery/discovery.ts';
import { respondError, respondText } from './handlers/respond.ts';
import type { Front } from './http/browserFront.ts';
import { isLarge } from './inTurns.ts';
import type { ServedResource } from './registry.ts';
import type { ApiMetrics } from './metrics.ts';
import { Arrival } from './request/arrival.ts';
import { authorizeRequest } from './request/authorizeRequest.ts';
import { isLongRunning } from './request/inFlightLimit.ts';
import { checkProduced, ContentNegotiation } from './request/mediaType.ts';
import type { ResponseForm } from './request/mediaType.ts';
import { RequestDeadlines } from './request/requestDeadlines.ts';
import type { RequestFlow, RequestLimit } from './request/requestLimit.ts';
import { leadsNowhere, parseRequestInfo } from './request/requestInfo.ts';
import { wantsPretty } from './request/wantsPretty.ts';
import { Warnings } from './request/warnings.ts';
import type { ApiRequest, ApiResponse, Authenticator, Authorizer, ConnectCall, ConnectHandler, PathHandler, RemoteHandler, RequestInfo, UpgradeConnection, UserInfo } from './types.ts';

export interface PipelineParts {
  readonly engine: Engine;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly limit: RequestLimit;
  readonly metrics: ApiMetrics;
  readonly connectHandlers: readonly ConnectHandler[];
  readonly pathHandlers: readonly PathHandler[];
  /** Who answers a request, where that is another server (aggregation). */
  readonly remoteHandler?: (info: RequestInfo) => RemoteHandler | undefined;
  /** Absent: nothing is written down. */
  readonly auditor?: Auditor;
  /** Absent: browsers are told nothing. */
  readonly front?: Front;
  /** `--request-timeout`, in milliseconds. */
  readonly requestTimeout: number;
  /** Watches and streams at a time. */
  readonly longRunningLimit: number;
  readonly yaml: YamlThread;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A request on its way; what each step adds is there for the next. */
interface Passage {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  /** The `Audit-ID`. */
  readonly id: string;
  readonly user: UserInfo;
  readonly warnings: Warnings;
  readonly trail: AuditTrail | undefined;
  /** By when it is to be answered, in monotonic milliseconds. */
  readonly deadline?: number;
}

const unnoted = (): void => undefined;

const NOWHERE: RequestInfo = { isResourceRequest: false, verb: '', path: '', group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

/**
 * The way of every request: authenticate, limit and audit, route, authorize; then the handlers decode, mutate, default, validate,
 * store and encode (`handlers/create.ts` shows it whole). Nothing that a request does makes it throw.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #negotiation: { readonly plain: ContentNegotiation; readonly protobuf: ContentNegotiation };
  readonly #paths: Paths;
  readonly #readObject: ReadObject;
  readonly #deadlines: RequestDeadlines;
  #longRunning = 0;
  readonly #connect: ReadonlyMap<string, ConnectHandler>;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    const encoder = new ProtobufEncoder(parts.engine.schema);
    this.#negotiation = { plain: new ContentNegotiation(undefined, encoder), protobuf: new ContentNegotiation(encoder) };
    this.#deadlines = new RequestDeadlines(parts.clock, parts.requestTimeout);
    this.#readObject = objectReader(parts.engine.schema);
    this.#paths = new Paths(parts.pathHandlers);
    this.#connect = new Map(parts.connectHandlers.map((each) => [`${each.group}/${each.resource}/${each.subresource}`, each]));
  }

  handle(request: ApiRequest): Promise<ApiResponse> {
    const { front } = this.#parts;
    return front ? front(request, () => this.#handle(request)) : this.#handle(request);
  }

  async #handle(request: ApiRequest): Promise<ApiResponse> {
    const { clock, metrics } = this.#parts;
    const began = clock.monotonic();
    const warnings = new Warnings();
    let info = NOWHERE;
    let response: ApiResponse;
    let flow: RequestFlow | undefined;
    let marks: RequestFlow['headers'];
    const id = request.headers['audit-id'] ?? this.#parts.engine.uid();
    const arrival = this.#arrival(request, id, warnings);
    try {
      info = parseRequestInfo(request.method, request.path, request.query);
      const user = await arrival.user(info);
      // Streams last as long as they like; a watch is counted until it has begun.
      if (info.verb === 'watch' || !isLongRunning(info)) flow = this.#parts.limit.classify(info, user, request.query);
      const passage = { request, info, id, user, warnings, trail: arrival.trail };
      const limited = (by: Passage): Promise<ApiResponse> => {
        marks = flow?.headers;
        return this.#limited(by, flow);
      };
      response = isLongRunning(info) ? await limited(passage) : await this.#deadlines.within(request.query.get('timeout'), request.abort, (deadline) => limited({ ...passage, deadline }));
    } catch (error) {
      response = this.#refusal(error, request);
      if (!(error instanceof ApiError)) arrival.trail?.panicked(error);
    }
    metrics.observe(info, response.status, isLongRunning(info) ? undefined : (clock.monotonic() - began) / 1000);
    const whole = this.#audited(id, response, warnings, marks);
    return arrival.trail?.finish(whole, isLongRunning(info)) ?? whole;
  }

  /** Whether another protocol can be spoken here; elsewhere a request that asks for one is answered as if it had not (RFC 9110, 7.8). */
  takesUpgrade(method: string, path: string): boolean {
    try {
      const info = parseRequestInfo(method, path, new URLSearchParams());
      if (this.#parts.remoteHandler?.(info)) return true;
      return this.#connect.get(`${info.group}/${info.resource}/${info.subresource}`)?.upgrade !== undefined;
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
  }

  /** As `handle`, for a request that asks for another protocol; resolves to an answer where the upgrade is refused. */
  async upgrade(request: ApiRequest, connection: UpgradeConnection): Promise<ApiResponse | undefined> {
    const warnings = new Warnings();
    const id = request.headers['audit-id'] ?? this.#parts.engine.uid();
    const arrival = this.#arrival(request, id, warnings);
    try {
      const info = parseRequestInfo(request.method, request.path, request.query);
      const user = await arrival.user(info);
      const { trail } = arrival;
      await authorizeRequest(noting(this.#parts.authorizer, trail), info, user, () => this.#parts.engine.cache.consistent(request.signal));
      const call = { request, info, user, warn: (message: string) => warnings.add(message), ...annotating(trail) };
      const remote = this.#parts.remoteHandler?.(info);
      if (remote) {
        const refused = await remote.upgrade({ ...call, request: named(request, id) }, connection);
        this.#parts.metrics.observe(info, refused?.status ?? 101, undefined);
        if (!refused) {
          trail?.upgraded(new Promise((resolve) => connection.socket.once('close', resolve)));
          return undefined;
        }
        const answer = this.#audited(id, refused, warnings);
        return trail ? trail.finish(answer, true) : answer;
      }
      const handler = this.#connect.get(`${info.group}/${info.resource}/${info.subresource}`);
      if (!handler?.upgrade) throw pathNotFound();
      const admitted = await admitConnect(this.#parts.engine, call);
      this.#parts.metrics.observe(info, 101, undefined);
      trail?.upgraded(new Promise((resolve) => connection.socket.once('close', resolve)));
      await handler.upgrade(admitted, connection);
      return undefined;
    } catch (error) {
      const refused = this.#audited(id, this.#refusal(error, request), warnings);
      return arrival.trail?.finish(refused, true) ?? refused;
    }
  }

  #arrival(request: ApiRequest, id: string, warnings: Warnings): Arrival {
    const { authenticator, auditor } = this.#parts;
    return new Arrival({ request, id, authenticator, auditor, read: this.#readObject, warn: (message) => warnings.add(message) });
  }

  async #limited(passage: Passage, flow: RequestFlow | undefined): Promise<ApiResponse> {
    if (!flow) return this.#flowing(passage);
    const entered = flow.enter(passage.request.signal);
    const ticket = entered instanceof Promise ? await entered : entered;
    try {
      return isLongRunning(passage.info) ? await this.#flowing(passage, flow.watching?.()) : await this.#routed(passage);
    } finally {
      ticket.leave();
    }
  }

  /** `over` is called when the answer has ended, its reader has gone, or there is none; perhaps more than once. */
  async #flowing(passage: Passage, over: () => void = () => undefined): Promise<ApiResponse> {
    try {
      if (this.#longRunning >= this.#parts.longRunningLimit) throw tooManyRequests('Too many requests, please try again later.', 1);
      const response = await this.#routed(passage);
      passage.request.signal.addEventListener('abort', over, { once: true });
      const count = (change: 1 | -1): void => {
        this.#longRunning += change;
        this.#parts.metrics.longRunning(change);
      };
      return flowing(response, count, over);
    } catch (error) {
      over();
      throw error;
    }
  }

  async #routed({ request, info, id, user, warnings, trail, deadline }: Passage): Promise<ApiResponse> {
    const { engine, authorizer } = this.#parts;
    await authorizeRequest(noting(authorizer, trail), info, user, () => engine.cache.consistent(request.signal));
    const warn = (message: string): void => warnings.add(message);
    const remote = this.#parts.remoteHandler?.(info);
    if (remote) return remote.connect({ request: named(request, id), info, user, warn });
    if (!info.isResourceRequest || leadsNowhere(info)) {
      const handler = this.#paths.find(request.path);
      if (!handler) throw new NoSuchPathError();
      return handler.handle({ request, info, user, warn, ...annotating(trail) });
    }
    const connect = info.subresource === '' ? undefined : this.#connect.get(`${info.group}/${info.resource}/${info.subresource}`);
    if (connect) return connect.connect(await admitConnect(engine, { request, info, user, warn, ...annotating(trail) }));
    const served = await this.#served(info, request.signal);
    if (served.definition.deprecation !== undefined) trail?.annotate('k8s.io/deprecated', 'true');
    const reading = this.#parts.yaml.prepare(request.body, request.headers['content-type'], MAX_DEPTH, request.signal);
    if (reading) await reading;
    if (isLarge(request.body.length)) await parseAhead(request.body);
    const { plain, protobuf } = this.#negotiation;
    const negotiation = !served.definition.custom && hasProtobuf(engine.schema, served.definition.model) ? protobuf : plain;
    const accept = request.headers['accept'];
    if (accept !== undefined && !served.definition.custom) checkProduced(accept, served, info);
    const asked = negotiation.choose(accept);
    const form = asked.as === 'Table' && accept !== undefined && isVirtual(engine, served, info) ? negotiation.chooseNoTable(accept) : asked;
    return dispatch(engine, { request, info, user, served, form, pretty: form.pretty === true || wantsPretty(request), signal: request.signal, deadline, warn, annotate: trail ? (key, value, level) => trail.annotate(key, value, level) : unnoted, record: trail && requestRecord(trail, engine.schema, served.definition) });
  }

  /** What a request is about; throws 404. A kind that another server has just begun to serve is not refused on the strength of memory. */
  async #served({ group, version, resource }: RequestInfo, signal: AbortSignal): Promise<ServedResource> {
    const { registry, cache } = this.#parts.engine;
    const known = registry.find(group, version, resource);
    if (known) return known;
    await cache.consistent(signal);
    const served = registry.find(group, version, resource);
    if (!served) throw isBuiltIn(registry, group) ? pathNotFound() : new NoSuchPathError();
    return served;
  }

  #refusal(error: unknown, request: ApiRequest): ApiResponse {
    if (error instanceof NoSuchPathError) return respondText(404, '404 page not found\n');
    if (error instanceof UnclearPathError) return respondText(500, `${`Internal Server Error: ${JSON.stringify(error.target)}: ${error.message}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\n`);
    const pretty = wantsPretty(request);
    if (error instanceof ApiError) return respondError(error, ...this.#formOfRefusal(request, pretty));
    this.#parts.logger.error('a request failed', { method: request.method, path: request.path, error });
    return respondError(internalError(error instanceof Error ? error.message : String(error)), ...this.#formOfRefusal(request, pretty));
  }

  /** What was asked for, as far as that is no transformation; where it can't be served, JSON for people to read. */
  #formOfRefusal({ headers }: ApiRequest, pretty: boolean): readonly [form: Pick<ResponseForm, 'format' | 'protobuf'>, pretty: boolean] {
    try {
      const form = this.#negotiation.protobuf.choosePlain(headers['accept']);
      return [form, pretty || form.pretty === true];
    } catch (error) {
      if (error instanceof ApiError) return [{ format: 'json' }, true];
      throw error;
    }
  }

  #audited(id: string, response: ApiResponse, warnings: Warnings, marks?: Readonly<Record<string, string>>): ApiResponse {
    const warning = warnings.header();
    const headers = { 'audit-id': id, 'cache-control': 'no-cache, private', ...marks, ...response.headers, ...(warning === undefined ? {} : { warning }) };
    return { ...response, headers };
  }
}

/** The authorizer, with what it decides written down. */
function noting(authorizer: Authorizer, trail: AuditTrail | undefined): Authorizer {
  if (!trail) return authorizer;
  return {
    authorize: (attributes) => {
      const decision = authorizer.authorize(attributes);
      void Promise.resolve(decision).then(
        ({ allowed, reason }) => trail.decided(allowed, reason),
        // Whoever asked is told of it, too.
        () => undefined,
      );
      return decision;
    },
  };
}

/** A request for another server names its audit, by which what the two write down can be brought together. */
const named = (request: ApiRequest, id: string): ApiRequest => (request.headers['audit-id'] === id ? request : { ...request, headers: { ...request.headers, 'audit-id': id } });

function annotating(trail: AuditTrail | undefined): Pick<ConnectCall, 'annotate'> {
  return trail ? { annotate: (key, value, level) => trail.annotate(key, value, level) } : {};
}

/** Counts a flowing answer for as long as it flows. */
function flowing(response: ApiResponse, count: (change: 1 | -1) => void, over: () => void): ApiResponse {
  const { body } = response;
  if (Buffer.isBuffer(body) || !(Symbol.asyncIterator in body)) {
    over();
    return response;
  }
  const counted = async function* (): AsyncGenerator<Buffer | string> {
    count(1);
    try {
      yield* body;
    } finally {
      count(-1);
      over();
    }
  };
  return { ...response, body: counted() };
}

/** Paths that are the same with a slash behind them. */
const WITH_SLASH: ReadonlySet<string> = new Set(['/api/', '/apis/', '/version/']);

/** Handlers by exact path, then by the longest prefix. */
class Paths {
  readonly #exact: ReadonlyMap<string, PathHandler>;
  readonly #prefixes: readonly PathHandler[];

  constructor(handlers: readonly PathHandler[]) {
    this.#exact = new Map(handlers.filter(({ path }) => path === '/' || !path.endsWith('/')).map((each) => [each.path, each]));
    this.#prefixes = handlers.filter(({ path }) => path !== '/' && path.endsWith('/')).toSorted((a, b) => b.path.length - a.path.length);
  }

  find(path: string): PathHandler | undefined {
    return this.#exact.get(WITH_SLASH.has(path) ? path.slice(0, -1) : path) ?? this.#prefixes.find((each) => path.startsWith(each.path));
  }
}

/** Whether the request makes something of which nothing is stored, such as a review. */
const isVirtual = ({ virtual }: Engine, { resource }: ServedResource, { verb, subresource }: RequestInfo): boolean => verb === 'create' && virtual.has(`${resource.group}/${resource.resource}/${subresource}`);

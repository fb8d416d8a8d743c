import type { IncomingMessage } from 'node:http';
import type { V1Status } from '../api/generated/types.ts';
import type { Draft, KubeList, KubeObject } from '../api/meta.ts';
import type { Clock } from '../process/clock.ts';
import { errorOf, readBody } from './answer.ts';
import type { ClientConfig } from './clientConfig.ts';
import { ConnectionError } from './connectionError.ts';
import { queryString, resourcePath } from './resourcePath.ts';
import { retryDelay } from './retryDelay.ts';
import { asConnectionError, Transport } from './transport.ts';
import type { DeleteOptions, KubeClient, ListOptions, PatchType, RawRequest, RawResponse, Resource, WatchEvent, WatchOptions } from './types.ts';
import { parseWatch } from './watchStream.ts';

export interface RestClientOptions {
  /** Names the component in the User-Agent, whose first part becomes the manager of the fields that it writes. */
  readonly component: string;
  readonly version?: string;
  readonly clock: Clock;
  /** Numbers in [0, 1), for the spread of retries. */
  readonly random?: () => number;
  /** Asked before each write is put on the wire, after every wait for a connection or a retry; what it throws is what the request rejects with. */
  readonly beforeWrite?: () => void;
}

/** Components that Kubernetes has, too, bear its names: tools know the managers of fields by them. Others are `gantry-<component>`. */
const KUBERNETES_NAMES: ReadonlyMap<string, string> = new Map([
  ['controller-manager', 'kube-controller-manager'],
  ['scheduler', 'kube-scheduler'],
  ['kubelet', 'kubelet'],
  ['kube-proxy', 'kube-proxy'],
]);
const agentName = (component: string): string => KUBERNETES_NAMES.get(component) ?? `gantry-${component}`;

const JSON_TYPE = 'application/json';
const METADATA_TYPE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST_TYPE = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The API server by HTTPS; `KubeClient` says what holds of each method. */
export class RestClient implements KubeClient {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(config: ClientConfig, options: RestClientOptions) {
    const userAgent = `${agentName(options.component)}/${options.version ?? 'v1.36.0'} (linux/${process.arch === 'x64' ? 'amd64' : process.arch}) kubernetes`;
    this.#transport = new Transport(config, userAgent, options.clock, options.beforeWrite);
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
  }

  /** Ends all connections; requests under way fail with a ConnectionError. */
  close(): void {
    this.#transport.close();
  }

  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string): Promise<T> {
    return this.#json<T>({ method: 'GET', path: resourcePath(resource, namespace, name) });
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, signal, ...query } = options;
    const path = resourcePath(resource, namespace) + queryString(query);
    const list = await this.#json<KubeList<T>>({ method: 'GET', path, headers: resource.metadataOnly ? { accept: METADATA_LIST_TYPE } : {}, ...(signal ? { signal } : {}) });
    const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    list.items ??= [];
    // Kubernetes leaves both out of a list's items; ours are whole objects.
    for (const item of list.items) {
      item.apiVersion ??= apiVersion;
      item.kind ??= resource.kind;
    }
    return list;
  }

  /** Ends when the server ends it or the signal comes; throws a ConnectionError when the connection breaks. */
  async *watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const { namespace, signal, sendInitialEvents, ...query } = options;
    const extra = sendInitialEvents === undefined ? {} : { sendInitialEvents, resourceVersionMatch: options.resourceVersionMatch ?? 'NotOlderThan' };
    const path = resourcePath(resource, namespace) + queryString({ watch: true, ...query, ...extra });
    let response: IncomingMessage | undefined;
    try {
      response = await this.#open({ method: 'GET', path, headers: resource.metadataOnly ? { accept: METADATA_TYPE } : {}, ...(signal ? { signal } : {}) }, true);
      yield* parseWatch<T>(response);
    } catch (error) {
      if (signal?.aborted) return;
      throw response && !(error instanceof SyntaxError) ? asConnectionError(error) : error;
    } finally {
      response?.destroy();
    }
  }

  create<T extends KubeObject>(resource: Resource<T>, object: Draft<T>, namespace?: string): Promise<T> {
    return this.#json<T>({ method: 'POST', path: resourcePath(resource, namespace ?? object.metadata.namespace) }, object);
  }

  update<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return this.#json<T>({ method: 'PUT', path: resourcePath(resource, object.metadata.namespace, object.metadata.name) }, object);
  }

  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return this.updateSubresource(resource, object, 'status');
  }

  updateSubresource<T extends KubeObject>(resource: Resource<T>, object: T, subresource: string): Promise<T> {
    return this.#json<T>({ method: 'PUT', path: resourcePath(resource, object.metadata.namespace, object.metadata.name, subresource) }, object);
  }

  patch<T extends KubeObject>(resource: Resource<T>, name: string, namespace: string | undefined, type: PatchType, body: unknown, subresource?: string): Promise<T> {
    return this.#json<T>({ method: 'PATCH', path: resourcePath(resource, namespace, name, subresource), headers: { 'content-type': type } }, body);
  }

  delete<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string, options?: DeleteOptions): Promise<T | V1Status> {
    const body = options && { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
    return this.#json<T | V1Status>({ method: 'DELETE', path: resourcePath(resource, namespace, name) }, body);
  }

  createSubresource<R>(resource: Resource, name: string, namespace: string | undefined, subresource: string, body: unknown): Promise<R> {
    return this.#json<R>({ method: 'POST', path: resourcePath(resource, namespace, name, subresource) }, body);
  }

  /** Resolves with whatever the server answers, errors too; 429 and the like are not retried. */
  async raw(request: RawRequest): Promise<RawResponse> {
    const response = await this.#reach(request, false);
    const headers = Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]);
    return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers) as Record<string, string>, body: await readBody(response) };
  }

  async #json<R>(request: RawRequest, body?: unknown): Promise<R> {
    const whole = body === undefined ? request : { ...request, headers: { 'content-type': JSON_TYPE, ...request.headers }, body: JSON.stringify(body) };
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#open(whole, false);
      try {
        return JSON.parse((await readBody(response)).toString('utf8')) as R;
      } catch (error) {
        await this.#beforeRetry(error, whole, attempt);
      }
    }
  }

  /** An answer that is a success, after the retries that are allowed. */
  async #open(request: RawRequest, long: boolean): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#reach(request, long);
      const code = response.statusCode ?? 0;
      if (code < 400) return response;
      if (code === 401) this.#transport.distrustCredentials();
      if (code === 503) this.#transport.leaveServer();
      await this.#beforeRetry(errorOf(code, await readBody(response), response.headers['retry-after']), request, attempt);
    }
  }

  /** Any answer; lost connections are retried where that is harmless. */
  async #reach(request: RawRequest, long: boolean): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transport.open(request, long);
      } catch (error) {
        await this.#beforeRetry(error, request, attempt);
      }
    }
  }

  /** Waits as long as the retry rules say, or throws the error again. */
  async #beforeRetry(error: unknown, request: RawRequest, attempt: number): Promise<void> {
    const delay = retryDelay(error, { method: request.method, attempt, servers: this.#transport.serverCount });
    if (delay === undefined || request.signal?.aborted) throw error;
    await this.#clock.sleep(delay * (1 + 0.2 * this.#random()), request.signal);
    if (request.signal?.aborted) throw new ConnectionError('the request was cancelled', { cause: error });
  }
}

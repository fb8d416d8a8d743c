import { ApiError, serviceUnavailable } from '../../api/apiError.ts';
import type { V1APIService, V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import { LABEL_SERVICE_NAME } from '../../api/wellKnown.ts';
import type { Clock } from '../../process/clock.ts';
import type { Dial } from '../../process/dial.ts';
import { objectKey, resourcePrefix, type WatchCache } from '../storage/types.ts';
import { exchange, type Backend } from '../streaming/backend.ts';
import type { ApiRequest, UserInfo } from '../types.ts';
import { clusterLocation, endpointLocation } from './serviceLocation.ts';
import { userHeaders } from './userHeaders.ts';

export const SERVICES = { group: '', resource: 'services' };
export const ENDPOINT_SLICES = { group: 'discovery.k8s.io', resource: 'endpointslices' };

/** How this server proves to extension servers that it may speak for users (`--proxy-client-cert-file`, `--proxy-client-key-file`). PEM. */
export interface ProxyClient {
  readonly certificate: string;
  readonly key: string;
}

export interface RemoteServersOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly proxyClient?: ProxyClient;
  /** `--enable-aggregator-routing`: to endpoints directly, where this host does not carry cluster IPs. */
  readonly routesToEndpoints: boolean;
  /** `--aggregator-reject-forwarding-redirect`. */
  readonly rejectsRedirects: boolean;
  /** In [0, 1). */
  readonly random: () => number;
  /** How they are reached, unless directly. */
  readonly dial?: Dial | undefined;
}

/** An answer that was read whole. */
export interface Fetched {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: Buffer;
  /** As asked; for messages. */
  readonly url: string;
}

export interface FetchOptions {
  readonly path: string;
  readonly accept: string;
  readonly etag?: string | undefined;
  /** Whether its certificate is looked at; a mere check of whether it lives does without. */
  readonly verified: boolean;
}

/** Kubernetes' time for documents of extension servers, and the most that is read of one. */
const FETCH_MS = 5_000;
const FETCH_BYTES = 32 * 1024 * 1024;
/** Extension servers let this identity read everything; it never leaves this process but in such requests. */
export const AGGREGATOR: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] };

/** Reaches the servers behind APIServices. */
export class RemoteServers {
  readonly #options: RemoteServersOptions;

  constructor(options: RemoteServersOptions) {
    this.#options = options;
  }

  /** Whether redirections are no answers. */
  get rejectsRedirects(): boolean {
    return this.#options.rejectsRedirects;
  }

  service({ spec }: V1APIService): V1Service | undefined {
    const { namespace = '', name = '' } = spec?.service ?? {};
    return this.#options.cache.get(objectKey(SERVICES, namespace, name))?.object as V1Service | undefined;
  }

  slices({ spec }: V1APIService): readonly V1EndpointSlice[] {
    const { namespace = '', name = '' } = spec?.service ?? {};
    const all = this.#options.cache.list(resourcePrefix(ENDPOINT_SLICES, namespace)).map(({ object }) => object as V1EndpointSlice);
    return all.filter(({ metadata }) => metadata.labels?.[LABEL_SERVICE_NAME] === name);
  }

  /** Where a request of a user goes on to. Throws where the Service leads nowhere. */
  backend(apiService: V1APIService, path: string, user: UserInfo, verified = true): Backend {
    const { proxyClient, routesToEndpoints, random } = this.#options;
    const { caBundle, insecureSkipTLSVerify, service: reference } = apiService.spec ?? {};
    const service = this.service(apiService);
    if (!service || !reference) throw serviceUnavailable('service unavailable');
    const port = reference.port ?? 443;
    const location = routesToEndpoints ? endpointLocation(service, this.slices(apiService), port, random()) : clusterLocation(service, port);
    const isVerified = verified && !insecureSkipTLSVerify;
    return {
      ...location,
      tls: {
        ...(proxyClient ? { certificate: proxyClient.certificate, key: proxyClient.key } : {}),
        ...(isVerified && caBundle ? { authority: Buffer.from(caBundle, 'base64').toString() } : {}),
        verified: isVerified,
        serverName: `${reference.name ?? ''}.${reference.namespace ?? ''}.svc`,
      },
      path,
      headers: userHeaders(user),
      failure: (why) => new UnreachableError(why),
      dial: this.#options.dial,
    };
  }

  /** Reads a document, within its time and size. Throws an `UnreachableError`. */
  async fetch(apiService: V1APIService, { path, accept, etag, verified }: FetchOptions): Promise<Fetched> {
    const stop = new AbortController();
    const timer = this.#options.clock.setTimeout(() => stop.abort(), FETCH_MS);
    try {
      const backend = this.backend(apiService, path, AGGREGATOR, verified);
      const url = `https://${backend.host.includes(':') ? `[${backend.host}]` : backend.host}:${backend.port}${path}`;
      try {
        const answer = await exchange(backend, plainGet(path, { accept, ...(etag === undefined ? {} : { 'if-none-match': etag }) }, stop.signal));
        return { status: answer.statusCode ?? 0, etag: answer.headers.etag, body: await readAll(answer), url };
      } catch (error) {
        const why = stop.signal.aborted ? 'context deadline exceeded' : error instanceof Error ? error.message : String(error);
        throw new UnreachableError(`Get ${JSON.stringify(url)}: ${why}`, url);
      }
    } finally {
      timer.cancel();
    }
  }
}

/** A server that could not be asked; the message says why. */
export class UnreachableError extends Error {
  readonly url: string;

  constructor(why: string, url = '') {
    super(why);
    this.name = 'UnreachableError';
    this.url = url;
  }
}

/** What went wrong, in the words of whoever reports it. */
export const messageOf = (error: unknown): string => (error instanceof ApiError || error instanceof Error ? error.message : String(error));

function plainGet(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): ApiRequest {
  return { method: 'GET', path, query: new URLSearchParams(), headers, body: Buffer.alloc(0), remoteAddress: '127.0.0.1', signal };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    size += piece.length;
    if (size > FETCH_BYTES) throw new Error(`its answer has more than ${FETCH_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

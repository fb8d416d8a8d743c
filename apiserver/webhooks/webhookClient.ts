import type { Agent } from 'node:https';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { Clock } from '../../process/clock.ts';
import { type Dial, secureAgent } from '../../process/dial.ts';
import type { GroupVersionKind } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import type { EgressName } from '../egress/egressConfiguration.ts';
import type { EgressSelector } from '../egress/egressSelector.ts';
import type { WatchCache } from '../storage/types.ts';
import { readReview, ReviewError } from './readReview.ts';
import { BrokenAnswer, ClosedIdle, sendReview, type Received, type Sending } from './sendReview.ts';
import { serverRefusal } from './serverRefusal.ts';
import { serviceEndpoint, type Endpoint } from './serviceEndpoint.ts';
import { authorizationOf, certificateOf, identityFor, type WebhookIdentities, type WebhookIdentity } from './webhookIdentity.ts';
import { pathWithTimeout, webhookAddress, type WebhookAddress, type WebhookClientConfig } from './webhookAddress.ts';

/** A webhook could not be asked, or its answer could not be read; the message is that of Go's client. */
export class WebhookCallError extends Error {}

export interface WebhookCall {
  readonly config: WebhookClientConfig;
  /** JSON. */
  readonly body: Buffer;
  /** What is sent and comes back. */
  readonly review: GroupVersionKind;
  readonly timeoutSeconds: number;
  /** By when whoever asks must answer, in monotonic milliseconds: the webhook is told of what is left. */
  readonly deadline?: number | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** A longer answer is an error; in bytes. */
  readonly maxResponseBytes: number;
}

export interface WebhookClientParts {
  readonly cache: Pick<WatchCache, 'get' | 'list'>;
  readonly schema: Schema;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Who this server is to webhooks; absent: nobody. */
  readonly identities?: WebhookIdentities | undefined;
  /** How webhooks are reached: those of Services are in the cluster, others belong to the control plane. Absent: directly. */
  readonly egress?: EgressSelector | undefined;
}

/** Go's `MaxIdleConnsPerHost` of these clients, and how long an idle connection is kept. */
const IDLE_CONNECTIONS = 25;
const IDLE_MS = 90_000;
const MAX_REDIRECTIONS = 10;
const HEADERS = { accept: 'application/json, */*', 'user-agent': 'kube-apiserver-admission' };
/** Different authorities whose connections are kept; beyond, the one that was first used goes. */
const MAX_AUTHORITIES = 200;

type Request = Omit<Sending, 'endpoint' | 'signal' | 'maxResponseBytes'>;

/**
 * Asks webhooks, by HTTPS/1.1 over connections that are kept.
 * 1. An answer comes within the time of the call, or an error does.
 * 2. What is wrong is told in the words of Kubernetes' own client, as `Post "https://…?timeout=10s": …`.
 */
export class WebhookClient {
  readonly #parts: WebhookClientParts;
  /** By the PEM of their authority and of what is shown to them; an agent for each, since its trust is that of the connections that it keeps. */
  readonly #agents = new Map<string, Agent>();

  constructor(parts: WebhookClientParts) {
    this.#parts = parts;
  }

  /** Sends a review and gives the one that comes back. Throws `WebhookCallError`. */
  async post(call: WebhookCall): Promise<Readonly<Record<string, unknown>>> {
    let address: WebhookAddress;
    let agent: Agent;
    let headers: ReturnType<typeof authorizationOf>;
    try {
      address = webhookAddress(call.config);
      const identity = this.#parts.identities && identityFor(this.#parts.identities, address);
      agent = this.#agentOf(call.config.caBundle, identity, wayTo(address));
      headers = identity ? authorizationOf(identity) : {};
    } catch (error) {
      throw new WebhookCallError(`could not get REST client: ${textOf(error)}`);
    }
    const timeoutMs = Math.min(call.timeoutSeconds * 1000, Math.max(1, (call.deadline ?? Number.POSITIVE_INFINITY) - this.#parts.clock.monotonic()));
    const url = new URL(`https://${address.authority}${pathWithTimeout(address, Math.ceil(timeoutMs / 1000))}`);
    const received = await this.#exchange(call, timeoutMs, address, { url, authority: address.authority, method: 'POST', body: call.body, agent, dial: this.#dialTo(wayTo(address)), headers: { ...HEADERS, 'content-type': 'application/json', ...headers } });
    if (received.status < 200 || received.status > 206) throw new WebhookCallError(serverRefusal(received.status, received.contentType, received.body));
    if (received.body.length === 0) throw new WebhookCallError(`0-length response with status code: ${received.status} and content type: ${received.contentType || 'application/json'}`);
    try {
      return readReview(this.#parts.schema, received.body, call.review);
    } catch (error) {
      if (error instanceof ReviewError) throw new WebhookCallError(error.message);
      throw error;
    }
  }

  async #exchange(call: WebhookCall, timeoutMs: number, address: WebhookAddress, first: Request): Promise<Received> {
    const timeout = new AbortController();
    const timer = this.#parts.clock.setTimeout(() => timeout.abort(), timeoutMs);
    const signal = call.signal ? AbortSignal.any([timeout.signal, call.signal]) : timeout.signal;
    let request = first;
    try {
      for (let redirections = 0; ; redirections += 1) {
        const received = await this.#sendKept({ ...request, endpoint: this.#endpointOf(request, address), signal, maxResponseBytes: call.maxResponseBytes });
        const next = redirected(request, received);
        if (!next) return received;
        if (redirections === MAX_REDIRECTIONS) throw new Error(`stopped after ${MAX_REDIRECTIONS} redirects`);
        request = next;
      }
    } catch (error) {
      if (error instanceof BrokenAnswer) throw new WebhookCallError(error.message);
      const why = timeout.signal.aborted ? 'context deadline exceeded' : signal.aborted ? 'context canceled' : textOf(error);
      throw new WebhookCallError(`${request.method === 'POST' ? 'Post' : 'Get'} ${JSON.stringify(hrefOf(request))}: ${why}`);
    } finally {
      timer.cancel();
    }
  }

  /** Over a connection that was kept, if there is one. */
  async #sendKept(sending: Sending): Promise<Received> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendReview(sending);
      } catch (error) {
        // The peer had closed a kept connection before it read the request.
        if (!(error instanceof ClosedIdle) || attempt > IDLE_CONNECTIONS || sending.signal.aborted) throw error;
      }
    }
  }

  #endpointOf({ url, authority }: Request, { service, authority: own, port }: WebhookAddress): Endpoint {
    if (service && authority === own) return serviceEndpoint(this.#parts.cache, { ...service, port }, this.#parts.random);
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (url.protocol === 'http:' ? 80 : 443) };
  }

  #dialTo(way: EgressName): Dial | undefined {
    return this.#parts.egress?.[way];
  }

  #agentOf(caBundle: string | undefined, identity: WebhookIdentity | undefined, way: EgressName): Agent {
    const dial = this.#dialTo(way);
    const authority = caBundle ?? '';
    const shown = identity ? certificateOf(identity) : {};
    const plain = shown.cert === undefined ? authority : `${authority}\n${shown.cert}\n${shown.key ?? ''}`;
    const key = dial ? `${way}\n${plain}` : plain;
    const known = this.#agents.get(key);
    if (known) return known;
    const secureContext = createSecureContext({ ca: authority === '' ? systemAuthorities() : pemOf(authority), ...shown });
    const options = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, timeout: IDLE_MS, secureContext };
    const agent = secureAgent(options, dial);
    const [first] = this.#agents.keys();
    // What is under way on its connections goes on; idle ones end by themselves.
    if (first !== undefined && this.#agents.size >= MAX_AUTHORITIES) this.#agents.delete(first);
    this.#agents.set(key, agent);
    return agent;
  }
}

const wayTo = ({ service }: WebhookAddress): EgressName => (service ? 'cluster' : 'controlplane');

/** Where an answer sends the request on to, as Go's client follows it: with its body only where the answer says so. */
function redirected(request: Request, { status, location }: Received): Request | undefined {
  const { url, headers } = request;
  const isRepeated = status === 307 || status === 308;
  if (location === undefined || !(isRepeated || [301, 302, 303].includes(status)) || !URL.canParse(location, url)) return undefined;
  const to = new URL(location, url);
  const next = new Map(Object.entries(headers));
  if (!isRepeated) next.delete('content-type');
  if (to.hostname !== url.hostname) next.delete('authorization');
  if (url.protocol === 'http:' || to.protocol === 'https:') next.set('referer', hrefOf(request));
  const moved = { ...request, url: to, authority: to.host, headers: Object.fromEntries(next) };
  return isRepeated ? moved : { ...moved, method: 'GET', body: undefined };
}

const hrefOf = ({ url, authority }: Request): string => `${url.protocol}//${authority}${url.pathname}${url.search}`;

let system: string[] | undefined;

/** What the machine trusts, and what Node brings along where the machine has nothing. */
function systemAuthorities(): string[] {
  system ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return system;
}

function pemOf(caBundle: string): string {
  const pem = Buffer.from(caBundle, 'base64').toString();
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('unable to load root certificates: unable to parse bytes as PEM block');
  return pem;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

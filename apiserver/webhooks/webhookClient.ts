import { Agent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { Clock } from '../../process/clock.ts';
import { DialingAgent } from '../../process/dial.ts';
import { BodySyntaxError, parseJson } from '../codec/parseBody.ts';
import type { EgressName } from '../egress/egressConfiguration.ts';
import type { EgressSelector } from '../egress/egressSelector.ts';
import type { WatchCache } from '../storage/types.ts';
import { callError } from './callError.ts';
import { serverRefusal } from './serverRefusal.ts';
import { joinHostPort, serviceEndpoint, type Endpoint } from './serviceEndpoint.ts';
import { authorizationOf, certificateOf, identityFor, type WebhookIdentities, type WebhookIdentity } from './webhookIdentity.ts';
import { pathWithTimeout, webhookAddress, type WebhookAddress, type WebhookClientConfig } from './webhookAddress.ts';

/** A webhook could not be asked, or its answer could not be read; the message is that of Go's client. */
export class WebhookCallError extends Error {}

export interface WebhookCall {
  readonly config: WebhookClientConfig;
  /** JSON. */
  readonly body: Buffer;
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
/** Different authorities whose connections are kept; beyond, the one that was first used goes. */
const MAX_AUTHORITIES = 200;

interface Received {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

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

  /** Sends a body and gives the value of the JSON that comes back. Throws `WebhookCallError`. */
  async post(call: WebhookCall): Promise<unknown> {
    let address: WebhookAddress;
    let agent: Agent;
    let headers: ReturnType<typeof authorizationOf>;
    try {
      address = webhookAddress(call.config);
      const identity = this.#parts.identities && identityFor(this.#parts.identities, address);
      agent = this.#agentOf(call.config.caBundle, identity, address.service ? 'cluster' : 'controlplane');
      headers = identity ? authorizationOf(identity) : {};
    } catch (error) {
      throw new WebhookCallError(`could not get REST client: ${textOf(error)}`);
    }
    const timeoutMs = Math.min(call.timeoutSeconds * 1000, Math.max(1, (call.deadline ?? Number.POSITIVE_INFINITY) - this.#parts.clock.monotonic()));
    const path = pathWithTimeout(address, Math.ceil(timeoutMs / 1000));
    const received = await this.#exchange(call, timeoutMs, address, agent, path, headers).catch((error: unknown) => {
      throw new WebhookCallError(`Post ${JSON.stringify(`https://${address.authority}${path}`)}: ${textOf(error)}`);
    });
    if (received.status < 200 || received.status > 206) throw new WebhookCallError(serverRefusal(received.status, received.contentType, received.body));
    try {
      return parseJson(received.body).value;
    } catch (error) {
      if (error instanceof BodySyntaxError) throw new WebhookCallError(`couldn't get version/kind; json parse error: ${error.message}`);
      throw error;
    }
  }

  async #exchange(call: WebhookCall, timeoutMs: number, address: WebhookAddress, agent: Agent, path: string, headers: ReturnType<typeof authorizationOf>): Promise<Received> {
    const endpoint = this.#endpointOf(address);
    const timeout = new AbortController();
    const timer = this.#parts.clock.setTimeout(() => timeout.abort(), timeoutMs);
    const signal = call.signal ? AbortSignal.any([timeout.signal, call.signal]) : timeout.signal;
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await send(call, address, endpoint, agent, path, signal, headers);
        } catch (error) {
          if (timeout.signal.aborted) throw new Error('context deadline exceeded', { cause: error });
          if (signal.aborted) throw new Error('context canceled', { cause: error });
          // The peer had closed a kept connection before it read the request.
          if (!(error instanceof ClosedIdle) || attempt > IDLE_CONNECTIONS) throw error;
        }
      }
    } finally {
      timer.cancel();
    }
  }

  #endpointOf({ service, host, port }: WebhookAddress): Endpoint {
    return service ? serviceEndpoint(this.#parts.cache, { ...service, port }, this.#parts.random) : { host, port };
  }

  #agentOf(caBundle: string | undefined, identity: WebhookIdentity | undefined, way: EgressName): Agent {
    const dial = this.#parts.egress?.[way];
    const authority = caBundle ?? '';
    const shown = identity ? certificateOf(identity) : {};
    const plain = shown.cert === undefined ? authority : `${authority}\n${shown.cert}\n${shown.key ?? ''}`;
    const key = dial ? `${way}\n${plain}` : plain;
    const known = this.#agents.get(key);
    if (known) return known;
    const secureContext = createSecureContext({ ca: authority === '' ? systemAuthorities() : pemOf(authority), ...shown });
    const options = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, timeout: IDLE_MS, secureContext };
    const agent = dial ? new DialingAgent(dial, options) : new Agent(options);
    const [first] = this.#agents.keys();
    // What is under way on its connections goes on; idle ones end by themselves.
    if (first !== undefined && this.#agents.size >= MAX_AUTHORITIES) this.#agents.delete(first);
    this.#agents.set(key, agent);
    return agent;
  }
}

class ClosedIdle extends Error {}

function send(call: WebhookCall, address: WebhookAddress, endpoint: Endpoint, agent: Agent, path: string, signal: AbortSignal, authorization: ReturnType<typeof authorizationOf>): Promise<Received> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, */*', 'user-agent': 'kube-apiserver-admission', host: address.authority, 'content-length': call.body.length, ...authorization };
    // An address is no name to be asked for, and is found among those of the certificate by itself.
    const servername = isIP(address.host) === 0 ? { servername: address.host } : { servername: '' };
    const request = httpsRequest({ agent, host: endpoint.host, port: endpoint.port, path, method: 'POST', headers, signal, ...servername }, (response) => {
      const pieces: Buffer[] = [];
      let size = 0;
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        size += piece.length;
        if (size > call.maxResponseBytes) response.destroy(new Error(`http: response body is larger than ${call.maxResponseBytes} bytes`));
      });
      response.on('error', (error) => reject(named(error)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body: Buffer.concat(pieces) }));
    });
    const named = (error: NodeJS.ErrnoException): Error => {
      if (request.reusedSocket && error.code === 'ECONNRESET') return new ClosedIdle(error.message);
      return new Error(callError(error, { peer: joinHostPort(endpoint), serverName: address.host }));
    };
    request.on('error', (error) => reject(named(error)));
    request.end(call.body);
  });
}

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

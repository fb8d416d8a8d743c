import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '../process/clock.ts';
import { plainAgent, secureAgent } from '../process/dial.ts';
import type { ClientConfig } from './clientConfig.ts';
import { ConnectionError } from './connectionError.ts';
import { CredentialSource, type Credentials } from './credentials.ts';
import { ServerList } from './serverList.ts';
import { type ServerState, ServerWatchdog } from './serverWatchdog.ts';
import type { RawRequest } from './types.ts';

/** Ordinary requests share so many sockets per server; more wait for a free one. */
const MAXIMUM_SOCKETS = 64;
/** Of these, so many are kept when nothing is asked; each costs memory at both ends. */
const IDLE_SOCKETS = 6;
/** The API server answers an ordinary request within 60 s, if only to say that it could not. */
const ANSWER_MILLISECONDS = 65_000;
/** A watch may be silent for long; probes of TCP find out that its peer has gone. */
const KEEP_ALIVE_PROBE_MILLISECONDS = 5000;
/** A connection that takes longer is given up: sooner where there is another server to go to. */
const CONNECT_MILLISECONDS = { only: 10_000, oneOfSeveral: 3000 } as const;
const PROBE_MILLISECONDS = 3000;

interface Agents {
  readonly shared: http.Agent;
  readonly long: http.Agent;
}

/**
 * Sends single requests to one of several servers: it stays with a server until a connection to it fails or goes unanswered, then goes
 * on to the next. It holds the sockets: a bounded pool for ordinary requests, one of its own for each watch.
 */
export class Transport {
  readonly #config: ClientConfig;
  readonly #userAgent: string;
  readonly #credentials: CredentialSource;
  readonly #servers: ServerList;
  readonly #watchdog: ServerWatchdog;
  /** Failures in a row, over all servers: a machine that is short of time must not take every server for lost. */
  #failures = 0;
  readonly #beforeWrite: (() => void) | undefined;
  #agents: Agents | undefined;
  /** What `#agents` were made for. */
  #identity: Credentials | undefined;

  /** `beforeWrite`: see `RestClientOptions`. */
  constructor(config: ClientConfig, userAgent: string, clock: Clock, beforeWrite?: () => void) {
    this.#beforeWrite = beforeWrite;
    this.#config = config;
    this.#userAgent = userAgent;
    this.#credentials = new CredentialSource(config, clock);
    this.#servers = new ServerList(config);
    this.#watchdog = new ServerWatchdog(clock, () => this.#servers.all, (server) => this.#probe(server));
  }

  get serverCount(): number {
    return this.#servers.count;
  }

  /** After a 401: files with credentials are looked at again before the next request. */
  distrustCredentials(): void {
    this.#credentials.distrust();
  }

  /** Closes the sockets that wait for a next request, and breaks those in use. */
  close(): void {
    this.#agents?.shared.destroy();
    this.#agents?.long.destroy();
  }

  /**
   * One attempt on the current server; resolves when the head of the answer is there.
   * @throws ConnectionError; `neverSent` tells whether the server can have seen the request
   */
  async open(request: RawRequest, long: boolean): Promise<http.IncomingMessage> {
    const credentials = await this.#credentials.current();
    const agents = this.#agentsFor(credentials);
    const server = this.#servers.current;
    const several = this.#servers.count > 1;
    const body = request.body;
    const options: https.RequestOptions = {
      method: request.method,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port === '' ? (server.protocol === 'http:' ? 80 : 443) : server.port,
      path: server.pathname === '/' ? request.path : server.pathname.replace(/\/$/, '') + request.path,
      agent: long ? agents.long : agents.shared,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(credentials.token === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...request.headers,
      },
    };
    const outgoing = server.protocol === 'http:' ? http.request(options) : https.request(options);
    const release = several ? this.#watchdog.track(server, outgoing, long) : undefined;
    // A watch is looked after until it ends, another request until its answer begins.
    if (release) outgoing.once('close', release);
    try {
      const beforeSend = request.method === 'GET' || request.method === 'HEAD' ? undefined : this.#beforeWrite;
      const response = await exchange(outgoing, request, { long, connectMilliseconds: several ? this.#patient(CONNECT_MILLISECONDS.oneOfSeveral) : CONNECT_MILLISECONDS.only, beforeSend });
      this.#failures = 0;
      return response;
    } catch (error) {
      if (error instanceof ConnectionError && !request.signal?.aborted) {
        this.#servers.failed(server);
        this.#failures += 1;
      }
      throw error;
    } finally {
      if (!long) release?.();
    }
  }

  /** Twice as long after each round of all servers that brought nothing, up to eight times. */
  #patient(milliseconds: number): number {
    return milliseconds * 2 ** Math.min(3, Math.floor(this.#failures / this.#servers.count));
  }

  /** Asks a server on a connection of its own. */
  #probe(server: URL): Promise<ServerState> {
    // The agent of watches keeps no connection.
    const options = { method: 'GET', host: server.hostname.replace(/^\[|\]$/g, ''), port: server.port, path: '/readyz', agent: this.#agents?.long, timeout: this.#patient(PROBE_MILLISECONDS) };
    return new Promise((resolve) => {
      const question = server.protocol === 'http:' ? http.request(options) : https.request(options);
      question.on('timeout', () => question.destroy());
      question.on('response', (response) => {
        response.destroy();
        resolve((response.statusCode ?? 500) < 500 ? 'ready' : 'notReady');
      });
      question.on('error', () => resolve('silent'));
      question.on('close', () => resolve('silent'));
      question.end();
    });
  }

  /** The server that answered last says that it cannot serve: the next request goes to another one. */
  leaveServer(): void {
    this.#servers.failed(this.#servers.current);
  }

  /** New agents when the identity has changed, so that no socket speaks with the old certificate; the old ones end when idle. */
  #agentsFor(credentials: Credentials): Agents {
    const known = this.#identity;
    if (this.#agents && known?.certificate === credentials.certificate && known?.key === credentials.key) return this.#agents;
    // One for all connections: each would otherwise read the certificates anew, and keep them.
    const secureContext = createSecureContext({
      ...(this.#config.ca === undefined ? {} : { ca: this.#config.ca }),
      ...(credentials.certificate === undefined ? {} : { cert: credentials.certificate }),
      ...(credentials.key === undefined ? {} : { key: credentials.key }),
    });
    const tls: https.AgentOptions = {
      secureContext,
      ...(this.#config.tlsServerName === undefined ? {} : { servername: this.#config.tlsServerName }),
      rejectUnauthorized: !this.#config.insecureSkipTLSVerify,
    };
    const plain = this.#servers.current.protocol === 'http:';
    const { dial } = this.#config;
    const make = (options: https.AgentOptions): http.Agent => (plain ? plainAgent(options, dial) : secureAgent({ ...tls, ...options }, dial));
    this.#agents = {
      shared: make({ keepAlive: true, maxSockets: MAXIMUM_SOCKETS, maxFreeSockets: IDLE_SOCKETS, scheduling: 'lifo' }),
      long: make({ keepAlive: false }),
    };
    this.#identity = credentials;
    return this.#agents;
  }
}

/** Sockets over which a server was reached. */
const established = new WeakSet<object>();

/** Also of a socket whose first request was given up before it got it: nobody has seen that one connect. */
function isConnected(socket: Socket): boolean {
  if (established.has(socket)) return true;
  return socket instanceof TLSSocket ? socket.getFinished() !== undefined : !socket.connecting && !socket.destroyed;
}

interface Exchange {
  readonly long: boolean;
  readonly connectMilliseconds: number;
  readonly beforeSend: (() => void) | undefined;
}

function exchange(outgoing: http.ClientRequest, request: RawRequest, { long, connectMilliseconds, beforeSend }: Exchange): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    let connected = false;
    /** Nothing is between the question and the bytes: neither a connection to wait for nor another turn of the event loop. */
    const send = (check: () => void): void => {
      try {
        check();
        outgoing.end(request.body);
      } catch (refusal) {
        reject(refusal);
        outgoing.destroy();
      }
    };
    const abort = (): void => void outgoing.destroy(new ConnectionError('the request was cancelled'));
    outgoing.on('socket', (socket) => {
      connected = isConnected(socket);
      if (!connected) {
        socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
          connected = true;
          established.add(socket);
          outgoing.setTimeout(ANSWER_MILLISECONDS);
          if (beforeSend) send(beforeSend);
        });
      } else {
        outgoing.setTimeout(ANSWER_MILLISECONDS);
        if (beforeSend) send(beforeSend);
      }
      if (long) socket.setKeepAlive(true, KEEP_ALIVE_PROBE_MILLISECONDS);
    });
    outgoing.setTimeout(connectMilliseconds, () => outgoing.destroy(new ConnectionError(connected ? `no answer within ${ANSWER_MILLISECONDS / 1000} s` : `no connection within ${connectMilliseconds / 1000} s`)));
    outgoing.once('response', (response) => {
      if (long) outgoing.setTimeout(0);
      response.once('close', () => signal?.removeEventListener('abort', abort));
      resolve(response);
    });
    // It stays: an error after the answer's head is the reader's, who sees it on the response.
    outgoing.on('error', (error) => {
      signal?.removeEventListener('abort', abort);
      reject(asConnectionError(error, !connected));
    });
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    if (!beforeSend) outgoing.end(request.body);
  });
}

/** Turns what a socket throws into a ConnectionError. */
export function asConnectionError(error: unknown, neverSent = false): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  return new ConnectionError(message || code || 'connection failed', { cause: error, neverSent, ...(code === undefined ? {} : { code }) });
}

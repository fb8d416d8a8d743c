import { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, SecureContextOptions, TLSSocket } from 'node:tls';
import express from 'express';
import type { Express, Request, Response } from 'express';
import { ApiError, internalError } from '../../api/apiError.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { respondError } from '../handlers/respond.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ApiRequest, ApiResponse } from '../types.ts';
import { clientCertificateOf, ClientTrust } from './clientCertificate.ts';
import { compressed, unchanged } from './compress.ts';
import { Http2Sessions } from './http2Sessions.ts';
import type { Http2Config } from './http2Options.ts';
import { readBody } from './readBody.ts';
import { originForm, parametersOf, splitTarget } from './requestTarget.ts';
import { contextOf, namedContexts, secureContextOptions, type TlsSettings } from './tlsSettings.ts';
import { writeResponse } from './writeResponse.ts';
import type { Pace } from './writeResponse.ts';

export interface HttpConfig {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM bundle that client certificates are verified against; absent: they are not asked for. */
  readonly clientAuthority?: string;
  /** PEM bundle of the authorities of authenticating proxies (`--requestheader-client-ca-file`). */
  readonly proxyAuthority?: string;
  /** `--goaway-chance`: part of the answers after which a connection is closed, so that clients spread over several servers; 0 unless given. */
  readonly goawayChance?: number;
  /** How long a client may take for a request's head, and for all of it; and how often that is looked after. In milliseconds. */
  readonly clientTimes?: { readonly head: number; readonly whole: number; readonly check: number };
  /** Versions and ciphers of TLS, and further certificates; Go's defaults unless given. */
  readonly tls?: TlsSettings;
  /** Whether other processes may listen on the same address and port (`--permit-port-sharing`). */
  readonly portSharing?: boolean;
  /** Whether large answers are compressed for who takes that (`APIResponseCompression`); true unless given. */
  readonly compression?: boolean;
  /** How HTTP/2 is served beside HTTP/1.1; false: not at all (`--disable-http2-serving`). */
  readonly http2?: Http2Config | false;
}

/** What is shown to clients, and against what they are verified. */
export type Certificates = Pick<HttpConfig, 'certificate' | 'key' | 'clientAuthority' | 'proxyAuthority' | 'tls'>;

export interface HttpServer {
  readonly port: number;
  /** For connections from now on; throws where the key is not the certificate's, and leaves things as they were. */
  renew(certificates: Certificates): void;
  /** Takes no new connections, lets answers be finished for so long, then cuts what is left. */
  close(graceMilliseconds: number): Promise<void>;
}

type SniChosen = (error: null, context?: SecureContext) => void;

const EMPTY = Buffer.alloc(0);
/** Longer than any client keeps an idle connection, so that a request never meets one that is being closed. */
const KEEP_ALIVE_MS = 180_000;
/** Kubernetes' `ReadHeaderTimeout`, and its default of a request's whole time. */
export const CLIENT_TIMES = { head: 32_000, whole: 60_000, check: 10_000 };
const IDLE_CHECK_MS = 50;
/** Go's `DefaultMaxHeaderBytes`; selectors and `continue` stand in the request line. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** Serves the pipeline over HTTP/1.1 and HTTP/2 on TLS, as clients choose (ALPN). Resolves when it listens; rejects where it cannot. */
export async function serveHttps(pipeline: Pipeline, config: HttpConfig, clock: Clock, logger: Logger): Promise<HttpServer> {
  const app = express();
  const times = config.clientTimes ?? CLIENT_TIMES;
  const chance = config.goawayChance ?? 0;
  for (const setting of ['etag', 'x-powered-by', 'query parser']) app.set(setting, false);
  const kinds = messageKinds(app);
  const compress = config.compression === false ? unchanged : compressed;
  let trust = trustOf(config);
  let named = namedContexts(config.tls ?? {}, authoritiesOf(config));
  // One handler for everything: routing is the pipeline's.
  app.use((message: IncomingMessage, response: ServerResponse) => {
    // Whoever is sent away comes back by another connection, perhaps to another server.
    if (chance > 0 && Math.random() < chance) response.setHeader('connection', 'close');
    void answer(pipeline, message, response, trust, { clock, patience: times.whole, compress }, logger);
  });
  const server = createServer(
    {
      ...secureContext(config),
      ...(config.tls?.named?.length ? { SNICallback: (name: string, chosen: SniChosen) => chosen(null, contextOf(named, name)) } : {}),
      ...(config.clientAuthority === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
      ALPNProtocols: config.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1'],
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: times.head,
      requestTimeout: times.whole,
      connectionsCheckingInterval: times.check,
      maxHeaderSize: MAX_HEADER_BYTES,
      shouldUpgradeCallback: (message: IncomingMessage) => pipeline.takesUpgrade(message.method ?? 'GET', splitTarget(message.url).path),
      noDelay: true,
      ...kinds,
    },
    (message: IncomingMessage, response: ServerResponse) => {
      // Express itself stumbles over an absolute form that is no URL.
      message.url = originForm(message.url);
      app(message, response);
    },
  );
  /** Those that speak another protocol: Node counts them among the server's connections, but closes them with none of its means. */
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    void upgrade(pipeline, message, socket, head, trust, logger);
  });
  server.on('tlsClientError', (error) => logger.debug('a TLS handshake failed', { error: error.message }));
  await listen(server, config);
  const sessions = config.http2 === false ? undefined : new Http2Sessions({ pipeline, config: config.http2 ?? {}, goawayChance: chance, times, compress, clock, logger });
  if (sessions) divert(server, (socket) => sessions.accept(socket, clientCertificateOf(socket, trust)));
  const renew = (certificates: Certificates): void => {
    const renewed = namedContexts(certificates.tls ?? {}, authoritiesOf(certificates));
    server.setSecureContext(secureContext(certificates));
    named = renewed;
    trust = trustOf(certificates);
  };
  return { port: (server.address() as AddressInfo).port, renew, close: (grace) => closeServer(server, sessions, upgraded, grace, clock) };
}

function trustOf({ clientAuthority, proxyAuthority }: Certificates): ClientTrust | undefined {
  return clientAuthority === undefined ? undefined : new ClientTrust(clientAuthority, proxyAuthority);
}

const authoritiesOf = ({ clientAuthority, proxyAuthority }: Certificates): string[] => [clientAuthority, proxyAuthority].filter((each) => each !== undefined);

const secureContext = (certificates: Certificates): SecureContextOptions => secureContextOptions(certificates.tls ?? {}, certificates.certificate, certificates.key, authoritiesOf(certificates));

/**
 * Express gives every message and answer another prototype, after which V8 treats each of them as one of a kind; that costs as much as
 * the rest of Express. Made of these classes they have that prototype from the start, and giving it again changes nothing.
 */
function messageKinds(app: Express): { readonly IncomingMessage: typeof IncomingMessage; readonly ServerResponse: typeof ServerResponse } {
  class Message extends IncomingMessage {}
  class Answer extends ServerResponse {}
  Object.setPrototypeOf(Message.prototype, app.request);
  Object.setPrototypeOf(Answer.prototype, app.response);
  app.request = Message.prototype as Request;
  app.response = Answer.prototype as Response;
  return { IncomingMessage: Message, ServerResponse: Answer as typeof ServerResponse };
}

/** Connections whose clients chose HTTP/2 go another way; the others the one that Node has laid for them, as if there were no other. */
function divert(server: Server, accept: (socket: TLSSocket) => void): void {
  const ordinary = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol === 'h2') accept(socket);
    else for (const each of ordinary) each.call(server, socket);
  });
}

function listen(server: Server, { address, port, portSharing = false }: HttpConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, reusePort: portSharing }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function closeServer(server: Server, sessions: Http2Sessions | undefined, upgraded: ReadonlySet<Duplex>, grace: number, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  sessions?.close();
  const timer = clock.setTimeout(() => {
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
    sessions?.destroy();
  }, grace);
  // A connection whose answer has been finished is idle from then on, and not closed by itself.
  const done = new AbortController();
  void closed.then(() => done.abort());
  for (; !done.signal.aborted; await clock.sleep(IDLE_CHECK_MS, done.signal)) server.closeIdleConnections();
  timer.cancel();
}

async function answer(pipeline: Pipeline, message: IncomingMessage, response: ServerResponse, trust: ClientTrust | undefined, { compress, ...pace }: Omit<Pace, 'signal'> & { readonly compress: typeof compressed }, logger: Logger): Promise<void> {
  const gone = new AbortController();
  // An answer that was given whole is no reason to abort, which costs as much as answering.
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  try {
    let result: ApiResponse;
    try {
      result = await pipeline.handle(toRequest(message, await readBody(message), trust, gone.signal, () => gone.abort()));
    } catch (error) {
      result = respondError(error instanceof ApiError ? error : internalError(String(error)));
    }
    await writeResponse(response, compress(result, message.headers['accept-encoding']), message.method === 'HEAD', { ...pace, signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) logger.error('an answer broke off', { url: message.url, error });
    response.destroy();
  }
}

async function upgrade(pipeline: Pipeline, message: IncomingMessage, socket: Duplex, head: Buffer, trust: ClientTrust | undefined, logger: Logger): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  socket.on('error', (error) => logger.debug('an upgraded connection failed', { url: message.url, error: error.message }));
  const refused = await pipeline.upgrade(toRequest(message, EMPTY, trust, gone.signal), { message, socket, head });
  if (refused) socket.end(rawAnswer(refused));
}

/** An answer as HTTP/1.1 text, for a socket that no `ServerResponse` owns. */
function rawAnswer({ status, headers, body }: ApiResponse): Buffer {
  const content = Buffer.isBuffer(body) ? body : EMPTY;
  const lines = Object.entries({ ...headers, 'content-length': String(content.length), connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n`), content]);
}

/** The plain request that the pipeline takes. */
function toRequest(message: IncomingMessage, body: Buffer, trust: ClientTrust | undefined, signal: AbortSignal, abort?: () => void): ApiRequest {
  const { path, query } = splitTarget(message.url);
  return {
    method: message.method ?? 'GET',
    path,
    query: parametersOf(query),
    rawQuery: query,
    // Only `set-cookie` is ever a list, and no client sends it.
    headers: message.headers as Record<string, string | undefined>,
    rawHeaders: message.rawHeaders,
    body,
    remoteAddress: message.socket.remoteAddress ?? '',
    ...clientCertificateOf(message.socket as TLSSocket, trust),
    signal,
    ...(abort ? { abort } : {}),
  };
}

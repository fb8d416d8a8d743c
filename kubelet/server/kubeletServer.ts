import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { V1Pod } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { Metrics } from '../../process/metrics.ts';
import { codeOf, messageOf } from '../errorText.ts';
import type { ContainerRuntime } from '../runtime/types.ts';
import { type Access, RefusedError } from './access.ts';
import type { PodDirectory } from './containers.ts';
import { answerLogs } from './logRoute.ts';
import { cadvisorMetrics, collectStats, statsSummary } from './stats.ts';
import { Upgrades } from './upgrades.ts';

export interface KubeletServerOptions {
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM bundle of the authorities of client certificates. */
  readonly clientAuthority: string;
  readonly nodeName: string;
  readonly access: Pick<Access, 'check'>;
  readonly pods: PodDirectory;
  readonly runtime: ContainerRuntime;
  /** What `/configz` shows. */
  readonly configuration: unknown;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface KubeletServer {
  readonly port: number;
  /** For connections from now on. PEM; `authority` is that of the clients. */
  useCertificate(pair: { readonly certificate: string; readonly key: string; readonly authority: string }): void;
  /** Closes the port and breaks what is open. */
  close(): Promise<void>;
}

const JSON_TYPE = 'application/json';
const TEXT = 'text/plain; charset=utf-8';

/** The kubelet's HTTPS API: nothing is answered to whom the cluster does not allow it. */
export async function serveKubelet(options: KubeletServerOptions): Promise<KubeletServer> {
  const { logger } = options;
  const routes = new Routes(options);
  const upgrades = new Upgrades(options);
  const open = new Set<Duplex>();
  const server = createServer({ cert: options.certificate, key: options.key, ca: options.clientAuthority, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  server.requestTimeout = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    routes.answer(request, response).catch((error: unknown) => refuse(response, error, logger));
  });
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', (error) => logger.debug('a streaming connection failed', { error: error.message }));
    const { path, parts, query } = split(message);
    options.access
      .check(message, path)
      .then(() => upgrades.serve({ message, socket, head, path: parts, query }))
      .catch((error: unknown) => refuseUpgrade(socket, error, logger));
  });
  server.on('tlsClientError', (error) => logger.debug('a TLS handshake failed', { error: error.message }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    useCertificate: ({ certificate, key, authority }) => server.setSecureContext({ cert: certificate, key, ca: authority }),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function split(message: IncomingMessage): { readonly path: string; readonly parts: readonly string[]; readonly query: URLSearchParams } {
  const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s);
  return { path, parts: path.split('/').slice(1).map(unescapePart), query: new URLSearchParams(query) };
}

function unescapePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) throw new RefusedError(400, `invalid path: ${part}`);
    throw error;
  }
}

function refuse(response: ServerResponse, error: unknown, logger: Logger): void {
  if (response.headersSent) {
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') logger.warn('an answer broke off', { error: messageOf(error) });
    return void response.destroy();
  }
  if (!(error instanceof RefusedError)) logger.error('a request failed', { error });
  response.writeHead(error instanceof RefusedError ? error.status : 500, { 'content-type': TEXT }).end(messageOf(error));
}

function refuseUpgrade(socket: Duplex, error: unknown, logger: Logger): void {
  // Where the protocol was changed already, nothing can be said in the old one.
  if (!(error instanceof RefusedError)) {
    logger.warn('a streaming connection failed', { error: messageOf(error) });
    return void socket.destroy();
  }
  const body = error.message;
  socket.end(`HTTP/1.1 ${error.status} Refused\r\nContent-Type: ${TEXT}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

/** What is answered by ordinary requests. */
class Routes {
  readonly #options: KubeletServerOptions;
  readonly #metrics = new Metrics();

  constructor(options: KubeletServerOptions) {
    this.#options = options;
    const running = this.#metrics.gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox');
    this.#metrics.beforeScrape(() => running.set(options.pods.pods().filter(({ status }) => status?.phase === 'Running').length));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, parts, query } = split(request);
    await this.#options.access.check(request, path);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { pods, runtime, nodeName, clock, configuration } = this.#options;
    const json = (body: unknown): void => void response.writeHead(200, { 'content-type': JSON_TYPE }).end(JSON.stringify(body));
    const text = (body: string, type = TEXT): void => void response.writeHead(200, { 'content-type': type }).end(body);
    switch (parts[0]) {
      case 'healthz':
        return text('ok');
      case 'pods':
        return json(podList(pods.pods()));
      case 'runningpods':
        return json(podList(pods.pods().filter(({ status }) => status?.phase === 'Running')));
      case 'configz':
        return json({ kubeletconfig: configuration });
      case 'containerLogs':
        return answerLogs(this.#options, parts.slice(1), query, response, gone.signal);
      case 'stats':
        if (parts[1] === 'summary') return json(statsSummary(nodeName, await collectStats(pods, runtime), clock.now()));
        break;
      case 'metrics':
        if (parts[1] === undefined) return text(await this.#metrics.text(), this.#metrics.contentType);
        if (parts[1] === 'cadvisor') return text(cadvisorMetrics(await collectStats(pods, runtime)), this.#metrics.contentType);
        break;
      case 'exec':
      case 'attach':
      case 'portForward':
        throw new RefusedError(400, 'Upgrade request required');
    }
    throw new RefusedError(404, '404 page not found');
  }
}

function podList(items: readonly V1Pod[]): unknown {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}

import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/** One thing that must hold; resolves, or rejects (or throws) with what is wrong. */
export type HealthCheck = () => void | Promise<void>;

export interface HealthServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly address?: string;
  /** PEM; HTTPS when given. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly metrics?: Metrics;
  /** Must hold for the process to go on: `/livez` and `/healthz`. By name, e.g. `leaderElection`. */
  readonly live?: Readonly<Record<string, HealthCheck>>;
  /** Must hold, besides, for it to be of use: `/readyz`. */
  readonly ready?: Readonly<Record<string, HealthCheck>>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/healthz`, `/livez`, `/readyz` (`?verbose`, `?exclude=name`, `/readyz/<name>`) and `/metrics` of one component, in the
 * texts that Kubernetes' components answer. Rejects when the port cannot be had.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const handle = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    answer(options, new URL(request.url ?? '/', 'http://localhost')).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body),
      (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`${messageOf(error)}\n`),
    );
  };
  const server = options.tls ? https.createServer({ cert: options.tls.certificate, key: options.tls.key }, handle) : http.createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address ?? '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';

async function answer(options: HealthServerOptions, url: URL): Promise<Answer> {
  if (url.pathname === '/metrics' && options.metrics) return { status: 200, type: options.metrics.contentType, body: await options.metrics.text() };
  const [, endpoint = '', only] = url.pathname.split('/');
  const checks = checksOf(options, endpoint);
  if (!checks || (only !== undefined && !(only in checks))) return { status: 404, type: TEXT, body: '404 page not found\n' };
  const excluded = new Set(url.searchParams.getAll('exclude'));
  const chosen = Object.entries(checks).filter(([name]) => (only === undefined || only === name) && !excluded.has(name));
  return report(endpoint, chosen, url.searchParams.has('verbose'));
}

function checksOf({ live = {}, ready = {} }: HealthServerOptions, endpoint: string): Readonly<Record<string, HealthCheck>> | undefined {
  const ping = (): void => undefined;
  if (endpoint === 'healthz' || endpoint === 'livez') return { ping, ...live };
  return endpoint === 'readyz' ? { ping, ...live, ...ready } : undefined;
}

async function report(endpoint: string, checks: ReadonlyArray<readonly [string, HealthCheck]>, verbose: boolean): Promise<Answer> {
  let failed = false;
  const lines: string[] = [];
  for (const [name, check] of checks) {
    try {
      await check();
      lines.push(`[+]${name} ok\n`);
    } catch (error) {
      failed = true;
      lines.push(`[-]${name} failed: ${messageOf(error)}\n`);
    }
  }
  if (failed) return { status: 500, type: TEXT, body: `${lines.join('')}${endpoint} check failed\n` };
  return { status: 200, type: TEXT, body: verbose ? `${lines.join('')}${endpoint} check passed\n` : 'ok' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

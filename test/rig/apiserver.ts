import https from 'node:https';
import { builtinDefinitions } from '../../api/kinds/index.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { createSecurity } from '../../apiserver/security.ts';
import { serveApi } from '../../apiserver/serve.ts';
import type { ServeConfig, ServerParts, Serving } from '../../apiserver/serve.ts';
import type { StorageConfig } from '../../apiserver/storage/openStorage.ts';
import { openStorage } from '../../apiserver/storage/openStorage.ts';
import { versionInfo } from '../../apiserver/version.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { PATIENT, startEtcd } from './etcd.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
  /** The body as JSON; tests look into it as they like. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

export interface TestApi {
  readonly serving: Serving;
  readonly etcd: Awaited<ReturnType<typeof startEtcd>>;
  readonly agent: https.Agent;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The lines of a watch as they come, until it ends; `stop` ends it. */
  watch(path: string): WatchReader;
  close(): Promise<void>;
}

export interface WatchReader {
  /** The next event; rejects after a minute without one. */
  // oxlint-disable-next-line typescript/no-explicit-any
  next(): Promise<any>;
  readonly ended: Promise<void>;
  stop(): void;
}

/**
 * The handlers over a real etcd, by HTTPS with the certificate of a cluster's administrator, and without admission plugins: what they
 * do by themselves. The whole server is `apiserver/main.ts`.
 */
export async function startHandlers(overrides: Partial<ServerParts> = {}, storage: Partial<StorageConfig> = {}, more: Partial<ServeConfig> = {}): Promise<TestApi> {
  const etcd = await startEtcd();
  const stop = new AbortController();
  const context = { clock: systemClock, logger: silentLogger, signal: stop.signal };
  const opened = await openStorage({ endpoints: etcd.endpoints, ...PATIENT, ...storage }, context);
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['localhost', '127.0.0.1'] }, Date.now());
  const client = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const security = createSecurity({}, opened.cache, '127.0.0.1:6443', context, stop.signal);
  const parts: ServerParts = {
    opened,
    schema: loadSchema(),
    definitions: builtinDefinitions,
    authenticator: security.authenticator,
    authorizer: security.authorizer,
    admission: [],
    companions: [],
    virtual: [],
    connectHandlers: [],
    pathHandlers: () => [],
    readyChecks: [],
    version: versionInfo(''),
    ...overrides,
  };
  const config = {
    address: '127.0.0.1',
    port: 0,
    certificate: server.certificate,
    key: server.key,
    clientAuthority: authority.certificate,
    advertised: '127.0.0.1:6443',
    maxRequestsInFlight: 400,
    maxMutatingRequestsInFlight: 200,
    eventTtlSeconds: 3600,
    shutdownMilliseconds: 2_000,
    ...more,
  };
  const serving = await serveApi(parts, config, context);
  const agent = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key, maxSockets: 32 });
  return {
    serving,
    etcd,
    agent,
    request: (method, path, body, headers) => send(agent, serving.port, method, path, body, headers),
    watch: (path) => readWatch(agent, serving.port, path),
    close: async () => {
      agent.destroy();
      await serving.stop();
      stop.abort();
      await opened.close();
      await etcd.close();
    },
  };
}

/** One request; an object is sent as JSON, a string and a buffer as they are. */
export function send(agent: https.Agent, port: number, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
    const type = bytes === undefined || headers['content-type'] ? {} : { 'content-type': 'application/json' };
    const request = https.request({ agent, host: '127.0.0.1', port, method, path, headers: { ...type, ...headers, ...(bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) }) } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const received = Buffer.concat(pieces);
        const text = received.toString();
        const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, bytes: received, json: isJson && text !== '' && !path.includes('watch=') ? jsonOf(text) : undefined });
      });
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

/** Undefined where it is none, as an extension server may answer; tests of what the server says itself see that. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError || (error as Error).name === 'SyntaxError') return undefined;
    throw error;
  }
}

/** The lines of a watch as they come. */
export function readWatch(agent: https.Agent, port: number, path: string): WatchReader {
  const events: unknown[] = [];
  const waiting: ((event: unknown) => void)[] = [];
  let rest = '';
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const request = https.get({ agent, host: '127.0.0.1', port, path }, (response) => {
    // What comes in one piece may end within a character.
    response.setEncoding('utf8');
    response.on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event: unknown = JSON.parse(line);
        const taker = waiting.shift();
        if (taker) taker(event);
        else events.push(event);
      }
    });
    response.on('close', finish);
    response.on('error', finish);
  });
  request.on('error', finish);
  return {
    ended,
    stop: () => void request.destroy(),
    next: () => {
      if (events.length > 0) return Promise.resolve(events.shift());
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no event within 60 s')), 60_000);
        waiting.push((event) => {
          clearTimeout(timer);
          resolve(event);
        });
      });
    },
  };
}

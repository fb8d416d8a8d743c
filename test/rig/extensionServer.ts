import https from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';

/** A request as it reached the extension server. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Common name of the front proxy's certificate; '' where none that was verified was shown. */
  readonly proxy: string;
}

export interface ExtensionServer {
  readonly port: number;
  /** PEM of the authority of its certificate, and of that which it asks of front proxies. */
  readonly authority: string;
  readonly seen: readonly SeenRequest[];
  /** With whose certificate an API server is let in. */
  readonly proxyClient: { readonly certificate: string; readonly key: string };
  readonly frontAuthority: string;
  /** From now on everything is answered so, or (`below`) what is asked for under a path. */
  answerWith(status: number | undefined, below?: string): void;
  close(): Promise<void>;
}

export const EXTENSION_GROUP = 'wardle.example.com';
const GROUP_VERSION = `${EXTENSION_GROUP}/v1alpha1`;
const RESOURCES = [
  { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['create', 'get', 'list', 'watch'], shortNames: ['fl'] },
  { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
];
const METRICS = [
  { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
  { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
];
const FLUNDER = {
  description: 'Flunder is served elsewhere.', type: 'object',
  properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, spec: { description: 'Spec says how.', type: 'object', properties: { reference: { description: 'Reference names another.', type: 'string' } } } },
  'x-kubernetes-group-version-kind': [{ group: EXTENSION_GROUP, kind: 'Flunder', version: 'v1alpha1' }],
};

const LISTING = { get: { operationId: 'listFlunders', responses: { '200': { description: 'OK', schema: { $ref: '#/definitions/com.example.wardle.v1alpha1.Flunder' } } } } };

/**
 * An extension API server on loopback, as sample-apiserver and metrics-server are: of `wardle.example.com/v1alpha1` (flunders) and `metrics.k8s.io/v1beta1`. It
 * believes only front proxies that show a certificate of its authority, bears the name of a Service, and knows discovery's older form alone.
 */
export async function startExtensionServer(service: string, namespace: string): Promise<ExtensionServer> {
  const authority = await createAuthority('extension-ca', Date.now());
  const front = await createAuthority('front-proxy-ca', Date.now());
  const own = await issueCertificate(authority, { commonName: service, usages: ['server'], names: [`${service}.${namespace}.svc`] }, Date.now());
  const proxyClient = await issueCertificate(front, { commonName: 'front-proxy-client', usages: ['client'] }, Date.now());
  const seen: SeenRequest[] = [];
  const watchers = new Set<ServerResponse>();
  const flunders: object[] = [];
  let forced: { readonly status: number; readonly below: string } | undefined;
  const server = https.createServer({ cert: own.certificate, key: own.key, ca: front.certificate, requestCert: true, rejectUnauthorized: false }, (message, response) => {
    const proxy = note(seen, message);
    // Where to, in case that it is a redirection.
    if (forced && message.url?.startsWith(forced.below)) {
      response.setHeader('location', 'https://elsewhere.example.com/');
      return answer(response, forced.status, { kind: 'Status', code: forced.status });
    }
    if (proxy === '') return answer(response, 401, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'Unauthorized', code: 401 });
    const { pathname, searchParams } = new URL(message.url ?? '/', 'https://x');
    const document = DOCUMENTS[pathname];
    if (document) return answer(response, 200, document);
    if (!pathname.endsWith('/flunders')) return answer(response, 404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: `no ${pathname}`, reason: 'NotFound', code: 404 });
    if (message.method === 'POST') {
      void readJson(message).then((object) => {
        flunders.push(object);
        for (const each of watchers) each.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
        answer(response, 201, object);
      });
      return;
    }
    if (searchParams.get('watch') === null) return answer(response, 200, { kind: 'FlunderList', apiVersion: GROUP_VERSION, metadata: { resourceVersion: '1' }, items: flunders });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    watchers.add(response);
    response.once('close', () => watchers.delete(response));
  });
  // Says back what it is told, in a protocol of its own.
  server.on('upgrade', (message: IncomingMessage, socket: Duplex) => {
    note(seen, message);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n');
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  // Connections last until somebody closes them, however long a busy machine lets them idle.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    authority: authority.certificate,
    frontAuthority: front.certificate,
    proxyClient,
    seen,
    answerWith: (status, below = '/') => {
      forced = status === undefined ? undefined : { status, below };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const metricsOf = (kind: string, metadata: object, usage: object): object => ({ kind, apiVersion: 'metrics.k8s.io/v1beta1', metadata, timestamp: '2026-01-01T00:00:00Z', window: '10s', ...usage });

/** What is answered at fixed paths. */
const DOCUMENTS: Readonly<Record<string, object>> = {
  [`/apis/${GROUP_VERSION}`]: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: GROUP_VERSION, resources: RESOURCES },
  '/apis/metrics.k8s.io/v1beta1': { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'metrics.k8s.io/v1beta1', resources: METRICS },
  '/apis/metrics.k8s.io/v1beta1/nodes': { kind: 'NodeMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items: [metricsOf('NodeMetrics', { name: 'n1' }, { usage: { cpu: '250m', memory: '1Gi' } })] },
  '/openapi/v2': { swagger: '2.0', info: { title: 'wardle', version: '0' }, paths: { [`/apis/${GROUP_VERSION}/namespaces/{namespace}/flunders`]: LISTING, '/apis/else/v1/x': {} }, definitions: { 'com.example.wardle.v1alpha1.Flunder': FLUNDER } },
  '/openapi/v3': { paths: { [`apis/${GROUP_VERSION}`]: { serverRelativeURL: `/openapi/v3/apis/${GROUP_VERSION}?hash=F1` } } },
  [`/openapi/v3/apis/${GROUP_VERSION}`]: {
    openapi: '3.0.0', info: { title: 'wardle', version: '0' },
    paths: { [`/apis/${GROUP_VERSION}/namespaces/{namespace}/flunders`]: { get: { 'x-kubernetes-action': 'list', 'x-kubernetes-group-version-kind': { group: EXTENSION_GROUP, kind: 'Flunder', version: 'v1alpha1' }, responses: {} } } },
    components: { schemas: { 'com.example.wardle.v1alpha1.Flunder': FLUNDER } },
  },
};

function note(seen: SeenRequest[], message: IncomingMessage): string {
  const socket = message.socket as TLSSocket;
  const subject = socket.authorized ? (socket.getPeerCertificate().subject as { CN?: string } | undefined) : undefined;
  const proxy = subject?.CN ?? '';
  seen.push({ method: message.method ?? '', url: message.url ?? '', headers: message.headersDistinct, proxy });
  return proxy;
}

function answer(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

async function readJson(message: IncomingMessage): Promise<object> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString()) as object;
}

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, serviceUnavailable, tooManyRequests } from '../api/apiError.ts';
import type { V1ConfigMap } from '../api/generated/types.ts';
import type { Draft } from '../api/meta.ts';
import { systemClock } from '../process/clock.ts';
import { ConnectionError } from './connectionError.ts';
import { ConfigMaps, Nodes, Pods } from './resources.ts';
import { RestClient } from './restClient.ts';

const servers: http.Server[] = [];
const clients: RestClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handler: (request: http.IncomingMessage, response: http.ServerResponse, body: string) => void): Promise<string> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks).toString()));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(...addresses: string[]): RestClient {
  const client = new RestClient({ servers: addresses, token: 'secret' }, { component: 'test', clock: systemClock });
  clients.push(client);
  return client;
}

/** An address at which nobody listens; a port that was given back might be another one's by now. */
const DEAD = 'http://127.0.0.1:1';

const draft: Draft<V1ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, data: { x: 'ü' } };

test('each verb becomes the request that Kubernetes documents', async () => {
  const seen: string[] = [];
  const address = await serve((request, response, body) => {
    seen.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? '-'} ${body}`);
    expect(request.headers.authorization).toBe('Bearer secret');
    expect(request.headers['user-agent']).toMatch(/^gantry-test\//);
    response.setHeader('content-type', 'application/json').end(request.method === 'GET' && request.url?.includes('?') ? '{"kind":"ConfigMapList","metadata":{},"items":[{"metadata":{"name":"a"}}]}' : '{"metadata":{"name":"a"}}');
  });
  const client = connect(address);
  await client.get(Nodes, 'n1');
  const list = await client.list(ConfigMaps, { namespace: 'default', labelSelector: 'a in (b,c)', limit: 2 });
  expect(list.items[0]).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
  await client.create(ConfigMaps, draft);
  await client.patch(Pods, 'p', 'default', 'application/merge-patch+json', { a: 1 }, 'status');
  await client.delete(ConfigMaps, 'a', 'default', { propagationPolicy: 'Background' });
  await client.createSubresource(Pods, 'p', 'default', 'binding', { target: {} });
  expect(seen).toEqual([
    'GET /api/v1/nodes/n1 - ',
    'GET /api/v1/namespaces/default/configmaps?labelSelector=a%20in%20(b%2Cc)&limit=2 - ',
    'POST /api/v1/namespaces/default/configmaps application/json {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default"},"data":{"x":"ü"}}',
    'PATCH /api/v1/namespaces/default/pods/p/status application/merge-patch+json {"a":1}',
    'DELETE /api/v1/namespaces/default/configmaps/a application/json {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"}',
    'POST /api/v1/namespaces/default/pods/p/binding application/json {"target":{}}',
  ]);
});

test('a refusal is an ApiError with the server\'s Status, or one made of what came instead', async () => {
  let body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404, reason: 'NotFound', message: 'pods "p" not found', metadata: {} });
  const address = await serve((_, response) => response.writeHead(404).end(body));
  const client = connect(address);
  await expect(client.get(Pods, 'p', 'default')).rejects.toMatchObject({ code: 404, reason: 'NotFound', message: 'pods "p" not found' });
  body = 'no such page';
  const error = await client.get(Pods, 'p', 'default').catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 404, reason: 'NotFound', message: 'no such page' });
  expect(await client.raw({ method: 'GET', path: '/x' })).toMatchObject({ status: 404, body: Buffer.from('no such page') });
});

test('a lost connection: reads are sent again, writes never twice', async () => {
  let count = 0;
  const address = await serve((request, response) => {
    count += 1;
    if (count === 1) request.socket.destroy();
    else response.end('{"metadata":{"name":"a"}}');
  });
  const client = connect(address);
  await client.get(Nodes, 'a');
  expect(count).toBe(2);
  count = 0;
  await expect(client.create(ConfigMaps, draft)).rejects.toBeInstanceOf(ConnectionError);
  expect(count).toBe(1);
});

test('of several servers the next is tried, for a write too when it was never sent', async () => {
  let count = 0;
  const alive = await serve((_, response) => {
    count += 1;
    response.end('{"metadata":{"name":"a"}}');
  });
  await connect(DEAD, alive).create(ConfigMaps, draft);
  await connect(DEAD, alive).get(Nodes, 'a');
  expect(count).toBe(2);
  await expect(connect(DEAD).create(ConfigMaps, draft)).rejects.toMatchObject({ neverSent: true, code: 'ECONNREFUSED' });
});

test('429 is retried after the time that it says; 503 for reads only', async () => {
  let answers: ApiError[] = [tooManyRequests('slow down', 0), tooManyRequests('slow down', 0)];
  let count = 0;
  const address = await serve((_, response) => {
    count += 1;
    const error = answers.shift();
    if (error) response.writeHead(error.code, { 'retry-after': '0' }).end(JSON.stringify(error.status));
    else response.end('{"metadata":{"name":"a"}}');
  });
  const client = connect(address);
  await client.create(ConfigMaps, draft);
  expect(count).toBe(3);
  answers = [serviceUnavailable('etcd is away', 0)];
  await client.get(Nodes, 'a');
  answers = [serviceUnavailable('etcd is away', 0)];
  await expect(client.create(ConfigMaps, draft)).rejects.toMatchObject({ code: 503 });
});

test('a watch gives events as they come, whole whatever way they were cut, and ends with the signal', async () => {
  const event = (name: string): string => `${JSON.stringify({ type: 'ADDED', object: { metadata: { name, resourceVersion: '1' } } })}\n`;
  const address = await serve((request, response) => {
    expect(request.url).toBe('/api/v1/configmaps?watch=true&resourceVersion=5&allowWatchBookmarks=true');
    const bytes = Buffer.from(event('a') + event('ümlaut') + event('c'));
    response.write(bytes.subarray(0, 20));
    const cut = bytes.indexOf('ü') + 1;
    setTimeout(() => response.write(bytes.subarray(20, cut)), 5);
    setTimeout(() => response.write(bytes.subarray(cut)), 10);
  });
  const stop = new AbortController();
  const names: string[] = [];
  for await (const { object } of connect(address).watch(ConfigMaps, { resourceVersion: '5', allowWatchBookmarks: true, signal: stop.signal })) {
    names.push((object as V1ConfigMap).metadata.name);
    if (names.length === 3) stop.abort();
  }
  expect(names).toEqual(['a', 'ümlaut', 'c']);
});

test('a watch whose connection breaks throws a ConnectionError, one that the server ends just ends', async () => {
  let cut = true;
  const address = await serve((request, response) => {
    response.write('{"type":"BOOKMARK","object":{"metadata":{}}}\n', () => (cut ? request.socket.destroy() : response.end()));
  });
  const read = async (): Promise<number> => {
    let events = 0;
    for await (const _ of connect(address).watch(ConfigMaps)) events += 1;
    return events;
  };
  await expect(read()).rejects.toBeInstanceOf(ConnectionError);
  cut = false;
  expect(await read()).toBe(1);
});

import { createServer } from 'node:http';
import { constants } from 'node:http2';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { forward } from '../../apiserver/streaming/backend.ts';
import type { ConnectCall, ConnectHandler, PathHandler } from '../../apiserver/types.ts';
import { serveHttps } from '../../apiserver/http/httpServer.ts';
import type { HttpConfig, HttpServer } from '../../apiserver/http/httpServer.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { type Clock, systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { startHandlers } from '../rig/apiserver.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { Http2Client } from '../rig/http2Client.ts';
import { block, frame, framesOf, PREFACE } from '../rig/http2Frames.ts';
import type { Identity } from '../rig/http2Client.ts';
import { eventually } from '../rig/processes.ts';

/** The second protocol of the port: requests and watches that share a connection, and what a connection may not do. */
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const EXEC = '/api/v1/namespaces/default/pods/p/exec';
const STREAMS = 20;
/** Names of requests of /slow that have begun, and of those that were aborted. */
const begun: string[] = [];
const aborted: string[] = [];

const seen: PathHandler = {
  path: '/seen',
  handle: async ({ request, user }: ConnectCall) => ({ status: 200, headers: { connection: 'close', 'keep-alive': 'timeout=5', 'retry-after': '1' }, body: Buffer.from(JSON.stringify({ host: request.headers['host'], from: request.remoteAddress, user: user.name, query: request.query.get('q'), size: request.body.length })) }),
};
const slow: PathHandler = {
  path: '/slow',
  handle: async ({ request }: ConnectCall) => {
    begun.push(request.query.get('name') ?? '');
    await new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve(), { once: true }));
    aborted.push(request.query.get('name') ?? '');
    return { status: 200, headers: {}, body: Buffer.alloc(0) };
  },
};
/** Another server, that requests are handed on to. */
const behind = createServer((message, response) => {
  response.writeHead(201, { connection: 'keep-alive', 'set-cookie': ['a=b', 'c=d'] });
  response.write(`${message.method} ${message.url} for ${String(message.headers['x-forwarded-for'])}: `);
  message.pipe(response);
});
const handedOn: PathHandler = {
  path: '/handed-on',
  handle: ({ request }: ConnectCall) => forward({ host: '127.0.0.1', port: (behind.address() as AddressInfo).port, tls: false, path: '/there' }, request),
};
/** As exec: bytes both ways on a connection of its own. */
const exec: ConnectHandler = {
  group: '',
  resource: 'pods',
  subresource: 'exec',
  connect: async () => ({ status: 400, headers: {}, body: Buffer.from('you must specify a protocol') }),
  upgrade: async (_call, { socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n');
    socket.pipe(socket);
  },
};

let api: TestApi;
let admin: Identity;
let client: Http2Client;
const others: Http2Client[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  // What is under way at its end would be waited for until the test has failed.
  api = await startHandlers({ pathHandlers: () => [seen, slow, handedOn], connectHandlers: [exec] }, {}, { http2: { maxStreamsPerConnection: STREAMS }, shutdownMilliseconds: 3_600_000 });
  const { ca, cert, key } = api.agent.options as Required<Identity>;
  admin = { ca, cert, key };
});
beforeEach(() => {
  client = another();
});
afterEach(() => {
  for (const each of others.splice(0)) each.close();
});
afterAll(async () => {
  behind.close();
  await api.close();
});

function another(identity: Identity = admin, options: ConstructorParameters<typeof Http2Client>[2] = {}): Http2Client {
  const created = new Http2Client(api.serving.port, identity, options);
  others.push(created);
  return created;
}

async function dial(protocols: string[] | undefined): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: api.serving.port, ...admin, ...(protocols ? { ALPNProtocols: protocols } : {}) });
  socket.on('error', () => undefined);
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

const isWell = async (): Promise<void> => expect((await another().request('GET', '/version')).status).toBe(200);
const create = (name: string, data: object = {}): Promise<{ status: number }> => api.request('POST', CONFIG_MAPS, { metadata: { name }, data });

test.each<[string[] | undefined, string | false]>([
  [['h2', 'http/1.1'], 'h2'],
  [['http/1.1', 'h2'], 'h2'],
  [['http/1.1'], 'http/1.1'],
  [undefined, false],
])('a client that offers %j gets %j', async (offered, chosen) => {
  const socket = await dial(offered);
  expect(socket.alpnProtocol).toBe(chosen);
  socket.destroy();
});

test('objects are written and read, and answers are those of HTTP/1.1', async () => {
  const made = await client.request('POST', CONFIG_MAPS, { metadata: { name: 'one' }, data: { a: 'b' } });
  expect(made.status).toBe(201);
  const got = await client.request('GET', `${CONFIG_MAPS}/one`);
  const plain = await api.request('GET', `${CONFIG_MAPS}/one`);
  expect(got.body.toString()).toBe(plain.text);
  expect(got.headers['content-length']).toBe(String(got.body.length));
  const head = await client.request('HEAD', '/readyz/ping');
  expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, '2']);
  // Resources have no such route.
  expect((await client.request('HEAD', `${CONFIG_MAPS}/one`)).status).toBe(405);
  const patched = await client.request('PATCH', `${CONFIG_MAPS}/one`, { data: { c: 'd' } }, { 'content-type': 'application/merge-patch+json' });
  expect(JSON.parse(patched.body.toString()).data).toEqual({ a: 'b', c: 'd' });
  expect((await client.request('GET', '/nowhere')).status).toBe(404);
  expect((await client.request('DELETE', `${CONFIG_MAPS}/one`)).status).toBe(200);
});

test('large answers flow, and are compressed for who takes that', async () => {
  await create('large', { x: 'x'.repeat(900_000) });
  const plain = await client.request('GET', `${CONFIG_MAPS}/large`);
  expect([plain.status, JSON.parse(plain.body.toString()).data.x.length, plain.headers['content-length']]).toEqual([200, 900_000, String(plain.body.length)]);
  const packed = await client.request('GET', CONFIG_MAPS, undefined, { 'accept-encoding': 'gzip' });
  expect([packed.headers['content-encoding'], packed.body.length < 20_000, gunzipSync(packed.body).length > 900_000]).toEqual(['gzip', true, true]);
  await client.request('DELETE', `${CONFIG_MAPS}/large`);
});

test('the authority is the Host, the address is the socket\'s, and headers of HTTP/1.1 connections are left out', async () => {
  const { status, headers, body } = await client.request('GET', '/seen?q=a%20b', undefined, { ':authority': 'kubernetes.default.svc' });
  expect([status, JSON.parse(body.toString())]).toEqual([200, { host: 'kubernetes.default.svc', from: '127.0.0.1', user: 'admin', query: 'a b', size: 0 }]);
  expect([headers['connection'], headers['keep-alive'], headers['retry-after']]).toEqual([undefined, undefined, '1']);
});

test('what is handed on to another server has its answer as it flows', async () => {
  const { status, headers, body } = await client.request('PUT', '/handed-on', Buffer.from('the body'), { te: 'trailers' });
  expect([status, body.toString(), headers['connection'], headers['transfer-encoding']]).toEqual([201, 'PUT /there for 127.0.0.1: the body', undefined, undefined]);
});

test('a certificate counts for all of a connection; who shows nothing, or a bad token, has it for one answer', async () => {
  const users = await Promise.all(Array.from({ length: 10 }, async () => JSON.parse((await client.request('GET', '/seen')).body.toString()).user));
  expect(new Set(users)).toEqual(new Set(['admin']));
  for (const [headers, status] of [[{}, 403], [{ authorization: 'Bearer x' }, 401]] as const) {
    const stranger = another({ ca: admin.ca });
    expect((await stranger.request('GET', `${CONFIG_MAPS}/one`, undefined, headers)).status).toBe(status);
    await stranger.closed;
  }
  expect(client.session.closed).toBe(false);
});

test('watches and requests share a connection', async () => {
  const names = Array.from({ length: STREAMS - 2 }, (_, at) => `shared-${at}`);
  const watches = names.map((name) => client.watch(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3D${name}`));
  const first = watches.map((watch) => watch.next());
  for (const name of names) expect((await client.request('POST', CONFIG_MAPS, { metadata: { name } })).status).toBe(201);
  expect((await Promise.all(first)).map(({ value }) => `${value?.type} ${value?.object.metadata.name}`)).toEqual(names.map((name) => `ADDED ${name}`));
  await client.request('DELETE', `${CONFIG_MAPS}/${names[3]}`);
  expect((await watches[3]!.next()).value?.type).toBe('DELETED');
  for (const watch of watches) await watch.return(undefined);
});

test('a request that is reset is aborted, and nothing beside it', async () => {
  const streams = ['a', 'b', 'c'].map((name) => client.stream('GET', `/slow?name=${name}`));
  await eventually('all have begun', 30_000, () => (begun.length === 3 ? true : undefined));
  streams[1]!.close(constants.NGHTTP2_CANCEL);
  await eventually('the request is aborted', 30_000, () => (aborted.length > 0 ? true : undefined));
  await client.request('GET', '/version');
  expect([aborted, client.session.closed]).toEqual([['b'], false]);
});

test('an answer ends its stream, and nothing is reset', async () => {
  await create('ends', { x: 'x'.repeat(300_000) });
  for (const path of ['/version', `${CONFIG_MAPS}/ends`, '/nowhere']) {
    const socket = await dial(['h2']);
    let received = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => (received = Buffer.concat([received, piece])));
    // A window of a megabyte for the stream, and one for the connection.
    const [settings, window] = [Buffer.from([0, 4, 0, 16, 0, 0]), Buffer.from([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 16, 0, 0])];
    socket.write(Buffer.concat([PREFACE, frame(4, 0, settings), window, frame(1, 5, block({ ':method': 'GET', ':path': path }))]));
    const frames = await eventually('the answer has come', 30_000, () => {
      const found = framesOf(received);
      return found.some(({ type, flags }) => type === 0 && (flags & 1) === 1) ? found : undefined;
    });
    // What it says after that would come before the answer to a ping.
    socket.write(frame(6, 0, Buffer.alloc(8)));
    await eventually('the ping is answered', 30_000, () => framesOf(received).find(({ type, flags }) => type === 6 && flags === 1));
    expect(frames.some(({ type }) => type === 1)).toBe(true);
    expect(framesOf(received).filter(({ type }) => type === 3 || type === 7)).toEqual([]);
    socket.destroy();
  }
});

test.each<[string, Buffer, number]>([
  ['is cancelled', frame(3, 0, Buffer.from([0, 0, 0, 8])), 404],
  ['is reset without an error', frame(3, 0, Buffer.alloc(4)), 404],
  ['ends', frame(0, 1, Buffer.alloc(0)), 200],
])('a body counts once it has ended, and not before: one that %s', async (_, last, status) => {
  const socket = await dial(['h2']);
  let received = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => (received = Buffer.concat([received, piece])));
  /** Everything before it has been read when a ping is answered. */
  const answered = async (times: number): Promise<void> => {
    socket.write(frame(6, 0, Buffer.alloc(8)));
    await eventually('the ping is answered', 30_000, () => (framesOf(received).filter(({ type, flags }) => type === 6 && flags === 1).length === times ? true : undefined));
  };
  socket.write(Buffer.concat([PREFACE, frame(4, 0, Buffer.alloc(0)), frame(1, 4, block({ ':method': 'POST', ':path': CONFIG_MAPS, 'content-type': 'application/yaml' })), frame(0, 0, Buffer.from('metadata: {name: half}\n'))]));
  await answered(1);
  socket.write(last);
  await answered(2);
  expect(socket.destroyed).toBe(false);
  // What is begun with it is done before another one, which is begun later, ...
  if (status === 200) await eventually('it is there', 30_000, async () => ((await client.request('GET', `${CONFIG_MAPS}/half`)).status === 200 ? true : undefined));
  else await create(`after-${last.at(-1)}`);
  // ... or never.
  expect((await client.request('GET', `${CONFIG_MAPS}/half`)).status).toBe(status);
  socket.destroy();
});

test('a body of more than 3 MiB is a 413, whether its length is told or not', async () => {
  const body = Buffer.alloc(4 * 1024 * 1024, 'x');
  for (const headers of [{ 'content-length': String(body.length) }, undefined]) expect((await client.request('POST', CONFIG_MAPS, body, headers)).status).toBe(413);
  const most = Buffer.from(JSON.stringify({ a: 'x'.repeat(3_000_000) }));
  expect(JSON.parse((await client.request('GET', '/seen', most)).body.toString()).size).toBe(most.length);
});

test('long selectors are read; headers that are too many or too large end a request or its connection, and nobody else', async () => {
  const selector = Array.from({ length: 4_000 }, (_, index) => `key-${index}`).join(',');
  expect((await client.request('GET', `${CONFIG_MAPS}?labelSelector=${selector}`)).status).toBe(200);
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`x-${at}`, 'y']));
  const large = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`x-${at}`, 'y'.repeat(40_000)]));
  for (const headers of [many, large, { x: 'y'.repeat(100_000) }]) {
    const greedy = another(admin, { maxSendHeaderBlockLength: 10_000_000 });
    expect((await greedy.request('GET', '/version', undefined, headers)).status).toBe(0);
  }
  await isWell();
});

test('only so many streams are open at a time', async () => {
  const eager = another(admin, { peerMaxConcurrentStreams: 1_000 });
  await eager.request('GET', '/version');
  expect(eager.session.remoteSettings.maxConcurrentStreams).toBe(STREAMS);
});

test('who opens streams only to reset them loses the connection', async () => {
  let opened = 0;
  for (; opened < 4_000 && !client.session.closed && !client.session.destroyed; opened += 1) {
    client.stream('GET', '/slow').close(constants.NGHTTP2_CANCEL);
    if (opened % STREAMS === 0) await new Promise(setImmediate);
  }
  await client.left;
  expect(opened).toBeLessThan(4_000);
  await isWell();
});

test.each<[string, Buffer]>([
  ['no preface', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
  ['noise', Buffer.concat([PREFACE, Buffer.alloc(5_000, 0xa5)])],
  ['a frame that is too long', Buffer.concat([PREFACE, Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]), Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])])],
])('%s ends a connection', async (_, bytes) => {
  const socket = await dial(['h2']);
  socket.resume();
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(socket.destroyed).toBe(true);
  await isWell();
});

test('floods of settings and pings by a client that does not read are cut off', async () => {
  const socket = await dial(['h2']);
  socket.pause();
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
  socket.write(Buffer.concat([PREFACE, settings]));
  const flood = Buffer.concat(Array.from({ length: 2_000 }, () => Buffer.concat([settings, ping])));
  const cut = new AbortController();
  socket.once('error', () => cut.abort());
  for (let round = 0; round < 1_000 && !cut.signal.aborted; round += 1) if (!socket.write(flood)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), sleep(20)]);
  expect(cut.signal.aborted).toBe(true);
  await isWell();
});

/** Another port for the same API, with a certificate of its own. */
async function serveBeside(http2: HttpConfig['http2'], goawayChance = 0, clock: Clock = systemClock): Promise<{ readonly server: HttpServer; readonly identity: Identity }> {
  const authority = await createAuthority('beside', Date.now());
  const { certificate, key } = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const admins = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const config = { address: '127.0.0.1', port: 0, certificate, key, clientAuthority: authority.certificate, goawayChance, clientTimes: { head: 60_000, whole: 60_000, check: 100 }, ...(http2 === undefined ? {} : { http2 }) };
  return { server: await serveHttps(api.serving.pipeline, config, clock, silentLogger), identity: { ca: authority.certificate, cert: admins.certificate, key: admins.key } };
}

test('a connection without requests is closed after a while; with a watch it stays', async () => {
  let ahead = 0;
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead };
  const { server, identity } = await serveBeside({ idleMilliseconds: 3_600_000 }, 0, clock);
  const [busy, idle] = [new Http2Client(server.port, identity), new Http2Client(server.port, identity)];
  const watch = busy.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=0`);
  await watch.next();
  expect((await idle.request('GET', '/version')).status).toBe(200);
  ahead = 3_600_001;
  await idle.closed;
  expect(busy.session.closed).toBe(false);
  busy.close();
  await server.close(1_000);
});

test('clients that are to spread finish what they have begun, and take another connection', async () => {
  const { server, identity } = await serveBeside(undefined, 1);
  const sent = new Http2Client(server.port, identity);
  const watch = sent.watch(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dspread`);
  const next = watch.next();
  await sent.left;
  expect((await create('spread')).status).toBe(201);
  expect((await next).value?.object.metadata.name).toBe('spread');
  await watch.return(undefined);
  await sent.closed;
  await server.close(1_000);
});

test('HTTP/1.1 alone, where that is wanted', async () => {
  const { server, identity } = await serveBeside(false);
  const socket = connect({ host: '127.0.0.1', port: server.port, ...identity, ALPNProtocols: ['h2', 'http/1.1'] });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  expect(socket.alpnProtocol).toBe('http/1.1');
  socket.destroy();
  await server.close(1_000);
});

test('HTTP/1.1 beside it, with upgrades', async () => {
  const watch = client.watch(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dbeside`);
  const next = watch.next();
  const upgraded = https.request({ agent: false, host: '127.0.0.1', port: api.serving.port, ...admin, method: 'POST', path: EXEC, headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' } }).end();
  const echoed = await new Promise<string>((resolve, reject) => {
    upgraded.once('error', reject);
    upgraded.once('upgrade', (_, socket) => {
      socket.once('data', (piece: Buffer) => {
        resolve(piece.toString());
        socket.destroy();
      });
      socket.write('there and back');
    });
  });
  expect(echoed).toBe('there and back');
  expect((await create('beside')).status).toBe(201);
  expect((await next).value?.object.metadata.name).toBe('beside');
  // Streams of HTTP/2 are not upgraded.
  expect((await client.request('POST', EXEC)).status).toBe(400);
});

test('at the end of the server watches end, what was begun is finished, and clients are told to go', async () => {
  const watch = client.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=0`);
  await watch.next();
  const stopped = api.serving.stop();
  for (let ended = false; !ended; ) ended = (await watch.next()).done ?? false;
  await client.left;
  // Nothing waits for the time that what is under way may take.
  await stopped;
  expect((await watch.next()).done).toBe(true);
});

import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';

/** Clients that do not keep to the rules of HTTP, or to any. */
let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
  await api.request('POST', CONFIG_MAPS, { metadata: { name: 'kept' }, data: { x: 'y' } });
});
afterAll(() => api.close());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** A connection with the administrator's certificate, on which a test writes what it likes. */
async function dial(): Promise<TLSSocket> {
  const { ca, cert, key } = api.agent.options;
  const socket = connect({ host: '127.0.0.1', port: api.serving.port, ca, cert, key });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Writes bytes and gives all that comes back until the server closes. */
async function exchange(bytes: string | Buffer): Promise<string> {
  const socket = await dial();
  let text = '';
  socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes);
  await closed;
  return text;
}

const codesOf = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
const ask = (line: string, headers = ''): string => `${line} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`;
const isWell = async (): Promise<void> => expect((await api.request('GET', `${CONFIG_MAPS}/kept`)).status).toBe(200);

test.each<[string, string, number]>([
  ['two slashes', 'GET //api/v1/namespaces/default/configmaps/kept', 404],
  ['dots', 'GET /api/v1/namespaces/../configmaps/kept', 404],
  ['dots as a name', `GET ${CONFIG_MAPS}/..`, 404],
  ['an escaped slash', `GET ${CONFIG_MAPS}/a%2Fb`, 404],
  ['escaped dots', `GET ${CONFIG_MAPS}/%2e%2e%2fsecrets%2fx`, 404],
  ['escapes of no UTF-8', `GET ${CONFIG_MAPS}/%ff%fe`, 400],
  ['a broken escape', `GET ${CONFIG_MAPS}/%zz`, 400],
  ['a zero byte', `GET ${CONFIG_MAPS}/%00`, 404],
  ['an escaped name', `GET ${CONFIG_MAPS}/%6bept`, 200],
  ['an absolute target', `GET https://127.0.0.1${CONFIG_MAPS}/kept`, 200],
  ['an absolute target that is no URL', 'GET https://[::/api', 200],
  ['a query of broken escapes', `GET ${CONFIG_MAPS}/kept?a=%zz&&=&%ff`, 200],
  ['OPTIONS', `OPTIONS ${CONFIG_MAPS}`, 405],
  ['OPTIONS of all', 'OPTIONS *', 404],
  ['TRACE', `TRACE ${CONFIG_MAPS}/kept`, 405],
  ['PUT to a collection', `PUT ${CONFIG_MAPS}`, 405],
  ['a method of WebDAV', `PROPFIND ${CONFIG_MAPS}`, 405],
  ['no method at all', 'MELT /', 400],
  ['an unknown group', 'GET /apis/example.com/v1/things', 404],
  ['a name of Object', 'GET /apis/constructor/__proto__/toString', 404],
  ['an unknown version', 'GET /api/v9/pods', 404],
])('%s', async (_, line, code) => {
  const text = await exchange(ask(line, 'connection: close\r\n'));
  expect(codesOf(text)).toEqual([code]);
  // The parser itself answers what is no request, and nobody's paths are told of in plain text.
  const isPlain = line.includes('*') || line.includes('/apis/') || line.includes(' //');
  expect(text.includes('"kind":"Status"')).toBe(code !== 200 && !line.startsWith('MELT') && !isPlain);
  expect(text.endsWith('404 page not found\n')).toBe(isPlain);
});

test('HEAD is GET without a body', async () => {
  const text = await exchange(ask('HEAD /livez', 'connection: close\r\n'));
  expect([codesOf(text), text.endsWith('\r\n\r\n')]).toEqual([[200], true]);
  // Resources have no such route, as in Kubernetes.
  expect(codesOf(await exchange(ask(`HEAD ${CONFIG_MAPS}/kept`, 'connection: close\r\n')))).toEqual([405]);
});

test('requests that come all at once are answered in their order', async () => {
  const text = await exchange(`${ask(`GET ${CONFIG_MAPS}/none`)}${ask(`GET ${CONFIG_MAPS}/kept`)}${ask('GET /livez')}${ask('GET /none', 'connection: close\r\n')}`);
  expect(codesOf(text)).toEqual([404, 200, 200, 404]);
});

test('an upgrade where nothing speaks another protocol is an ordinary request', async () => {
  const headers = 'connection: Upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  expect(codesOf(await exchange(ask(`GET ${CONFIG_MAPS}/kept`, headers)))).toEqual([200]);
  expect(codesOf(await exchange(ask(`GET ${CONFIG_MAPS}/none`, headers)))).toEqual([404]);
  expect(codesOf(await exchange(ask('GET /nowhere', headers)))).toEqual([404]);
});

test('long request lines are read, endless headers are refused', async () => {
  const selector = Array.from({ length: 4_000 }, (_, index) => `key-${index}`).join(',');
  expect(codesOf(await exchange(ask(`GET ${CONFIG_MAPS}?labelSelector=${selector}`, 'connection: close\r\n')))).toEqual([200]);
  expect(codesOf(await exchange(ask('GET /livez', `x: ${'y'.repeat(1_200_000)}\r\n`)))).toEqual([431]);
  await isWell();
});

test('a body whose length is a lie, or that is never sent whole, harms nobody', async () => {
  const lengths = ['-1', 'abc', '99999999999999999999', '5\r\ncontent-length: 6'];
  for (const length of lengths) expect([400, 413]).toContain(codesOf(await exchange(ask(`POST ${CONFIG_MAPS}`, `content-length: ${length}\r\n`)))[0]);
  expect(codesOf(await exchange(`${ask(`POST ${CONFIG_MAPS}`, 'transfer-encoding: chunked\r\n')}zz\r\n`))).toEqual([400]);
  const aborted = await Promise.all(Array.from({ length: 20 }, dial));
  for (const socket of aborted) {
    socket.on('error', () => undefined);
    socket.write(`${ask(`POST ${CONFIG_MAPS}`, 'content-length: 1000\r\n')}{"metadata":`);
  }
  await sleep(50);
  for (const socket of aborted) socket.destroy();
  await isWell();
});

test('a chunked body beyond the limit is a 413', async () => {
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  expect(codesOf(await exchange(`${ask(`POST ${CONFIG_MAPS}`, 'transfer-encoding: chunked\r\nconnection: close\r\n')}${chunk.repeat(60)}0\r\n\r\n`))).toEqual([413]);
});

test('slow clients and silent ones do not keep others waiting', async () => {
  const slow = await Promise.all(Array.from({ length: 50 }, dial));
  for (const [index, socket] of slow.entries()) socket.write(index % 2 === 0 ? 'GET /api' : ask(`GET ${CONFIG_MAPS}?watch=true`));
  expect((await api.request('GET', `${CONFIG_MAPS}/kept`)).status).toBe(200);
  for (const socket of slow) socket.destroy();
});

test('a watch that nobody reads is bounded, and holds up no other', async () => {
  const deaf = await dial();
  deaf.write(ask(`GET ${CONFIG_MAPS}?watch=true`));
  // It has begun when something of it has come.
  await new Promise((resolve) => deaf.once('data', resolve));
  deaf.pause();
  const watch = api.watch(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dbig`);
  const data = { x: 'x'.repeat(200_000) };
  await api.request('POST', CONFIG_MAPS, { metadata: { name: 'big' }, data });
  for (let round = 0; round < 60; round += 1) await api.request('PATCH', `${CONFIG_MAPS}/big`, { data: { round: String(round) } }, { 'content-type': 'application/merge-patch+json' });
  let last: { object: { data: { round?: string } } } = await watch.next();
  while (last.object.data.round !== '59') last = await watch.next();
  watch.stop();
  deaf.destroy();
  expect(last.object.data.round).toBe('59');
  await isWell();
});

test('who shows a bad token, or the certificate of another authority, is nobody', async () => {
  const port = api.serving.port;
  const stranger = await issueCertificate(await createAuthority('stranger', Date.now()), { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const anonymous = async (headers: string, identity: object = {}): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...identity });
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    socket.on('error', () => undefined);
    socket.write(ask(`GET ${CONFIG_MAPS}/kept`, `${headers}connection: close\r\n`));
    await new Promise((resolve) => socket.once('close', resolve));
    return text;
  };
  const expired = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"iss":"https://kubernetes.default.svc.cluster.local","exp":1}').toString('base64url')}.AAAA`;
  for (const token of ['x', expired, '..', 'a.b.c', '%', 'abcdef.0123456789abcdef', 'x'.repeat(100_000)]) {
    const text = await anonymous(`authorization: Bearer ${token}\r\n`);
    expect([codesOf(text), text.includes('"reason":"Unauthorized"')]).toEqual([[401], true]);
  }
  expect(codesOf(await anonymous('', { cert: stranger.certificate, key: stranger.key }))[0]).toBeGreaterThan(400);
  expect(codesOf(await anonymous('authorization: Basic eDp5\r\n'))).toEqual([403]);
});

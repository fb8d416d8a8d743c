import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';
import type { AdmissionPlugin } from '../../apiserver/types.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
let api: TestApi;
/** Counts turns of the event loop, and tells those in which admission was asked. */
const loop = { turn: 0, timer: undefined as NodeJS.Immediate | undefined, asked: [] as number[] };
const observer: AdmissionPlugin = {
  name: 'observer',
  admit: async () => void loop.asked.push(loop.turn),
  validate: async () => void loop.asked.push(loop.turn),
};

beforeAll(async () => {
  const slow = { path: '/slow', handle: async () => sleep(3_000).then(() => ({ status: 200, headers: {}, body: Buffer.from('late') })) };
  api = await startHandlers({ admission: [observer], pathHandlers: () => [slow] }, {}, { requestTimeoutMilliseconds: 60_000, minRequestTimeoutSeconds: 1, maxLongRunning: 3 });
});
afterAll(() => api.close());

/** What comes back on a connection of its own, until the server closes it. */
async function raw({ agent, serving }: TestApi, text: string): Promise<string> {
  const { ca, cert, key } = agent.options;
  const socket = connect({ host: '127.0.0.1', port: serving.port, ca, cert, key });
  let received = '';
  socket.on('data', (piece: Buffer) => (received += piece.toString()));
  socket.on('error', () => undefined);
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return received;
}

test('a body of more than 3 MiB is a 413', async () => {
  const { json } = await api.request('POST', CONFIG_MAPS, { metadata: { name: 'x' }, data: { x: 'y'.repeat(3 * 1024 * 1024) } });
  expect(json).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' });
});

test('3 MB of YAML hold nobody up', async () => {
  const body = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n${Array.from({ length: 95_000 }, (_, at) => `  key-${at}: value of ${at}\n`).join('')}`;
  expect(Buffer.byteLength(body)).toBeGreaterThan(2_500_000);
  let answers = 0;
  const stop = new AbortController();
  const others = (async () => {
    while (!stop.signal.aborted) {
      expect((await api.request('GET', '/api/v1/namespaces/none')).status).toBe(404);
      answers += 1;
    }
  })();
  // It is more than a ConfigMap may have, and on a busy machine more than can be read in the time that it is given.
  const answer = await api.request('POST', `${CONFIG_MAPS}?timeout=30s`, body, { 'content-type': 'application/yaml' });
  stop.abort();
  await others;
  expect([400, 413, 422, 504]).toContain(answer.status);
  expect(answers).toBeGreaterThan(10);
});

describe('between the steps of a request about a large object others get their turn', () => {
  const object = (keys: number, value: string): object => ({ metadata: { name: `turns-${keys}` }, data: Object.fromEntries(Array.from({ length: keys }, (_, at) => [`key-${at}`, value])) });
  /** Turns of the event loop between mutating and validating admission, between which nothing is waited for. */
  async function turnsOf(method: string, path: string, body: object, type = 'application/json'): Promise<number> {
    loop.asked = [];
    const count = (): void => {
      loop.turn += 1;
      loop.timer = setImmediate(count);
    };
    count();
    const { status } = await api.request(method, path, body, { 'content-type': type });
    clearImmediate(loop.timer);
    expect([200, 201]).toContain(status);
    expect(loop.asked).toHaveLength(2);
    return loop.asked[1]! - loop.asked[0]!;
  }

  test.each([
    [3, 'none of a small one', 0],
    [20_000, 'several of a large one', 3],
  ])('%d keys: %s', async (keys, _what, least) => {
    const path = `${CONFIG_MAPS}/turns-${keys}`;
    const turns = [
      await turnsOf('POST', CONFIG_MAPS, object(keys, 'a')),
      await turnsOf('PUT', path, object(keys, 'b')),
      await turnsOf('PATCH', path, object(keys, 'c'), 'application/merge-patch+json'),
      await turnsOf('PATCH', path, { metadata: { labels: { a: 'b' } } }, 'application/merge-patch+json'),
      await turnsOf('PATCH', `${path}?fieldManager=a&force=true`, { apiVersion: 'v1', kind: 'ConfigMap', ...object(keys, 'd') }, 'application/apply-patch+yaml'),
    ];
    expect(turns.map((each) => Math.min(each, 3))).toEqual(Array.from(turns, () => least));
  });
});

test('large YAML that is in order is stored', async () => {
  const body = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fair}\ndata:\n${Array.from({ length: 1_000 }, (_, at) => `  key-${at}: value of ${at}\n`).join('')}`;
  expect((await api.request('POST', CONFIG_MAPS, body, { 'content-type': 'application/yaml' })).status).toBe(201);
  expect((await api.request('GET', `${CONFIG_MAPS}/fair`)).json.data['key-999']).toBe('value of 999');
});

test('a billion laughs are refused', async () => {
  const levels = Array.from({ length: 9 }, (_, at) => `${String.fromCharCode(98 + at)}: &${String.fromCharCode(98 + at)} [${Array.from({ length: 9 }, () => `*${String.fromCharCode(97 + at)}`).join(',')}]`);
  const { json } = await api.request('POST', CONFIG_MAPS, ['a: &a ["lol","lol"]', ...levels].join('\n'), { 'content-type': 'application/yaml' });
  expect(json).toMatchObject({ code: 400 });
});

test('JSON that is too deep is refused', async () => {
  expect((await api.request('POST', CONFIG_MAPS, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, { 'content-type': 'application/json' })).status).toBe(400);
});

test('compressed bodies are not read, as in Kubernetes', async () => {
  const body = gzipSync(JSON.stringify({ metadata: { name: 'zip' } }));
  expect((await api.request('POST', CONFIG_MAPS, body, { 'content-type': 'application/json', 'content-encoding': 'gzip' })).json).toMatchObject({ code: 400, reason: 'BadRequest' });
});

test('more than 10,000 operations of a JSON patch are a 413', async () => {
  const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' }));
  const { json } = await api.request('PATCH', `${CONFIG_MAPS}/fair`, operations, { 'content-type': 'application/json-patch+json' });
  expect(json).toMatchObject({ code: 413, message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001' });
});

test('selectors have at most 10,000 requirements', async () => {
  const selector = Array.from({ length: 10_001 }, (_, at) => `!k${at}`).join(',');
  expect((await api.request('GET', `${CONFIG_MAPS}?labelSelector=${selector}`)).json).toMatchObject({ code: 400, message: 'the selectors have 10001 requirements, at most 10000 are allowed' });
});

test('a request that takes too long is a 504; a client may want it sooner', async () => {
  const { json } = await api.request('GET', '/slow?timeout=300ms');
  expect(json).toMatchObject({ code: 504, reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' });
  expect((await api.request('GET', '/slow?timeout=soon')).json).toMatchObject({ code: 400, message: 'invalid timeout specified in the request URL - time: invalid duration "soon"' });
});

test('a watch ends by itself, and only so many are open at a time', async () => {
  const watches = [1, 2, 3].map(() => api.watch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=60`));
  for (const watch of watches) await watch.next();
  expect((await api.request('GET', `${CONFIG_MAPS}?watch=true`)).status).toBe(429);
  for (const watch of watches) watch.stop();
  const lasted = await eventually('there is room for another one', 60_000, async () => {
    const began = performance.now();
    const { status } = await api.request('GET', `${CONFIG_MAPS}?watch=true`);
    return status === 200 ? performance.now() - began : undefined;
  });
  // Between the least time, which no busy machine makes shorter, and twice that.
  expect(lasted).toBeGreaterThan(950);
});

test('a client that sends its head or its body too slowly is cut off', async () => {
  const hasty = await startHandlers({}, {}, { clientTimes: { head: 500, whole: 1_000, check: 100 } });
  expect(await raw(hasty, 'GET /livez HTTP/1.1\r\nhost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  expect(await raw(hasty, `POST ${CONFIG_MAPS} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 408 |^$/);
  await hasty.close();
});

test('a request line or a header that is too long is a 431', async () => {
  expect(await raw(api, `GET /livez HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(1_200_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
});

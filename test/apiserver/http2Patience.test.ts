import { connect } from 'node:tls';
import { startHandlers } from '../rig/apiserver.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { answerOf, Http2Client } from '../rig/http2Client.ts';
import type { Identity } from '../rig/http2Client.ts';
import { eventually } from '../rig/processes.ts';

/** Clients that a server waits for, and for how long: bodies that do not come, answers and watches that are not read. */
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
let api: TestApi;
let identity: Required<Identity>;
let client: Http2Client;
const others: Http2Client[] = [];

beforeAll(async () => {
  api = await startHandlers({}, { watcherLimit: 30 }, { clientTimes: { head: 2_000, whole: 2_000, check: 100 } });
  const { ca, cert, key } = api.agent.options as Required<Identity>;
  identity = { ca, cert, key };
});
beforeEach(() => {
  client = another();
});
afterEach(() => {
  for (const each of others.splice(0)) each.close();
});
afterAll(() => api.close());

function another(options: ConstructorParameters<typeof Http2Client>[2] = {}): Http2Client {
  const created = new Http2Client(api.serving.port, identity, options);
  others.push(created);
  return created;
}

/** A large object, sent until it has come in time. */
const store = (path: string, name: string, size: number): Promise<true> =>
  eventually(`${name} is stored`, 60_000, async () => ([201, 409].includes((await client.request('POST', path, { metadata: { name }, data: { x: 'x'.repeat(size) } })).status) ? true : undefined));

test('a body that comes too slowly is a 408; the connection stays', async () => {
  const answer = await answerOf(client.stream('POST', CONFIG_MAPS, null));
  expect(answer.status).toBe(408);
  expect(client.session.closed).toBe(false);
});

test('a watch that nobody reads is ended, and holds up none on its connection', async () => {
  const deaf = client.stream('GET', `${CONFIG_MAPS}?watch=true`);
  deaf.pause();
  const ended = new Promise<number>((resolve) => deaf.once('close', () => resolve(deaf.rstCode ?? 0)));
  const watch = client.watch(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dbig`);
  const last = (async () => {
    for await (const { object } of watch) if (object.data?.['round'] === '44') return;
    throw new Error('the watch ended');
  })();
  await store(CONFIG_MAPS, 'big', 100_000);
  for (let round = 0; round < 45; round += 1) await client.request('PATCH', `${CONFIG_MAPS}/big`, { data: { round: String(round) } }, { 'content-type': 'application/merge-patch+json' });
  await last;
  expect(await ended).not.toBe(0);
  expect((await client.request('GET', `${CONFIG_MAPS}/big`)).status).toBe(200);
});

test('answers that nobody reads are given up', async () => {
  // One list is so long that it is put together as it is sent.
  const LONG = '/api/v1/namespaces/long/configmaps';
  for (let index = 0; index < 5; index += 1) await store(LONG, `c${index}`, 900_000);
  const paths = ['/version', `${CONFIG_MAPS}/big`, CONFIG_MAPS, LONG];
  const deaf = another({ settings: { initialWindowSize: 0 } });
  const codes = await Promise.all(paths.map((path) => new Promise((resolve) => {
    const stream = deaf.stream('GET', path);
    stream.once('close', () => resolve(stream.rstCode !== 0));
  })));
  expect([codes, deaf.session.closed]).toEqual([[true, true, true, true], false]);
});

test('on HTTP/1.1 such a watch is ended, too', async () => {
  const socket = connect({ host: '127.0.0.1', port: api.serving.port, ...identity, ALPNProtocols: ['http/1.1'] });
  socket.on('error', () => undefined);
  const watches = async (): Promise<number> => Number(/^apiserver_longrunning_requests (\d+)/m.exec((await api.request('GET', '/metrics')).text)?.[1] ?? 0);
  await eventually('no watch is left of others', 30_000, async () => ((await watches()) === 0 ? true : undefined));
  socket.write(`GET ${CONFIG_MAPS}?watch=true HTTP/1.1\r\nhost: x\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  expect(await watches()).toBe(1);
  for (let round = 0; round < 80; round += 1) await client.request('PATCH', `${CONFIG_MAPS}/big`, { data: { round: String(round) } }, { 'content-type': 'application/merge-patch+json' });
  await eventually('it is given up', 60_000, async () => ((await watches()) === 0 ? true : undefined));
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve('closed')));
  socket.resume();
  expect(await closed).toBe('closed');
});

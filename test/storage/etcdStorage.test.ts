import { ApiError } from '../../api/apiError.ts';
import type { OpenedStorage } from '../../apiserver/storage/openStorage.ts';
import type { StoredObject } from '../../apiserver/storage/types.ts';
import { startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { configMap, configMapKey, create, open, type ConfigMap } from './world.ts';

let etcd: Awaited<ReturnType<typeof startEtcd>>;
let opened: OpenedStorage;

beforeAll(async () => {
  etcd = await startEtcd();
  opened = await open(etcd.endpoints);
});

afterAll(async () => {
  await opened.close();
  await etcd.close();
});

test('a created object comes back with its resourceVersion, in the object and in the bytes', async () => {
  const stored = await create(opened.storage, 'a', { 'metadata":{': '"metadata":{' });
  expect(stored.object).toEqual({ ...configMap('a', { 'metadata":{': '"metadata":{' }), metadata: { ...configMap('a').metadata, resourceVersion: String(stored.revision) } });
  const read = await opened.storage.get(configMapKey('a'));
  expect(read?.revision).toBe(stored.revision);
  expect(read?.bytes.toString()).toBe(stored.bytes.toString());
  expect(JSON.parse(stored.bytes.toString())).toEqual(stored.object);
});

test('a missing key is undefined', async () => {
  expect(await opened.storage.get(configMapKey('nobody'))).toBeUndefined();
});

test('a failed comparison changes nothing and returns the present state of each compared key', async () => {
  const { storage } = opened;
  const first = await create(storage, 'b');
  const other = configMapKey('c');
  const result = await storage.transact(
    [
      { key: configMapKey('b'), revision: first.revision - 1 },
      { key: other, revision: 0 },
    ],
    [
      { kind: 'put', key: configMapKey('b'), object: configMap('b', { x: '1' }) },
      { kind: 'put', key: other, object: configMap('c') },
    ],
  );
  if (result.committed) throw new Error('committed');
  expect(result.current.get(configMapKey('b'))?.revision).toBe(first.revision);
  expect(result.current.has(other)).toBe(true);
  expect(result.current.get(other)).toBeUndefined();
  expect(await storage.get(other)).toBeUndefined();
});

test('several keys are written in one revision', async () => {
  const { storage } = opened;
  const port = '/registry/.gantry/nodeports/30080';
  const result = await storage.transact(
    [{ key: port, revision: 0 }],
    [
      { kind: 'put', key: configMapKey('d'), object: configMap('d') },
      { kind: 'putValue', key: port, value: { owner: 'default/d' } },
      { kind: 'put', key: configMapKey('e'), object: configMap('e') },
    ],
  );
  if (!result.committed) throw new Error('not committed');
  expect(result.stored.map((stored) => [stored.object.metadata.name, stored.revision])).toEqual([
    ['d', result.revision],
    ['e', result.revision],
  ]);
  expect((await storage.get(port))?.object).toMatchObject({ value: { owner: 'default/d' } });
  await opened.cache.consistent();
  expect(opened.cache.list('/registry/.gantry/nodeports/').map((stored) => stored.key)).toEqual([port]);
});

test('of concurrent updates from one revision exactly one wins', async () => {
  const { storage } = opened;
  const { revision } = await create(storage, 'race');
  const key = configMapKey('race');
  const results = await Promise.all(Array.from({ length: 20 }, (_, n) => storage.transact([{ key, revision }], [{ kind: 'put', key, object: configMap('race', { n: String(n) }) }])));
  expect(results.filter((result) => result.committed)).toHaveLength(1);
});

test('an object with a lease is there', async () => {
  const key = configMapKey('leased');
  const result = await opened.storage.transact([], [{ kind: 'put', key, object: configMap('leased'), leaseSeconds: 3600 }]);
  expect(result.committed).toBe(true);
  expect((await opened.storage.get(key))?.object.metadata.name).toBe('leased');
});

test('a value that is too large is refused as such', async () => {
  await expect(create(opened.storage, 'large', { x: 'x'.repeat(3_000_000) })).rejects.toMatchObject({ code: 413 });
});

test('resourceVersion and revision are converted by the offset', () => {
  const { storage } = opened;
  expect(storage.fromResourceVersion(storage.toResourceVersion(7))).toBe(7);
});

test('a stopped etcd makes reads and writes 503 within their time, and all goes on afterwards', async () => {
  const hasty = await open(etcd.endpoints, { requestTimeoutMilliseconds: 2_000 });
  const { storage, cache } = hasty;
  await create(opened.storage, 'before');
  await eventually('it is in memory', 60_000, () => cache.get(configMapKey('before')));
  await etcd.member.pause();
  // etcd goes on only when all have been told.
  const outcomes = await Promise.allSettled([storage.get(configMapKey('before')), create(storage, 'during'), cache.consistent(), storage.currentRevision()]);
  const refusal = { status: 'rejected', reason: expect.objectContaining({ code: 503, retryAfterSeconds: 1 }) };
  expect(outcomes).toMatchObject([refusal, refusal, refusal, refusal]);
  expect(await hasty.trouble()).toMatch(/etcd/);
  expect(cache.get(configMapKey('before'))).toBeDefined();
  etcd.member.resume();
  await eventually('nothing is wrong any more', 60_000, async () => ((await hasty.trouble()) === undefined ? true : undefined));
  await create(opened.storage, 'after');
  await eventually('its memory goes on', 60_000, () => cache.get(configMapKey('after')));
  await hasty.close();
});

test('no write is lost or doubled while etcd is killed and started again and again', async () => {
  const { storage } = opened;
  const key = configMapKey('counter');
  let present = await create(storage, 'counter', { n: '0' });
  let refused = 0;
  let acknowledged = 0;
  const stop = new AbortController();
  const writer = (async () => {
    while (!stop.signal.aborted) {
      const n = counted(present);
      try {
        const result = await storage.transact([{ key, revision: present.revision }], [{ kind: 'put', key, object: configMap('counter', { n: String(n + 1) }) }]);
        // Nobody else writes: a conflict would mean that a write was applied without being acknowledged.
        if (!result.committed) throw new Error(`conflict at ${n}: ${String(result.current.get(key)?.bytes)}`);
        acknowledged += 1;
        const stored = result.stored[0];
        if (stored) present = stored;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refused += 1;
        present = (await storage.get(key).catch(() => undefined)) ?? present;
      }
    }
  })();
  for (let round = 1; round <= 3; round += 1) {
    await eventually('it is written', 60_000, () => (acknowledged > 20 * round ? true : undefined));
    await etcd.member.restart();
  }
  stop.abort();
  await writer;
  const last = await storage.get(key);
  expect(last && counted(last)).toBe(acknowledged);
  expect(refused).toBe(0);
});

function counted(stored: StoredObject): number {
  return Number((stored.object as ConfigMap).data['n']);
}

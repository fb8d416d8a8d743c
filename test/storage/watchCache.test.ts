import net from 'node:net';
import type { OpenedStorage } from '../../apiserver/storage/openStorage.ts';
import type { CacheEvent, Operation, WatchItem } from '../../apiserver/storage/types.ts';
import { compactOnce } from '../../apiserver/storage/compaction.ts';
import { EtcdClient } from '../../apiserver/storage/etcdClient.ts';
import { type Clock, systemClock, type Timer } from '../../process/clock.ts';
import type { Dial } from '../../process/dial.ts';
import { PATIENT, startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { bounded, collect, configMap, configMapKey, CONFIG_MAPS, create, open, tell } from './world.ts';

let etcd: Awaited<ReturnType<typeof startEtcd>>;
let opened: OpenedStorage;
const signal = new AbortController().signal;

beforeAll(async () => {
  etcd = await startEtcd();
  opened = await open(etcd.endpoints);
});

afterAll(async () => {
  await opened.close();
  await etcd.close();
});

test('a watch begins with the present state, tells where it ends, and goes on with each change in order', async () => {
  const { storage, cache } = opened;
  const ns = 'order';
  const a = await create(storage, 'a', {}, ns);
  const b = await create(storage, 'b', {}, ns);
  await cache.consistent();
  const stream = cache.watch({ fromRevision: undefined, signal, prefix: `${CONFIG_MAPS}${ns}/` });
  const began = cache.clock;
  await create(storage, 'c', {}, 'elsewhere');
  const c = await create(storage, 'c', {}, ns);
  const gone = await storage.transact([{ key: a.key, revision: a.revision }], [{ kind: 'delete', key: a.key }]);
  const items = await collect(stream, (seen) => seen.length === 5);
  const deletedAt = gone.committed ? gone.revision : 0;
  expect(items.map(tell)).toEqual([`put a@${a.revision}`, `put b@${b.revision}`, `progress@${began}`, `put c@${c.revision}`, `delete a@${deletedAt}`]);
  const last = items[4];
  expect(last?.kind === 'event' && last.event.type === 'delete' && last.event.last.object.metadata.resourceVersion).toBe(String(deletedAt));
});

test('a watch from a revision gets what came after it, for a namespace, an object or all', async () => {
  const { storage, cache } = opened;
  const start = (await create(storage, 'zero', {}, 'since')).revision;
  const one = await create(storage, 'one', {}, 'since');
  const two = await create(storage, 'two', {}, 'since-2');
  await cache.reached(two.revision);
  const seen = async (prefix: string, count: number): Promise<string[]> => (await collect(cache.watch({ fromRevision: start, signal, prefix }), (items) => items.length === count)).map(tell);
  expect(await seen(CONFIG_MAPS, 2)).toEqual([`put one@${one.revision}`, `put two@${two.revision}`]);
  expect(await seen(`${CONFIG_MAPS}since/`, 1)).toEqual([`put one@${one.revision}`]);
  expect(await seen(configMapKey('two', 'since-2'), 1)).toEqual([`put two@${two.revision}`]);
});

test('after consistent() a read sees what another API server has written', async () => {
  const other = await open(etcd.endpoints);
  for (let n = 0; n < 50; n += 1) {
    const stored = await create(other.storage, `other-${n}`);
    expect(await opened.cache.consistent()).toBeGreaterThanOrEqual(stored.revision);
    expect(opened.cache.get(stored.key)?.revision).toBe(stored.revision);
  }
  await other.close();
});

test('consistent() answers also when etcd moved on by keys that are not ours', async () => {
  const client = new EtcdClient({ endpoints: etcd.endpoints }, systemClock);
  const { revision } = await client.txn({ compare: [], success: [{ kind: 'put', key: '/foreign', value: Buffer.from('x') }], failure: [] });
  client.close();
  expect(await opened.cache.consistent()).toBeGreaterThanOrEqual(revision);
});

test('10,000 objects are listed in key order and counted, also by an API server that starts later', async () => {
  const { storage, cache } = opened;
  const names = Array.from({ length: 10_000 }, (_, n) => `n${(n * 7919) % 10_000}`);
  for (let at = 0; at < names.length; at += 100) await Promise.all(names.slice(at, at + 100).map((name) => create(storage, name, {}, `many-${name.slice(-1)}`)));
  await cache.consistent();
  const other = await open(etcd.endpoints);
  for (const present of [cache, other.cache]) {
    const keys = present.list(CONFIG_MAPS).map((stored) => stored.key);
    expect(keys).toEqual(keys.toSorted());
    expect(keys.length).toBe(present.count(CONFIG_MAPS));
    expect(present.count(`${CONFIG_MAPS}many-3/`)).toBe(1_000);
  }
  await other.close();
});

test('a watcher that does not read is ended alone, after what it had waiting', async () => {
  const small = await open(etcd.endpoints, { watcherLimit: 100 });
  const prefix = `${CONFIG_MAPS}slow/`;
  const from = small.cache.clock;
  const slow = small.cache.watch({ fromRevision: from, signal, prefix });
  const fast = collect(small.cache.watch({ fromRevision: from, signal, prefix }), (items) => items.length === 300);
  // Events of many writes may come at once: no more are written than the one that reads may be behind by.
  for (let n = 0; n < 300; n += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, i) => create(small.storage, `s${n + i}`, {}, 'slow')));
    await small.cache.consistent();
  }
  expect(await fast).toHaveLength(300);
  const taken = await collect(slow, () => false);
  expect(taken).toHaveLength(100);
  const last = taken.at(-1);
  const revision = last?.kind === 'event' && last.event.type === 'put' ? last.event.current.revision : 0;
  const rest = await collect(small.cache.watch({ fromRevision: revision, signal, prefix }), (items) => items.length === 200);
  expect(rest).toHaveLength(200);
  await small.close();
});

test('a watch from before the window is refused with 410 and the text of Kubernetes', async () => {
  const small = await open(etcd.endpoints, { windowEvents: 5 });
  const from = small.cache.clock;
  for (let n = 0; n < 10; n += 1) await create(small.storage, `w${n}`, {}, 'window');
  await small.cache.consistent();
  expect(() => small.cache.watch({ fromRevision: from, signal, prefix: CONFIG_MAPS })).toThrow(expect.objectContaining({ code: 410, reason: 'Expired', message: `too old resource version: ${from} (${from + 5})` }));
  expect(() => small.cache.watch({ fromRevision: from + 5, signal, prefix: CONFIG_MAPS })).not.toThrow();
  await small.close();
});

test('a revision of the future is waited for, and refused with 504 after 3 s', async () => {
  // By a clock on which three seconds last until the test says that they are over.
  const due: (() => void)[] = [];
  const clock: Clock = { ...systemClock, setTimeout: (run, milliseconds) => (milliseconds === 3_000 ? held(run) : systemClock.setTimeout(run, milliseconds)) };
  const held = (run: () => void): Timer => {
    due.push(run);
    return { cancel: () => void due.splice(due.indexOf(run), 1) };
  };
  const patient = await open(etcd.endpoints, {}, { clock });
  const { cache, storage } = patient;
  const waiting = cache.reached(cache.clock + 1);
  await create(storage, 'future');
  await waiting;
  expect(due).toEqual([]);
  const far = cache.clock + 1_000;
  const refused = cache.reached(far);
  due[0]?.();
  await expect(refused).rejects.toMatchObject({ code: 504, reason: 'Timeout', message: `Timeout: Too large resource version: ${far}, current: ${cache.clock}` });
  await patient.close();
});

test('a watcher sees each event once and in order while etcd is killed again and again', async () => {
  const { storage, cache } = opened;
  const prefix = `${CONFIG_MAPS}killed/`;
  const written: string[] = [];
  const seen = collect(cache.watch({ fromRevision: cache.clock, signal, prefix }), (items) => items.some((item) => tell(item).startsWith('put end@')));
  const stop = new AbortController();
  const writer = (async () => {
    for (let n = 0; !stop.signal.aborted; n += 1) written.push(`put k${n}@${(await create(storage, `k${n}`, {}, 'killed')).revision}`);
    written.push(`put end@${(await create(storage, 'end', {}, 'killed')).revision}`);
  })();
  for (let round = 1; round <= 3; round += 1) {
    await eventually('it is written', 60_000, () => (written.length > 20 * round ? true : undefined));
    await etcd.member.restart();
  }
  stop.abort();
  await writer;
  expect((await seen).map(tell)).toEqual(written);
});

describe('compaction', () => {
  test('of two API servers one compacts, to the revision of the round before', async () => {
    const { storage } = opened;
    const compacted: number[] = [];
    const client = { compact: async (revision: number): Promise<void> => void compacted.push(revision) };
    const fresh = { keyRevision: 0, revision: 0 };
    let [one, two] = [await compactOnce(storage, client, fresh), await compactOnce(storage, client, fresh)];
    expect(compacted).toEqual([]);
    const before = one.revision;
    await create(storage, 'between');
    [one, two] = [await compactOnce(storage, client, one), await compactOnce(storage, client, two)];
    expect(compacted).toEqual([before]);
  });

  test('of what was missed: changes become events, and watchers of what was deleted must list again', async () => {
    // The second API server's connections to etcd can be cut without touching etcd itself.
    const sockets = new Set<net.Socket>();
    let isCut = false;
    const dial: Dial = async (host, port) => {
      if (isCut) throw new Error('cut');
      const socket = net.connect({ host, port });
      sockets.add(socket);
      return socket;
    };
    const { storage } = opened;
    const services = '/registry/services/default/';
    const write = async (operation: Operation): Promise<void> => expect(await storage.transact([], [operation])).toMatchObject({ committed: true });
    const put = (key: string, n: string): Promise<void> => write({ kind: 'put', key, object: configMap(key.slice(key.lastIndexOf('/') + 1), { n }) });
    await put(configMapKey('kept'), '1');
    await put(configMapKey('removed'), '1');
    await put(`${services}kept`, '1');
    const reader = await open(etcd.endpoints, { dial });
    const told: CacheEvent[] = [];
    reader.cache.subscribe({ group: '', resource: 'configmaps' }, (event) => told.push(event));
    const start = { fromRevision: reader.cache.clock, signal };
    const deleted = collect(reader.cache.watch({ ...start, prefix: CONFIG_MAPS }), () => false).then(
      () => 'ended',
      (error: unknown) => error,
    );
    const changed = collect(reader.cache.watch({ ...start, prefix: services }), (items: readonly WatchItem[]) => items.length === 2);
    isCut = true;
    for (const socket of sockets) socket.destroy();
    await put(configMapKey('kept'), '2');
    await write({ kind: 'delete', key: configMapKey('removed') });
    await put(`${services}kept`, '2');
    await put(`${services}new`, '1');
    const client = new EtcdClient({ endpoints: etcd.endpoints, ...PATIENT }, systemClock);
    await client.compact(await storage.currentRevision());
    client.close();
    isCut = false;
    expect((await changed).map((item) => tell(item).replace(/@.*/, ''))).toEqual(['put kept', 'put new']);
    expect(await bounded(deleted, () => 'the watch goes on')).toMatchObject({ code: 410 });
    await reader.cache.consistent();
    expect([reader.cache.get(configMapKey('kept'))?.object, reader.cache.get(configMapKey('removed'))]).toEqual([expect.objectContaining({ data: { n: '2' } }), undefined]);
    expect(told.map((event) => `${event.type} ${event.type === 'put' ? event.current.key : event.last.key}`)).toEqual([`delete ${configMapKey('removed')}`, `put ${configMapKey('kept')}`]);
    await reader.close();
  });
});

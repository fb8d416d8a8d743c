import type { V1ConfigMap } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { EventRecorderImpl } from '../../client/eventRecorder.ts';
import { InformerFactoryImpl } from '../../client/informerFactory.ts';
import { LeaderElector } from '../../client/leaderElection.ts';
import { ConfigMaps, Events, Leases } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { retryOnConflict } from '../../client/retryOnConflict.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { clientConfigOf } from './clientConfig.ts';
import { flakyNetwork } from './flakyNetwork.ts';

let api: TestApi;
let client: RestClient;
const dependencies = () => ({ client, clock: systemClock, logger: silentLogger });
beforeAll(async () => {
  api = await startHandlers();
  client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
});
afterAll(async () => {
  client.close();
  await api.close();
});

const draft = (name: string, namespace: string, data: Record<string, string> = {}): Draft<V1ConfigMap> => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });

async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2_400; turn += 1) {
    if (await holds()) return;
    await systemClock.sleep(25);
  }
  throw new Error(`not within 60 s: ${what}`);
}

test('objects are created, read, changed and deleted; refusals are ApiErrors', async () => {
  const made = await client.create(ConfigMaps, draft('a', 'crud', { x: '1' }));
  expect(made.metadata.uid).not.toBe('');
  await expect(client.create(ConfigMaps, draft('a', 'crud'))).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
  const changed = await client.update(ConfigMaps, { ...made, data: { x: '2' } });
  await expect(client.update(ConfigMaps, made)).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
  await client.patch(ConfigMaps, 'a', 'crud', 'application/merge-patch+json', { data: { y: '3' } });
  expect((await client.get(ConfigMaps, 'a', 'crud')).data).toEqual({ x: '2', y: '3' });
  expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
  await expect(client.delete(ConfigMaps, 'a', 'crud', { preconditions: { uid: 'other' } })).rejects.toMatchObject({ code: 409 });
  await client.delete(ConfigMaps, 'a', 'crud');
  await expect(client.get(ConfigMaps, 'a', 'crud')).rejects.toMatchObject({ code: 404, message: 'configmaps "a" not found' });
});

test('many writers of one object all succeed by retrying on conflict', async () => {
  await client.create(ConfigMaps, draft('counter', 'conflict', { n: '0' }));
  const increment = (): Promise<V1ConfigMap> =>
    retryOnConflict(systemClock, async () => {
      const current = await client.get(ConfigMaps, 'counter', 'conflict');
      return client.update(ConfigMaps, { ...current, data: { n: String(Number(current.data?.['n']) + 1) } });
    });
  for (let round = 0; round < 5; round += 1) await Promise.all([increment(), increment()]);
  expect((await client.get(ConfigMaps, 'counter', 'conflict')).data).toEqual({ n: '10' });
});

test('an informer follows what happens, and waitFor sees the own write', async () => {
  const stop = new AbortController();
  const factory = new InformerFactoryImpl(dependencies());
  await client.create(ConfigMaps, draft('early', 'informed'));
  const informer = factory.informer(ConfigMaps, { namespace: 'informed' });
  const seen: string[] = [];
  informer.addHandler({
    added: ({ metadata }, initial) => seen.push(`+${metadata.name}${initial ? ' initial' : ''}`),
    updated: (_, { metadata }) => seen.push(`~${metadata.name}`),
    deleted: ({ metadata }) => seen.push(`-${metadata.name}`),
  });
  factory.start(stop.signal);
  await factory.synced();
  const made = await client.create(ConfigMaps, draft('late', 'informed'));
  expect(await informer.waitFor(made.metadata.resourceVersion, 60_000)).toBe(true);
  expect(informer.get('informed/late')?.metadata.uid).toBe(made.metadata.uid);
  await client.patch(ConfigMaps, 'early', 'informed', 'application/merge-patch+json', { data: { a: 'b' } });
  await client.delete(ConfigMaps, 'late', 'informed');
  await eventually('the delete is seen', () => seen.includes('-late'));
  expect(seen).toEqual(['+early initial', '+late', '~early', '-late']);
  stop.abort();
  await factory.ended();
});

test('one Event counts up what is the same', async () => {
  const recorder = new EventRecorderImpl({ ...dependencies(), component: 'test' });
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'events', uid: 'u' } };
  for (let times = 0; times < 4; times += 1) recorder.event(pod, 'Warning', 'BackOff', 'again');
  recorder.event(pod, 'Normal', 'Pulled', 'other');
  const read = async () => (await client.list(Events, { namespace: 'events' })).items;
  await eventually('both are written', async () => {
    const events = await read();
    return events.length === 2 && events.some(({ count }) => count === 4);
  });
  const events = await read();
  expect(events.find(({ reason }) => reason === 'BackOff')).toMatchObject({ count: 4, message: 'again', source: { component: 'test' }, reportingComponent: 'test' });
});

test('one of two candidates leads, and the other takes over when it stops', async () => {
  const stops = [new AbortController(), new AbortController()] as const;
  const electors = ['a', 'b'].map((identity) => new LeaderElector({ ...dependencies(), lease: { namespace: 'kube-system', name: 'test' }, identity, retryPeriod: 100, renewDeadline: 100_000, leaseDuration: 150_000 }));
  // Nobody loses the lease because the machine is busy: it changes hands only where it is released.
  const runs = electors.map((elector, at) => elector.run((signal) => systemClock.sleep(3_600_000, signal), stops[at]!.signal));
  await eventually('one leads', () => electors.some((elector) => elector.isLeader()));
  const leading = electors.findIndex((elector) => elector.isLeader());
  await eventually('the other has seen it', () => electors[1 - leading]!.leader === ['a', 'b'][leading]);
  expect(electors.filter((elector) => elector.isLeader())).toHaveLength(1);
  stops[leading]!.abort();
  await eventually('the other leads', () => electors[1 - leading]!.isLeader());
  expect((await client.get(Leases, 'test', 'kube-system')).spec).toMatchObject({ holderIdentity: ['a', 'b'][1 - leading], leaseTransitions: 1 });
  stops[1 - leading]!.abort();
  await Promise.all(runs);
});

test('an informer whose connection was cut goes on where it was, deletes included', async () => {
  const network = await flakyNetwork(api.serving.port);
  const remote = new RestClient({ ...clientConfigOf(api), servers: [`https://127.0.0.1:${network.port}`] }, { component: 'test', clock: systemClock });
  const stop = new AbortController();
  const factory = new InformerFactoryImpl({ ...dependencies(), client: remote });
  const informer = factory.informer(ConfigMaps, { namespace: 'cut' });
  await client.create(ConfigMaps, draft('kept', 'cut'));
  await client.create(ConfigMaps, draft('gone', 'cut'));
  factory.start(stop.signal);
  await factory.synced();
  const seen: string[] = [];
  informer.addHandler({ added: ({ metadata }, initial) => !initial && seen.push(`+${metadata.name}`), deleted: ({ metadata }) => seen.push(`-${metadata.name}`) });
  network.cut();
  await client.delete(ConfigMaps, 'gone', 'cut');
  await client.create(ConfigMaps, draft('new', 'cut'));
  await systemClock.sleep(300);
  expect(seen).toEqual([]);
  network.restore();
  await eventually('the informer has caught up', () => seen.length === 2);
  expect(seen).toEqual(['-gone', '+new']);
  expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['kept', 'new']);
  stop.abort();
  await factory.ended();
  remote.close();
  await network.close();
});

test('of two servers, one of which is away, the other is used, for writes too', async () => {
  const network = await flakyNetwork(api.serving.port);
  const [server] = clientConfigOf(api).servers;
  const both = new RestClient({ ...clientConfigOf(api), servers: [`https://127.0.0.1:${network.port}`, server!] }, { component: 'test', clock: systemClock });
  await both.create(ConfigMaps, draft('one', 'servers'));
  await network.close();
  await both.get(ConfigMaps, 'one', 'servers');
  await both.create(ConfigMaps, draft('two', 'servers'));
  expect((await both.list(ConfigMaps, { namespace: 'servers' })).items.map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
  both.close();
});

import { CronJobs, Events, Jobs, Leases, Nodes, Pods, ReplicaSets, StatefulSets } from '../../client/resources.ts';
import { formatTime, systemClock } from '../../process/clock.ts';
import { type ControlPlane, eventually as within, startControlPlane } from '../rig/controlPlane.ts';
import { addNodes } from '../rig/handKubelet.ts';
import { type Elected, startElected } from './elected.ts';

/** Long enough for a leader on a busy machine to keep its lease. */
const LEASE_TIMES = { leaseDuration: 6000, renewDeadline: 4000, retryPeriod: 800 };
const eventually = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => within(what, look, 60);
let plane: ControlPlane;
const started: Elected[] = [];

beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false, controllers: ['serviceaccount-controller', 'node-lifecycle-controller'] });
  await plane.run('wait --for=create serviceaccount/default --timeout=10s');
  await addNodes(plane.client, ['n1', 'n2', 'n3', 'n4']);
});
afterEach(async () => {
  for (const each of started.splice(0)) await each.close();
});
afterAll(() => plane.close(), 30_000);

async function start(component: 'controller-manager' | 'scheduler', identity: string, leaderElect = true): Promise<Elected> {
  const elected = await startElected(await plane.connectAs(`system:kube-${component}`), { component, identity, leaderElect, leaseTimes: LEASE_TIMES, controllers: ['*', '-node-lifecycle-controller'] });
  started.push(elected);
  return elected;
}

async function leads(component: string, identity: string): Promise<void> {
  await eventually(`${identity} leads`, async () => {
    const lease = (await plane.client.list(Leases, { namespace: 'kube-system', fieldSelector: `metadata.name=kube-${component}` })).items[0];
    return lease?.spec?.holderIdentity === identity ? true : undefined;
  });
}

/** What an ex-leader may still write: it tries for the lease, asks for tokens, and says that it has stopped leading. */
const isHarmless = (what: string): boolean => /\/leases|\/token$|\/namespaces\/kube-system\/events/.test(what);
const writesSince = (elected: Elected, time: number): string[] => elected.writes.filter(({ at, what }) => at > time && !isHarmless(what)).map(({ what }) => what);
const countOf = (elected: Elected, what: RegExp): number => elected.writes.filter((write) => what.test(write.what)).length;
const meta = (name: string) => ({ name, namespace: 'default' });
const template = (app: string) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'app' }] } });
const podsOf = async (app: string) => (await plane.client.list(Pods, { namespace: 'default', labelSelector: `app=${app}` })).items;

/** Stops the leader in the midst of its work until another one has taken over and done it, then lets it go on; gives what it wrote from then on. */
async function pause(leader: Elected, takenOver: () => Promise<void>): Promise<string[]> {
  leader.signal('SIGSTOP');
  const pausedAt = performance.now();
  await takenOver();
  expect(performance.now() - pausedAt).toBeGreaterThan(LEASE_TIMES.renewDeadline);
  const resumedAt = performance.now();
  leader.signal('SIGCONT');
  await systemClock.sleep(4000);
  // What it had handed to the kernel before is sent all the same, but long before its deadline.
  expect(leader.writes.filter(({ at }) => at > pausedAt + LEASE_TIMES.renewDeadline && at < resumedAt)).toEqual([]);
  return writesSince(leader, resumedAt);
}

test('a controller manager that was paused longer than its lease writes nothing after it, and can lead again', async () => {
  const first = await start('controller-manager', 'manager-1');
  await leads('controller-manager', 'manager-1');
  const second = await start('controller-manager', 'manager-2');
  await plane.client.create(ReplicaSets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: meta('many'), spec: { replicas: 250, selector: { matchLabels: { app: 'many' } }, template: template('many') } });
  await eventually('it is in the midst of it', async () => (countOf(first, /^POST .*\/namespaces\/default\/pods$/) > 60 ? true : undefined));
  const late = await pause(first, async () => {
    await leads('controller-manager', 'manager-2');
    await eventually('250 pods', async () => ((await podsOf('many')).length === 250 ? true : undefined));
  });
  expect(countOf(second, /^POST .*\/namespaces\/default\/pods$/)).toBeGreaterThan(0);
  expect(late).toEqual([]);
  expect(await podsOf('many')).toHaveLength(250);
  expect([countOf(first, /^DELETE/), countOf(second, /^DELETE/)]).toEqual([0, 0]);

  await second.close();
  await leads('controller-manager', 'manager-1');
  await plane.run('scale replicaset many --replicas=5');
  await eventually('five are left', async () => ((await podsOf('many')).length === 5 ? true : undefined));
  await plane.run('delete replicaset many');
  await eventually('none is left', async () => ((await podsOf('many')).length === 0 ? true : undefined));
}, 240_000);

test('a scheduler that was paused longer than its lease binds nothing after it', async () => {
  const first = await start('scheduler', 'scheduler-1');
  await leads('scheduler', 'scheduler-1');
  const second = await start('scheduler', 'scheduler-2');
  const make = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 1) await plane.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${at}`, namespace: 'default', labels: { app: 'bound' } }, spec: template('bound').spec });
  };
  const making = Promise.all([make(0, 100), make(100, 200), make(200, 250)]);
  await eventually('it is in the midst of it', async () => (countOf(first, /\/binding$/) > 100 ? true : undefined));
  const late = await pause(first, async () => {
    await making;
    await leads('scheduler', 'scheduler-2');
    await eventually('all pods are bound', async () => ((await podsOf('bound')).every(({ spec }) => spec?.nodeName) ? true : undefined));
  });
  expect(countOf(second, /\/binding$/)).toBeGreaterThan(0);
  expect(late).toEqual([]);
  const scheduled = (await plane.client.list(Events, { namespace: 'default', fieldSelector: 'reason=Scheduled' })).items.map(({ involvedObject }) => involvedObject.name);
  expect(new Set(scheduled).size).toBe(scheduled.length);
}, 240_000);

test('two leaders at once, which must not be, do no harm: what has an identity is there once, other surplus goes', async () => {
  await start('controller-manager', 'both-1', false);
  await start('controller-manager', 'both-2', false);
  const nodes = Array.from({ length: 40 }, (_, at) => `m${at}`);
  await Promise.all(nodes.map((name) => plane.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name } })));
  const selector = (app: string) => ({ matchLabels: { app } });
  await plane.client.create(Jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: meta('indexed'), spec: { completionMode: 'Indexed', completions: 30, parallelism: 30, template: { ...template('indexed'), spec: { ...template('indexed').spec, restartPolicy: 'Never' } } } });
  await plane.client.create(StatefulSets, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: meta('db'), spec: { serviceName: 'db', replicas: 10, podManagementPolicy: 'Parallel', selector: selector('db'), template: template('db') } });
  await plane.client.create(ReplicaSets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: meta('web'), spec: { replicas: 40, selector: selector('web'), template: template('web') } });
  const jobTemplate = { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'app' }] } } } };
  await plane.client.create(CronJobs, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta('often'), spec: { schedule: '*/5 * * * *', jobTemplate } });
  // A run that was missed is made up for at once.
  await plane.client.patch(CronJobs, 'often', 'default', 'application/merge-patch+json', { status: { lastScheduleTime: formatTime(Date.now() - 600_000) } }, 'status');

  const indexes = async (): Promise<(string | undefined)[]> => (await podsOf('indexed')).map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index']);
  await eventually('all indexes are there', async () => ((await indexes()).length >= 30 ? true : undefined));
  await eventually('the run is there', async () => ((await plane.client.list(Jobs, { namespace: 'default' })).items.some(({ metadata }) => metadata.name.startsWith('often-')) ? true : undefined));
  await eventually('40 of web', async () => ((await podsOf('web')).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length === 40 ? true : undefined));
  const subnets = await eventually('all nodes have subnets', async () => {
    const found = (await plane.client.list(Nodes)).items.flatMap(({ spec }) => spec?.podCIDR ?? []);
    return found.length === nodes.length + 4 ? found : undefined;
  });
  expect(new Set(subnets).size).toBe(subnets.length);
  const freed = (await plane.client.get(Nodes, 'm7')).spec?.podCIDR;
  await plane.client.delete(Nodes, 'm7');
  await plane.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'late' } });
  expect(await eventually('the new node has a subnet', async () => (await plane.client.get(Nodes, 'late')).spec?.podCIDR)).toBe(freed);
  await systemClock.sleep(1500);
  expect((await indexes()).map(Number).sort((left, right) => left - right)).toEqual(Array.from({ length: 30 }, (_, at) => at));
  expect((await podsOf('db')).map(({ metadata }) => metadata.name).sort()).toEqual(Array.from({ length: 10 }, (_, at) => `db-${at}`).sort());
  expect((await podsOf('web')).filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toHaveLength(40);
  expect((await plane.client.list(Jobs, { namespace: 'default' })).items.filter(({ metadata }) => metadata.name.startsWith('often-'))).toHaveLength(1);
}, 240_000);

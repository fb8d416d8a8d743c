import { CronJobs, Events, Jobs, Leases, Nodes, Pods, ReplicaSets, StatefulSets } from '../../client/resources.ts';
import { formatTime, systemClock } from '../../process/clock.ts';
import { type ControlPlane, eventually as within, startControlPlane } from '../rig/controlPlane.ts';
import { addNodes } from '../rig/handKubelet.ts';
import { type Elected, startElected } from './elected.ts';

/** Kubernetes' own, long enough for a leader on a busy machine to keep its lease. */
const LEASE_TIMES = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 1000 };
const eventually = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => within(what, look, 120);
let plane: ControlPlane;
const started: Elected[] = [];

beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false, controllers: ['serviceaccount-controller', 'node-lifecycle-controller'] });
  await plane.run('wait --for=create serviceaccount/default --timeout=90s');
  await addNodes(plane.client, ['n1', 'n2', 'n3', 'n4']);
});
afterEach(async () => {
  for (const each of started.splice(0)) await each.close();
});
afterAll(() => plane.close());

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
  // By its own account, too, it must not lead any more.
  await systemClock.sleep(pausedAt + LEASE_TIMES.renewDeadline + 1000 - performance.now());
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
  // It makes 1, 2, 4, 8 … at a time, each lot when it has the answers to the one before.
  await first.hasWritten(60, /^POST .*\/namespaces\/default\/pods$/);
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
});

test('a scheduler that was paused longer than its lease binds nothing after it', async () => {
  const first = await start('scheduler', 'scheduler-1');
  await leads('scheduler', 'scheduler-1');
  const second = await start('scheduler', 'scheduler-2');
  const make = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 1) await plane.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${at}`, namespace: 'default', labels: { app: 'bound' } }, spec: template('bound').spec });
  };
  const making = Promise.all([make(0, 70), make(70, 140)]);
  await first.hasWritten(60, /\/binding$/);
  const late = await pause(first, async () => {
    await making;
    // However much it had sent before, something is left to be done.
    await make(140, 200);
    await leads('scheduler', 'scheduler-2');
    await eventually('all pods are bound', async () => ((await podsOf('bound')).every(({ spec }) => spec?.nodeName) ? true : undefined));
  });
  expect(countOf(second, /\/binding$/)).toBeGreaterThan(0);
  expect(late).toEqual([]);
  const scheduled = (await plane.client.list(Events, { namespace: 'default', fieldSelector: 'reason=Scheduled' })).items.map(({ involvedObject }) => involvedObject.name);
  expect(new Set(scheduled).size).toBe(scheduled.length);
});

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
  // A run that was missed is made up for at once; the next one is about two weeks away.
  const day = ((new Date().getUTCDate() + 13) % 28) + 1;
  await plane.client.create(CronJobs, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta('often'), spec: { schedule: `0 0 ${day} * *`, timeZone: 'Etc/UTC', jobTemplate } });
  await plane.client.patch(CronJobs, 'often', 'default', 'application/merge-patch+json', { status: { lastScheduleTime: formatTime(Date.now() - 40 * 86_400_000) } }, 'status');

  const indexes = async (): Promise<(string | undefined)[]> => (await podsOf('indexed')).map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index']);
  const runs = async (): Promise<number> => (await plane.client.list(Jobs, { namespace: 'default' })).items.filter(({ metadata }) => metadata.name.startsWith('often-')).length;
  const has40 = async (): Promise<true | undefined> => ((await podsOf('web')).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length === 40 ? true : undefined);
  const each30 = async (): Promise<true | undefined> => ((await indexes()).map(Number).sort((left, right) => left - right).join() === Array.from({ length: 30 }, (_, at) => at).join() ? true : undefined);
  await eventually('all indexes are there, each once', each30);
  await eventually('the run is there', async () => ((await runs()) > 0 ? true : undefined));
  await eventually('40 of web', has40);
  await eventually('10 of db', async () => ((await podsOf('db')).length === 10 ? true : undefined));
  const subnets = await eventually('all nodes have subnets', async () => {
    const found = (await plane.client.list(Nodes)).items.flatMap(({ spec }) => spec?.podCIDR ?? []);
    return found.length === nodes.length + 4 ? found : undefined;
  });
  expect(new Set(subnets).size).toBe(subnets.length);
  const freed = (await plane.client.get(Nodes, 'm7')).spec?.podCIDR;
  await plane.client.delete(Nodes, 'm7');
  await plane.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'late' } });
  expect(await eventually('the new node has a subnet', async () => (await plane.client.get(Nodes, 'late')).spec?.podCIDR)).toBe(freed);
  // What the one makes and the other takes away is level again in the end.
  await systemClock.sleep(1500);
  await eventually('each index once', each30);
  await eventually('still 40 of web', has40);
  expect((await podsOf('db')).map(({ metadata }) => metadata.name).sort()).toEqual(Array.from({ length: 10 }, (_, at) => `db-${at}`).sort());
  expect(await runs()).toBe(1);
});

import type { V1Node, V1Pod } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { Events, Leases, Nodes, Pods } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { type RunningScheduler, start } from '../../scheduler/main.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/controlPlane.ts';

let api: TestApi;
let client: RestClient;
let scheduler: RunningScheduler;
const stop = new AbortController();
beforeAll(async () => {
  api = await startHandlers();
  client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
  scheduler = await start({ kubeconfig: clientConfigOf(api), identity: 'here', healthPort: 0 }, { clock: systemClock, logger: silentLogger, signal: stop.signal });
});
afterAll(async () => {
  stop.abort();
  await scheduler.stopped;
  client.close();
  await api.close();
});

async function addNode(name: string, cpu: string): Promise<void> {
  const node: Draft<V1Node> = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name } } };
  const made = await client.create(Nodes, node);
  await client.updateStatus(Nodes, { ...made, status: { allocatable: { cpu, memory: '8Gi', pods: '110' }, capacity: { cpu, memory: '8Gi', pods: '110' } } });
}

const pod = (name: string, cpu: string): Draft<V1Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'app:1', resources: { requests: { cpu } } }] },
});

const nodeOf = (name: string): Promise<string> => eventually(`${name} has a node`, async () => (await client.get(Pods, name, 'default')).spec?.nodeName);

test('pods get nodes, or the reason why not, and then a node all the same', async () => {
  await addNode('node1', '1');
  await client.create(Pods, pod('web', '500m'));
  expect(await nodeOf('web')).toBe('node1');
  await client.create(Pods, pod('large', '2'));
  const condition = await eventually('the reason', async () => (await client.get(Pods, 'large', 'default')).status?.conditions?.find(({ type }) => type === 'PodScheduled'));
  const message = '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  expect(condition).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
  await addNode('node2', '4');
  expect(await nodeOf('large')).toBe('node2');
  for (const event of ['web Scheduled Successfully assigned default/web to node1', `large FailedScheduling ${message}`, 'large Scheduled Successfully assigned default/large to node2']) {
    await eventually(`the event ${event}`, async () => {
      const { items } = await client.list(Events, { namespace: 'default' });
      return items.find((each) => `${each.involvedObject.name} ${each.reason} ${each.message}` === event);
    });
  }
});

test('a pod that uses a feature waits for a node that has it', async () => {
  const draft = pod('featured', '1m');
  const [container] = draft.spec!.containers;
  const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
  await client.create(Pods, { ...draft, spec: { ...draft.spec!, containers: [{ ...container!, restartPolicy: 'Never', restartPolicyRules }] } });
  const condition = await eventually('the reason', async () => (await client.get(Pods, 'featured', 'default')).status?.conditions?.find(({ type }) => type === 'PodScheduled'));
  expect(condition?.message).toContain("2 node(s) didn't match Pod's required features.");
  await client.patch(Nodes, 'node2', undefined, 'application/merge-patch+json', { status: { declaredFeatures: ['RestartAllContainersOnContainerExits'] } }, 'status');
  expect(await nodeOf('featured')).toBe('node2');
});

test('it leads by the usual lease, and serves health and metrics', async () => {
  expect((await client.get(Leases, 'kube-scheduler', 'kube-system')).spec?.holderIdentity).toBe('here');
  const answer = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${scheduler.healthPort}${path}`)).text();
  expect(await answer('/readyz')).toBe('ok');
  expect(await answer('/metrics')).toMatch(/scheduler_schedule_attempts_total\{result="scheduled",profile="default-scheduler"\} \d/);
});

test('a burst of pods is placed', async () => {
  for (let at = 0; at < 20; at += 1) await addNode(`many-${at}`, '16');
  const names = Array.from({ length: 200 }, (_, at) => `burst-${at}`);
  await Promise.all(names.map((name) => client.create(Pods, pod(name, '100m'))));
  const placed = await eventually('all have nodes', async () => {
    const { items } = await client.list(Pods, { namespace: 'default', resourceVersion: '0' });
    const found = items.filter(({ metadata, spec }) => metadata.name.startsWith('burst-') && spec?.nodeName);
    return found.length === names.length ? found : undefined;
  });
  const nodes = new Set(placed.map(({ spec }) => spec?.nodeName));
  expect(nodes.size).toBeGreaterThanOrEqual(20);
});

test('a more important pod is promised the node of a lesser one, which is ended', async () => {
  await addNode('contested', '100');
  const sized = (name: string, priority: number): Draft<V1Pod> => {
    const draft = pod(name, '90');
    return { ...draft, spec: { ...draft.spec!, priority } };
  };
  await client.create(Pods, sized('lesser', 0));
  expect(await nodeOf('lesser')).toBe('contested');
  await client.create(Pods, sized('greater', 1000));
  const victim = await eventually('the lesser pod ends', async () => {
    const found = await client.get(Pods, 'lesser', 'default');
    return found.metadata.deletionTimestamp === undefined ? undefined : found;
  });
  expect(victim.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: 'default-scheduler: preempting to accommodate a higher priority pod' }));
  expect(await eventually('the promise', async () => (await client.get(Pods, 'greater', 'default')).status?.nominatedNodeName)).toBe('contested');
  // What a kubelet does once the containers have ended.
  await client.delete(Pods, 'lesser', 'default', { gracePeriodSeconds: 0 });
  expect(await nodeOf('greater')).toBe('contested');
});

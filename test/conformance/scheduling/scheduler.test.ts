import type { V1Pod, V1PodSpec } from '../../../api/generated/types.ts';
import { Nodes, Pods, PriorityClasses, ReplicaSets } from '../../../client/resources.ts';
import { ConformanceCluster, MERGE, STRATEGIC } from '../conformanceCluster.ts';

const NODES = ['n1', 'n2'];
let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: NODES });
  for (const [name, value] of [['low-priority', 1], ['medium-priority', 100], ['high-priority', 1000]] as const) {
    await cluster.client.create(PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: `sched-preemption-${name}` }, value });
  }
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const makePod = (name: string, spec: Partial<V1PodSpec> = {}, metadata: object = {}, inside = namespace): Promise<V1Pod> =>
  cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: inside, labels: { name }, ...metadata }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'pause', image: 'pause:3' }], ...spec } });
const runs = (name: string, inside = namespace): Promise<V1Pod> => cluster.until(`${name} runs`, Pods, name, inside, ({ status }) => status?.phase === 'Running');
const isUnschedulable = ({ status }: V1Pod): boolean => status?.conditions?.some(({ type, status: value, reason }) => type === 'PodScheduled' && value === 'False' && reason === 'Unschedulable') ?? false;
const unschedulable = (name: string): Promise<V1Pod> => cluster.until(`${name} finds no node`, Pods, name, namespace, isUnschedulable);
const onNode = (node: string): Partial<V1PodSpec> => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] } } } });
const asks = (resource: string, amount: string): Partial<V1PodSpec> => ({ containers: [{ name: 'pause', image: 'pause:3', resources: { requests: { [resource]: amount }, limits: { [resource]: amount } } }] });
/** As a device plugin's node reports; `null` takes it away. */
async function provide(resource: string, amount: string | null, nodes: readonly string[] = NODES): Promise<void> {
  for (const node of nodes) await cluster.client.patch(Nodes, node, undefined, MERGE, { status: { capacity: { [resource]: amount }, allocatable: { [resource]: amount } } }, 'status');
}

describe('SchedulerPredicates', () => {
  test('validates resource limits of pods that are allowed to run', async () => {
    for (const node of NODES) await makePod(`filler-${node}`, { ...onNode(node), ...asks('cpu', '2800m') });
    for (const node of NODES) await runs(`filler-${node}`);
    await makePod('additional-pod', asks('cpu', '2800m'));
    const pod = await unschedulable('additional-pod');
    expect(pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toMatch(/^0\/2 nodes are available: 2 Insufficient cpu\./);
    await cluster.client.delete(Pods, 'filler-n1', namespace);
    await runs('additional-pod');
    await cluster.deleteCollection(Pods, namespace, 'name');
    await cluster.untilCount(Pods, 0, { namespace });
  });

  test('validates that NodeSelector is respected if not matching', async () => {
    await makePod('restricted-pod', { nodeSelector: { label: 'nonempty' } });
    const pod = await unschedulable('restricted-pod');
    expect(pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toMatch(/^0\/2 nodes are available: 2 node\(s\) didn't match Pod's node affinity\/selector\./);
    await cluster.client.delete(Pods, 'restricted-pod', namespace);
  });

  test('validates that NodeSelector is respected if matching', async () => {
    await cluster.client.patch(Nodes, 'n2', undefined, MERGE, { metadata: { labels: { 'kubernetes.io/e2e-label': '42' } } });
    await makePod('with-labels', { nodeSelector: { 'kubernetes.io/e2e-label': '42' } });
    expect((await runs('with-labels')).spec?.nodeName).toBe('n2');
    await cluster.client.patch(Nodes, 'n2', undefined, MERGE, { metadata: { labels: { 'kubernetes.io/e2e-label': null } } });
  });

  const withHostPort = (hostIP: string, protocol: string): Partial<V1PodSpec> => ({ nodeSelector: { 'kubernetes.io/hostname': 'n1' }, containers: [{ name: 'agnhost', image: 'agnhost:2', ports: [{ hostPort: 54321, containerPort: 8080, protocol, hostIP }] }] });

  test('validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP', async () => {
    await makePod('pod4', withHostPort('', 'TCP'));
    await runs('pod4');
    await makePod('pod5', withHostPort('10.0.0.1', 'TCP'));
    const pod = await unschedulable('pod5');
    expect(pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toMatch(/1 node\(s\) didn't have free ports for the requested pod ports/);
    await cluster.deleteCollection(Pods, namespace, 'name');
    await cluster.untilCount(Pods, 0, { namespace });
  });

  test('HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol', async () => {
    await makePod('pod1', withHostPort('127.0.0.1', 'TCP'));
    await makePod('pod2', withHostPort('10.0.0.1', 'TCP'));
    await makePod('pod3', withHostPort('10.0.0.1', 'UDP'));
    for (const name of ['pod1', 'pod2', 'pod3']) expect((await runs(name)).spec?.nodeName).toBe('n1');
  });
});

describe('SchedulerPreemption', () => {
  const RESOURCE = 'scheduling.k8s.io/foo';
  /** A victim on the first node, of low priority, and one of medium priority on the second. */
  async function occupy(): Promise<void> {
    await provide(RESOURCE, '3');
    for (const [index, node] of NODES.entries()) {
      const priorityClassName = `sched-preemption-${index === 0 ? 'low' : 'medium'}-priority`;
      await makePod(`pod${index}`, { ...onNode(node), ...asks(RESOURCE, '2'), priorityClassName });
    }
    for (const index of NODES.keys()) await runs(`pod${index}`);
  }
  async function onlyTheLowOneWent(): Promise<void> {
    const low = await cluster.find(Pods, 'pod0', namespace);
    expect(low === undefined || low.metadata.deletionTimestamp !== undefined).toBe(true);
    expect((await cluster.client.get(Pods, 'pod1', namespace)).metadata.deletionTimestamp).toBeUndefined();
  }
  async function vacate(): Promise<void> {
    await cluster.deleteCollection(Pods, namespace, 'name');
    await cluster.untilCount(Pods, 0, { namespace });
    await provide(RESOURCE, null);
  }

  test('validates basic preemption works', async () => {
    await occupy();
    await makePod('preemptor-pod', { ...asks(RESOURCE, '2'), priorityClassName: 'sched-preemption-high-priority' });
    await runs('preemptor-pod');
    await onlyTheLowOneWent();
    await vacate();
  });

  test('validates lower priority pod preemption by critical pod', async () => {
    await occupy();
    await makePod('critical-pod', { ...asks(RESOURCE, '2'), priorityClassName: 'system-cluster-critical' }, {}, 'kube-system');
    await runs('critical-pod', 'kube-system');
    await onlyTheLowOneWent();
    await cluster.client.delete(Pods, 'critical-pod', 'kube-system', { gracePeriodSeconds: 0 });
    await vacate();
  });

  test('validates pod disruption condition is added to the preempted pod', async () => {
    await provide(RESOURCE, '1', ['n1']);
    await makePod('victim-pod', { ...onNode('n1'), ...asks(RESOURCE, '1'), priorityClassName: 'sched-preemption-low-priority' }, { finalizers: ['example.com/test-finalizer'] });
    await runs('victim-pod');
    await makePod('preemptor-pod', { ...onNode('n1'), ...asks(RESOURCE, '1'), priorityClassName: 'sched-preemption-high-priority' });
    const victim = await cluster.until('the victim is marked', Pods, 'victim-pod', namespace, ({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(victim.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'PreemptionByScheduler', message: 'default-scheduler: preempting to accommodate a higher priority pod' });
    await cluster.update(Pods, 'victim-pod', namespace, ({ metadata }) => {
      delete metadata.finalizers;
    });
    await cluster.untilGone(Pods, 'victim-pod', namespace);
    await runs('preemptor-pod');
    await vacate();
  });

  test('PreemptionExecutionPath runs ReplicaSets to verify preemption running path', async () => {
    const resource = 'example.com/fakecpu';
    await provide(resource, '1000', ['n1']);
    for (const value of [1, 2, 3, 4]) await cluster.client.create(PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: `p${value}` }, value });
    const makeSet = (n: number, replicas: number, amount: string) => {
      const labels = { name: `pod${n}` };
      const spec: V1PodSpec = { terminationGracePeriodSeconds: 0, nodeSelector: { 'kubernetes.io/hostname': 'n1' }, priorityClassName: `p${n}`, ...asks(resource, amount) } as V1PodSpec;
      return cluster.client.create(ReplicaSets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: `rs-pod${n}`, namespace }, spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } } });
    };
    // 950 of 1,000 are taken; the last one takes what the first two gave.
    const watch = await cluster.watch(Pods, { namespace });
    for (const [n, replicas, amount] of [[1, 1, '200'], [2, 1, '300'], [3, 1, '450']] as const) {
      await makeSet(n, replicas, amount);
      await cluster.until(`rs-pod${n} runs`, ReplicaSets, `rs-pod${n}`, namespace, ({ status }) => status?.availableReplicas === replicas);
    }
    await makeSet(4, 1, '500');
    await cluster.until('rs-pod4 runs', ReplicaSets, 'rs-pod4', namespace, ({ status }) => status?.availableReplicas === 1);
    // The least important ones went, each once, and wait in vain; the third set is not touched.
    const expected = { 'rs-pod1': 2, 'rs-pod2': 2, 'rs-pod3': 1, 'rs-pod4': 1 };
    const seen: Record<string, number> = {};
    const count = ({ metadata }: V1Pod): void => {
      const set = metadata.name.replace(/-[^-]+$/, '');
      seen[set] = (seen[set] ?? 0) + 1;
    };
    let left = Object.values(expected).reduce((sum, each) => sum + each, 0);
    await watch.next('ADDED', (pod) => {
      count(pod);
      left -= 1;
      return left === 0;
    });
    await expect(
      watch.next('ADDED', (pod) => {
        count(pod);
        return false;
      }, 1),
    ).rejects.toThrow('not within');
    expect(seen).toEqual(expected);
    for (const n of [1, 2, 3, 4]) await cluster.client.delete(ReplicaSets, `rs-pod${n}`, namespace);
  });

  test('PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods', async () => {
    const classes = [];
    for (const value of [1, 2]) {
      const name = `endpoints-p${value}`;
      classes.push(await cluster.client.create(PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value }));
    }
    for (const { metadata, value } of classes) {
      const { name } = metadata;
      // Immutable fields, by PATCH and by PUT.
      const message = `PriorityClass.scheduling.k8s.io "${name}" is invalid: value: Forbidden: may not be changed in an update.`;
      await expect(cluster.client.patch(PriorityClasses, name, undefined, STRATEGIC, { value: value! * 10 })).rejects.toMatchObject({ reason: 'Invalid', message });
      await expect(cluster.update(PriorityClasses, name, undefined, (each) => void (each.value = value! * 10))).rejects.toMatchObject({ reason: 'Invalid', message });
      const description = 'patched description';
      expect(await cluster.client.patch(PriorityClasses, name, undefined, STRATEGIC, { description })).toMatchObject({ description });
      expect(await cluster.update(PriorityClasses, name, undefined, (each) => void (each.description = 'updated description'))).toMatchObject({ description: 'updated description' });
    }
    const { items } = await cluster.client.list(PriorityClasses);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['endpoints-p1', 'endpoints-p2', 'system-node-critical', 'system-cluster-critical']));
  });
});

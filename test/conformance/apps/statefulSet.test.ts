import type { V1Pod, V1Scale, V1StatefulSet, V1StatefulSetSpec } from '../../../api/generated/types.ts';
import type { Draft } from '../../../api/meta.ts';
import { Pods, Services, StatefulSets } from '../../../client/resources.ts';
import { ignoreReasons } from '../../../controllers/expectedErrors.ts';
import { formatTime, systemClock } from '../../../process/clock.ts';
import type { PodOutcome } from '../../rig/handKubelet.ts';
import { ConformanceCluster, MERGE, STRATEGIC } from '../conformanceCluster.ts';

const LABELS = { foo: 'bar', baz: 'blah' };
const SELECTOR = 'foo=bar,baz=blah';
const REVISION_LABEL = 'controller-revision-hash';
let outcome: (pod: V1Pod) => PodOutcome = () => 'runs';
let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1', 'n2'], outcome: (pod) => outcome(pod) });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  outcome = () => 'runs';
  namespace = await cluster.namespace();
  await cluster.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'test', namespace }, spec: { clusterIP: 'None', selector: LABELS, ports: [{ name: 'http', port: 80 }] } });
});

async function makeSet(name: string, replicas: number, spec: Partial<V1StatefulSetSpec> = {}, labels: Record<string, string> = LABELS): Promise<V1StatefulSet> {
  const draft: Draft<V1StatefulSet> = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace },
    spec: { serviceName: 'test', replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'webserver', image: 'httpd:1' }] } }, ...spec },
  };
  return cluster.client.create(StatefulSets, draft);
}
const change = (name: string, act: (spec: V1StatefulSetSpec) => void): Promise<V1StatefulSet> => cluster.update(StatefulSets, name, namespace, ({ spec }) => act(spec!));
const scaleTo = (name: string, replicas: number): Promise<V1StatefulSet> =>
  change(name, (spec) => {
    spec.replicas = replicas;
  });
const readyReplicas = (name: string, count: number): Promise<V1StatefulSet> => cluster.until(`${count} are ready`, StatefulSets, name, namespace, ({ status }) => (status?.readyReplicas ?? 0) === count);
const thrice = <T>(value: T): readonly T[] => [value, value, value];
/** Image and revision of each pod, by its ordinal. */
async function versions(name: string): Promise<readonly (readonly [string | undefined, string | undefined])[]> {
  const pods = await cluster.client.list(Pods, { namespace, labelSelector: SELECTOR });
  const byOrdinal = [...pods.items].sort((left, right) => left.metadata.name.localeCompare(right.metadata.name)).filter(({ metadata }) => metadata.name.startsWith(`${name}-`));
  return byOrdinal.map((pod) => [pod.spec?.containers[0]?.image, pod.metadata.labels?.[REVISION_LABEL]] as const);
}
/** What a broken or mended probe makes of pods that run. */
async function setReady(name: string, status: 'True' | 'False'): Promise<void> {
  const pods = await cluster.client.list(Pods, { namespace, labelSelector: SELECTOR });
  const condition = { type: 'Ready', status, lastTransitionTime: formatTime(systemClock.now()) };
  for (const { metadata } of pods.items) {
    // The last that is unhealthy may go at once when a smaller number is wanted.
    await ignoreReasons(['NotFound'], () => cluster.client.patch(Pods, metadata.name, namespace, STRATEGIC, { status: { conditions: [condition] } }, 'status'));
  }
  if (status === 'False') await readyReplicas(name, 0);
}
/** For a second the number of pods stays the same. */
async function staysAt(count: number): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    expect((await cluster.client.list(Pods, { namespace, labelSelector: SELECTOR })).items).toHaveLength(count);
    await systemClock.sleep(100);
  }
}
const rolledOut = (name: string): Promise<V1StatefulSet> =>
  cluster.until('the update is done', StatefulSets, name, namespace, ({ metadata, spec, status }) => status?.observedGeneration === metadata.generation && status?.updateRevision === status?.currentRevision && status?.readyReplicas === spec?.replicas);

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications', async () => {
  await makeSet('ss2', 3);
  await cluster.runningPods(namespace, SELECTOR, 3);
  const first = await rolledOut('ss2');
  const old = first.status!.currentRevision;
  expect(first.status?.updateRevision).toBe(old);
  expect(await versions('ss2')).toEqual(thrice(['httpd:1', old]));

  const { metadata } = await cluster.client.list(Pods, { namespace });
  const watch = await cluster.watch(Pods, { namespace, resourceVersion: metadata.resourceVersion ?? '' });
  await change('ss2', (spec) => void (spec.template.spec!.containers[0]!.image = 'httpd:2'));
  const during = await cluster.until('a new revision', StatefulSets, 'ss2', namespace, ({ status }) => status?.updateRevision !== old);
  // From the last to the first.
  const order: string[] = [];
  await watch.next('ADDED', (pod) => order.push(pod.metadata.name) === 3);
  expect(order).toEqual(['ss2-2', 'ss2-1', 'ss2-0']);
  const second = await rolledOut('ss2');
  expect(second.status?.currentRevision).toBe(during.status?.updateRevision);
  expect(await versions('ss2')).toEqual(thrice(['httpd:2', second.status?.currentRevision]));

  await change('ss2', (spec) => void (spec.template.spec!.containers[0]!.image = 'httpd:1'));
  await cluster.until('the former revision', StatefulSets, 'ss2', namespace, ({ status }) => status?.updateRevision === old);
  const back = await rolledOut('ss2');
  expect(back.status?.currentRevision).toBe(old);
  expect(await versions('ss2')).toEqual(thrice(['httpd:1', old]));
});

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates and phased rolling updates of template modifications', async () => {
  const partition = (at: number): Partial<V1StatefulSetSpec> => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: at } } });
  await makeSet('ss2', 3, partition(3));
  await cluster.runningPods(namespace, SELECTOR, 3);
  const old = (await rolledOut('ss2')).status!.currentRevision;
  await change('ss2', (spec) => void (spec.template.spec!.containers[0]!.image = 'httpd:2'));
  const { status } = await cluster.until('a new revision', StatefulSets, 'ss2', namespace, (each) => each.status?.updateRevision !== old);
  const next = status!.updateRevision;
  expect(status?.currentRevision).toBe(old);
  // Not applying an update when the partition is greater than the number of replicas.
  expect(await versions('ss2')).toEqual(thrice(['httpd:1', old]));
  const expected = (updatedFrom: number) => [0, 1, 2].map((ordinal) => (ordinal < updatedFrom ? ['httpd:1', old] : ['httpd:2', next]));
  const reach = async (updatedFrom: number): Promise<void> => {
    await cluster.until(`pods from ${updatedFrom} on are updated`, StatefulSets, 'ss2', namespace, (each) => each.status?.updatedReplicas === 3 - updatedFrom && each.status.readyReplicas === 3);
    expect(await versions('ss2')).toEqual(expected(updatedFrom));
  };

  await change('ss2', (spec) => void Object.assign(spec, partition(2)));
  await reach(2);
  // Restoring Pods to the correct revision when they are deleted.
  const before = await cluster.client.list(Pods, { namespace, labelSelector: SELECTOR });
  await Promise.all(['ss2-0', 'ss2-2'].map((name) => cluster.client.delete(Pods, name, namespace)));
  for (const pod of before.items) {
    if (pod.metadata.name === 'ss2-1') continue;
    await cluster.until(`${pod.metadata.name} is there again`, Pods, pod.metadata.name, namespace, (each) => each.metadata.uid !== pod.metadata.uid && each.status?.phase === 'Running');
  }
  await readyReplicas('ss2', 3);
  expect(await versions('ss2')).toEqual(expected(2));
  // Performing a phased rolling update.
  for (const at of [1, 0]) {
    await change('ss2', (spec) => void Object.assign(spec, partition(at)));
    await reach(at);
  }
  expect((await rolledOut('ss2')).status?.currentRevision).toBe(next);
});

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Scaling should happen in predictable order and halt if any stateful pod is unhealthy', async () => {
  const watch = await cluster.watch(Pods, { namespace, labelSelector: SELECTOR });
  await makeSet('ss', 1);
  await cluster.runningPods(namespace, SELECTOR, 1);
  await readyReplicas('ss', 1);
  await setReady('ss', 'False');
  await scaleTo('ss', 3);
  await staysAt(1);
  await setReady('ss', 'True');
  await cluster.runningPods(namespace, SELECTOR, 3);
  const added: string[] = [];
  await watch.next('ADDED', ({ metadata }) => added.push(metadata.name) === 3);
  expect(added).toEqual(['ss-0', 'ss-1', 'ss-2']);

  await readyReplicas('ss', 3);
  await setReady('ss', 'False');
  await scaleTo('ss', 0);
  await staysAt(3);
  await setReady('ss', 'True');
  const removed: string[] = [];
  await watch.next('DELETED', ({ metadata }) => removed.push(metadata.name) === 3);
  expect(removed).toEqual(['ss-2', 'ss-1', 'ss-0']);
});

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Burst scaling should run to completion even with unhealthy pods', async () => {
  await makeSet('ss', 1, { podManagementPolicy: 'Parallel' });
  await cluster.runningPods(namespace, SELECTOR, 1);
  await readyReplicas('ss', 1);
  await setReady('ss', 'False');
  await scaleTo('ss', 3);
  await cluster.untilCount(Pods, 3, { namespace, labelSelector: SELECTOR });
  await setReady('ss', 'True');
  await cluster.runningPods(namespace, SELECTOR, 3);
  await readyReplicas('ss', 3);
  await setReady('ss', 'False');
  await scaleTo('ss', 0);
  await cluster.untilCount(Pods, 0, { namespace, labelSelector: SELECTOR });
  await cluster.until('none is left', StatefulSets, 'ss', namespace, ({ status }) => status?.replicas === 0);
});

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset', async () => {
  // As a kubelet would, which refuses the pod for its host port.
  outcome = () => 'fails';
  await makeSet('ss', 1);
  const watch = await cluster.watch(Pods, { namespace, fieldSelector: 'metadata.name=ss-0' });
  const { metadata } = await watch.next('DELETED');
  outcome = () => 'runs';
  await cluster.until('ss-0 runs', Pods, 'ss-0', namespace, (pod) => pod.status?.phase === 'Running' && pod.metadata.uid !== metadata.uid);
});

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource', async () => {
  await makeSet('ss', 1);
  await readyReplicas('ss', 1);
  const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/ss/scale`;
  const scale = await cluster.json<V1Scale>('GET', path);
  expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } });
  const { resourceVersion: _, ...metadata } = scale.metadata;
  expect(await cluster.json('PUT', path, { ...scale, metadata, spec: { replicas: 2 } })).toMatchObject({ spec: { replicas: 2 } });
  expect((await cluster.client.get(StatefulSets, 'ss', namespace)).spec?.replicas).toBe(2);
  await cluster.json('PATCH', path, { metadata: {}, spec: { replicas: 4 }, status: { replicas: 0 } }, STRATEGIC);
  expect((await cluster.client.get(StatefulSets, 'ss', namespace)).spec?.replicas).toBe(4);
});

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets', async () => {
  await makeSet('test-ss', 1);
  await readyReplicas('test-ss', 1);
  // The upstream test writes this field's name with a capital, which the server ignores.
  const patch = { metadata: { labels: { 'test-ss': 'patched' } }, spec: { replicas: 2, template: { spec: { TerminationGracePeriodSeconds: 1, containers: [{ name: 'webserver', image: 'pause:3' }] } } } };
  const patched = await cluster.client.patch(StatefulSets, 'test-ss', namespace, STRATEGIC, patch);
  expect(patched.spec).toMatchObject({ replicas: 2, template: { spec: { terminationGracePeriodSeconds: 0, containers: [{ image: 'pause:3' }] } } });
  await cluster.runningPods(namespace, SELECTOR, 2);
  expect((await cluster.client.list(StatefulSets, { labelSelector: 'test-ss=patched' })).items).toHaveLength(1);
  await cluster.deleteCollection(StatefulSets, namespace, 'test-ss=patched', { gracePeriodSeconds: 1 });
  expect((await cluster.client.list(StatefulSets, { labelSelector: 'test-ss=patched' })).items).toHaveLength(0);
});

test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints', async () => {
  const watch = await cluster.watch(StatefulSets, { namespace, labelSelector: 'e2e=testing' });
  await makeSet('ss', 1);
  await readyReplicas('ss', 1);
  await cluster.client.patch(StatefulSets, 'ss', namespace, STRATEGIC, { metadata: { labels: { e2e: 'testing' } } });
  expect((await cluster.subresource(StatefulSets, 'ss', namespace, 'status')).status?.readyReplicas).toBe(1);
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await cluster.update(StatefulSets, 'ss', namespace, ({ status }) => void (status!.conditions ??= []).push(condition), 'status');
  await watch.next('MODIFIED', ({ status }) => status?.conditions?.some((each) => each.type === 'StatusUpdate' && each.message === 'Set from e2e test') ?? false);
  await cluster.client.patch(StatefulSets, 'ss', namespace, MERGE, { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } }, 'status');
  await watch.next('MODIFIED', ({ status }) => status?.conditions?.some(({ type }) => type === 'StatusPatched') ?? false);
});

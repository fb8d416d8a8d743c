import type { V1Deployment, V1PodSpec, V1ReplicaSet, V1Scale } from '../../../api/generated/types.ts';
import type { Draft } from '../../../api/meta.ts';
import { Deployments, Pods, ReplicaSets } from '../../../client/resources.ts';
import { ConformanceCluster, EventLog, MERGE, STRATEGIC } from '../conformanceCluster.ts';

const REVISION = 'deployment.kubernetes.io/revision';
let cluster: ConformanceCluster;
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1', 'n2'] });
});
afterAll(() => cluster.close());

const podSpec = (container: string, image: string): V1PodSpec => ({ terminationGracePeriodSeconds: 0, containers: [{ name: container, image }] });

async function makeDeployment(namespace: string, name: string, labels: Record<string, string>, replicas: number, image: string, spec: Partial<NonNullable<V1Deployment['spec']>> = {}, container = 'httpd'): Promise<V1Deployment> {
  const draft: Draft<V1Deployment> = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec(container, image) }, ...spec },
  };
  return cluster.client.create(Deployments, draft);
}

async function makeReplicaSet(namespace: string, name: string, labels: Record<string, string>, annotations: Record<string, string> = {}): Promise<V1ReplicaSet> {
  const draft: Draft<V1ReplicaSet> = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace, labels, annotations },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec('httpd', 'httpd:2') } },
  };
  return cluster.client.create(ReplicaSets, draft);
}

const isComplete = ({ metadata, spec, status }: V1Deployment): boolean => {
  const wanted = spec?.replicas;
  return status?.updatedReplicas === wanted && status?.replicas === wanted && status?.availableReplicas === wanted && (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
};
const complete = (namespace: string, name: string): Promise<V1Deployment> => cluster.until(`${name} is complete`, Deployments, name, namespace, isComplete);
const atRevision = async (namespace: string, name: string, revision: string, image: string): Promise<void> => {
  const has = (object: V1Deployment | V1ReplicaSet): boolean => object.metadata.annotations?.[REVISION] === revision && object.spec?.template?.spec?.containers[0]?.image === image;
  await cluster.until(`${name} has revision ${revision}`, Deployments, name, namespace, has);
  const { items } = await cluster.client.list(ReplicaSets, { namespace });
  expect(items.some((set) => set.metadata.ownerReferences?.[0]?.name === name && has(set))).toBe(true);
};
const setsOf = async (namespace: string, deployment: string): Promise<readonly V1ReplicaSet[]> =>
  (await cluster.client.list(ReplicaSets, { namespace })).items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === deployment);
const setImage = (namespace: string, name: string, image: string, container?: string): Promise<V1Deployment> =>
  cluster.update(Deployments, name, namespace, ({ spec }) => {
    Object.assign(spec!.template.spec!.containers[0]!, { image, ...(container === undefined ? {} : { name: container }) });
  });

test('Deployment RollingUpdateDeployment should delete old pods and create new ones', async () => {
  const namespace = await cluster.namespace();
  await makeReplicaSet(namespace, 'test-rolling-update-controller', { name: 'sample-pod', pod: 'httpd' }, { [REVISION]: '3546343826724305832' });
  await cluster.runningPods(namespace, 'name=sample-pod', 1);
  await makeDeployment(namespace, 'test-rolling-update-deployment', { name: 'sample-pod' }, 1, 'agnhost:2', {}, 'agnhost');
  await atRevision(namespace, 'test-rolling-update-deployment', '3546343826724305833', 'agnhost:2');
  await complete(namespace, 'test-rolling-update-deployment');
  const sets = await setsOf(namespace, 'test-rolling-update-deployment');
  expect(sets.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['test-rolling-update-controller']));
  expect(sets).toHaveLength(2);
});

test('Deployment RecreateDeployment should delete old pods and create new ones', async () => {
  const namespace = await cluster.namespace();
  const name = 'test-recreate-deployment';
  await makeDeployment(namespace, name, { name: 'sample-pod-3' }, 1, 'agnhost:2', { strategy: { type: 'Recreate' } }, 'agnhost');
  await atRevision(namespace, name, '1', 'agnhost:2');
  await complete(namespace, name);
  const { metadata } = await cluster.client.list(Pods, { namespace });
  const watch = await cluster.watch(Pods, { namespace, resourceVersion: metadata.resourceVersion ?? '' });
  await setImage(namespace, name, 'httpd:2', 'httpd');
  await complete(namespace, name);
  // The old pod ends before the new one begins.
  const order: string[] = [];
  await watch.next('DELETED', (pod) => {
    order.push(`gone ${pod.spec?.containers[0]?.image}`);
    return true;
  });
  await watch.next('ADDED', (pod) => {
    order.push(`new ${pod.spec?.containers[0]?.image}`);
    return true;
  });
  expect(order).toEqual(['gone agnhost:2', 'new httpd:2']);
});

test('Deployment deployment should delete old replica sets', async () => {
  const namespace = await cluster.namespace();
  await makeReplicaSet(namespace, 'test-cleanup-controller', { name: 'cleanup-pod', pod: 'httpd' });
  await cluster.runningPods(namespace, 'name=cleanup-pod', 1);
  const { metadata } = await cluster.client.list(Pods, { namespace });
  const added: (string | undefined)[] = [];
  const watch = new EventLog((signal) => cluster.client.watch(Pods, { namespace, resourceVersion: metadata.resourceVersion ?? '', signal }));
  await makeDeployment(namespace, 'test-cleanup-deployment', { name: 'cleanup-pod' }, 1, 'agnhost:2', { revisionHistoryLimit: 0 }, 'agnhost');
  await cluster.untilGone(ReplicaSets, 'test-cleanup-controller', namespace);
  // Only one pod was made, the new one.
  await watch.next('ADDED', (pod) => added.push(pod.spec?.containers[0]?.name) === 1);
  await expect(
    watch.next('ADDED', (pod) => {
      added.push(pod.spec?.containers[0]?.name);
      return false;
    }, 1),
  ).rejects.toThrow('not within');
  expect(added).toEqual(['agnhost']);
  await watch.close();
});

test('Deployment deployment should support rollover', async () => {
  const namespace = await cluster.namespace();
  await makeReplicaSet(namespace, 'test-rollover-controller', { name: 'rollover-pod', pod: 'httpd' });
  await cluster.runningPods(namespace, 'name=rollover-pod', 1);
  const name = 'test-rollover-deployment';
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  await makeDeployment(namespace, name, { name: 'rollover-pod' }, 1, 'bad:nonexistent', { minReadySeconds: 2, strategy }, 'redis-slave');
  await cluster.until('it scales', Deployments, name, namespace, ({ status }) => (status?.updatedReplicas ?? 0) >= 1);
  await atRevision(namespace, name, '1', 'bad:nonexistent');
  const counts = async (): Promise<Record<string, readonly [number | undefined, number | undefined]>> =>
    Object.fromEntries((await setsOf(namespace, name)).map((set) => [set.spec?.template?.spec?.containers[0]?.image ?? '', [set.spec?.replicas, set.status?.replicas] as const]));
  expect(await counts()).toEqual({ 'httpd:2': [1, 1], 'bad:nonexistent': [1, 1] });
  const { metadata } = await setImage(namespace, name, 'agnhost:2', 'agnhost');
  await cluster.until('it is observed', Deployments, name, namespace, ({ status }) => (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0));
  await atRevision(namespace, name, '2', 'agnhost:2');
  await complete(namespace, name);
  expect(await counts()).toEqual({ 'httpd:2': [0, 0], 'bad:nonexistent': [0, 0], 'agnhost:2': [1, 1] });
});

test('Deployment deployment should support proportional scaling', async () => {
  const namespace = await cluster.namespace();
  const name = 'webserver-deployment';
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2, maxSurge: 3 } };
  await makeDeployment(namespace, name, { name: 'httpd' }, 10, 'httpd:2', { strategy });
  await cluster.runningPods(namespace, 'name=httpd', 10);
  await complete(namespace, name);
  const [first] = await setsOf(namespace, name);
  await setImage(namespace, name, 'bad:404');
  const sized = (set: string, spec: number, available: number): Promise<V1ReplicaSet> =>
    cluster.until(`${set} has ${spec} replicas`, ReplicaSets, set, namespace, (each) => each.spec?.replicas === spec && (each.status?.availableReplicas ?? 0) === available && each.status?.replicas === spec);
  await sized(first!.metadata.name, 8, 8);
  const second = (await setsOf(namespace, name)).find(({ metadata }) => metadata.name !== first!.metadata.name);
  await sized(second!.metadata.name, 5, 0);
  expect((await cluster.client.get(Deployments, name, namespace)).status?.availableReplicas).toBeGreaterThanOrEqual(8);
  await cluster.update(Deployments, name, namespace, ({ spec }) => {
    spec!.replicas = 30;
  });
  await cluster.until('the first has 20', ReplicaSets, first!.metadata.name, namespace, ({ spec }) => spec?.replicas === 20);
  await cluster.until('the second has 13', ReplicaSets, second!.metadata.name, namespace, ({ spec }) => spec?.replicas === 13);
});

test('Deployment Deployment should have a working scale subresource', async () => {
  const namespace = await cluster.namespace();
  const name = 'test-new-deployment';
  await makeDeployment(namespace, name, { name: 'httpd' }, 1, 'httpd:2');
  await complete(namespace, name);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`;
  const scale = await cluster.json<V1Scale>('GET', path);
  expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } });
  const { resourceVersion: _, ...metadata } = scale.metadata;
  expect(await cluster.json<V1Scale>('PUT', path, { ...scale, metadata, spec: { replicas: 2 } })).toMatchObject({ spec: { replicas: 2 } });
  expect((await cluster.client.get(Deployments, name, namespace)).spec?.replicas).toBe(2);
  // As client-go marshals a Scale of which only the replicas are set.
  await cluster.json('PATCH', path, { metadata: {}, spec: { replicas: 4 }, status: { replicas: 0 } }, STRATEGIC);
  expect((await cluster.client.get(Deployments, name, namespace)).spec?.replicas).toBe(4);
});

test('Deployment should run the lifecycle of a Deployment', async () => {
  const namespace = await cluster.namespace();
  const name = 'test-deployment';
  const labels = { 'test-deployment-static': 'true' };
  const labelSelector = 'test-deployment-static=true';
  const { metadata } = await cluster.client.list(Deployments, { labelSelector });
  const watch = await cluster.watch(Deployments, { namespace, labelSelector, resourceVersion: metadata.resourceVersion ?? '' });
  const ready = (count: number) => ({ status }: V1Deployment): boolean => status?.readyReplicas === count && status.updatedReplicas === count && (status.unavailableReplicas ?? 0) === 0;
  const made = await makeDeployment(namespace, name, labels, 2, 'agnhost:2', {}, name);
  await watch.next('ADDED');
  await watch.next('MODIFIED', ({ status }) => status?.readyReplicas === 2);

  const patch = { metadata: { labels: { 'test-deployment': 'patched' } }, spec: { replicas: 1, template: { spec: { terminationGracePeriodSeconds: 2, containers: [{ name, image: 'pause:3' }] } } } };
  await cluster.client.patch(Deployments, name, namespace, STRATEGIC, patch);
  await watch.next('MODIFIED', (each) => ready(1)(each) && each.spec?.template.spec?.containers[0]?.image === 'pause:3' && each.spec.template.spec.terminationGracePeriodSeconds === 2);
  expect((await cluster.client.list(Deployments, { labelSelector })).items.map((each) => each.metadata.name)).toEqual([name]);

  // A PUT of the object as it was sent first: without resourceVersion and status.
  const { spec } = made;
  await cluster.json('PUT', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { ...labels, 'test-deployment': 'updated' } },
    spec: { ...spec, replicas: 2, template: { ...spec!.template, spec: podSpec(name, 'httpd:2') } },
  });
  const read = await cluster.subresource(Deployments, name, namespace, 'status');
  expect(read.spec?.template.spec?.containers[0]?.image).toBe('httpd:2');
  expect(read.metadata.labels).toMatchObject({ 'test-deployment': 'updated' });
  await watch.next('MODIFIED', (each) => ready(2)(each) && each.spec?.template.spec?.containers[0]?.image === 'httpd:2');

  // A patch of the status changes no label, and what it says is soon put right again.
  await cluster.client.patch(Deployments, name, namespace, STRATEGIC, { metadata: { labels: { 'test-deployment': 'patched-status' } }, status: { readyReplicas: 0, availableReplicas: 0 } }, 'status');
  await watch.next('MODIFIED');
  expect((await cluster.subresource(Deployments, name, namespace, 'status')).metadata.labels).toMatchObject({ 'test-deployment': 'updated' });
  await cluster.until('its status is right again', Deployments, name, namespace, ready(2));

  await cluster.deleteCollection(Deployments, namespace, labelSelector, { gracePeriodSeconds: 1 });
  await watch.next('DELETED');
  await cluster.untilCount(ReplicaSets, 0, { namespace });
  await cluster.untilCount(Pods, 0, { namespace });
});

test('Deployment should validate Deployment Status endpoints', async () => {
  const namespace = await cluster.namespace();
  const name = 'test-deployment-status';
  const labelSelector = 'e2e=testing';
  const { metadata } = await cluster.client.list(Deployments, { labelSelector });
  const watch = await cluster.watch(Deployments, { namespace, labelSelector, resourceVersion: metadata.resourceVersion ?? '' });
  await makeDeployment(namespace, name, { name: 'httpd', e2e: 'testing' }, 1, 'httpd:2');
  await atRevision(namespace, name, '1', 'httpd:2');
  await complete(namespace, name);
  expect((await cluster.subresource(Deployments, name, namespace, 'status')).status?.conditions?.map(({ type }) => type)).toEqual(expect.arrayContaining(['Available', 'Progressing']));

  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await cluster.update(Deployments, name, namespace, ({ status }) => void status!.conditions!.push(condition), 'status');
  await watch.next('MODIFIED', ({ status }) => status?.conditions?.some((each) => each.type === 'StatusUpdate' && each.reason === 'E2E' && each.message === 'Set from e2e test') ?? false);
  await cluster.client.patch(Deployments, name, namespace, MERGE, { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } }, 'status');
  await watch.next('MODIFIED', ({ status }) => status?.conditions?.some(({ type }) => type === 'StatusPatched') ?? false);
});

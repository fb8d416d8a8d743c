import type { V1Pod, V1ReplicaSet, V1ReplicationController, V1Scale } from '../../../api/generated/types.ts';
import type { Draft } from '../../../api/meta.ts';
import { Pods, ReplicaSets, ReplicationControllers, ResourceQuotas } from '../../../client/resources.ts';
import { ConformanceCluster, MERGE, STRATEGIC } from '../conformanceCluster.ts';

let cluster: ConformanceCluster;
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1', 'n2'] });
});
afterAll(() => cluster.close());

const SAMPLE = { name: 'sample-pod', pod: 'httpd' };

const makeSet = (namespace: string, name: string, labels: Record<string, string>, replicas: number, container = 'httpd'): Promise<V1ReplicaSet> => {
  const draft: Draft<V1ReplicaSet> = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: container, image: 'httpd:2' }] } } },
  };
  return cluster.client.create(ReplicaSets, draft);
};

const makeController = (namespace: string, name: string, labels: Record<string, string>, replicas: number): Promise<V1ReplicationController> => {
  const draft: Draft<V1ReplicationController> = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, namespace },
    spec: { replicas, template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'httpd', image: 'httpd:2' }] } } },
  };
  return cluster.client.create(ReplicationControllers, draft);
};

const makePod = (namespace: string, name: string): Promise<V1Pod> =>
  cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { name } }, spec: { containers: [{ name, image: 'httpd:2' }] } });

const ownedBy = (uid: string) => ({ metadata }: V1Pod): boolean => metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) ?? false;

async function release(namespace: string, pod: string, uid: string): Promise<void> {
  await cluster.update(Pods, pod, namespace, ({ metadata }) => {
    metadata.labels = { name: 'not-matching-name' };
  });
  await cluster.until('the pod is released', Pods, pod, namespace, (each) => !ownedBy(uid)(each));
}

describe('ReplicaSet', () => {
  test('should adopt matching pods on creation and release no longer matching pods', async () => {
    const namespace = await cluster.namespace();
    const name = 'pod-adoption-release';
    await makePod(namespace, name);
    await cluster.runningPods(namespace, `name=${name}`, 1);
    const { metadata } = await makeSet(namespace, name, { name }, 1, name);
    await cluster.until('the pod is adopted', Pods, name, namespace, ownedBy(metadata.uid));
    await release(namespace, name, metadata.uid);
  });

  test('Replicaset should have a working scale subresource', async () => {
    const namespace = await cluster.namespace();
    await makeSet(namespace, 'test-rs', SAMPLE, 1);
    await cluster.runningPods(namespace, 'name=sample-pod', 1);
    await cluster.until('its status', ReplicaSets, 'test-rs', namespace, ({ status }) => status?.replicas === 1);
    const path = `/apis/apps/v1/namespaces/${namespace}/replicasets/test-rs/scale`;
    const scale = await cluster.json<V1Scale>('GET', path);
    expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } });
    const { resourceVersion: _, ...metadata } = scale.metadata;
    expect(await cluster.json('PUT', path, { ...scale, metadata, spec: { replicas: 2 } })).toMatchObject({ spec: { replicas: 2 } });
    expect((await cluster.client.get(ReplicaSets, 'test-rs', namespace)).spec?.replicas).toBe(2);
    await cluster.json('PATCH', path, { metadata: {}, spec: { replicas: 4 }, status: { replicas: 0 } }, STRATEGIC);
    expect((await cluster.client.get(ReplicaSets, 'test-rs', namespace)).spec?.replicas).toBe(4);
  });

  test('Replace and Patch tests', async () => {
    const namespace = await cluster.namespace();
    const watch = await cluster.watch(ReplicaSets, { namespace, labelSelector: 'test-rs=patched' });
    await makeSet(namespace, 'test-rs', SAMPLE, 1);
    await cluster.runningPods(namespace, 'name=sample-pod', 1);
    await cluster.update(ReplicaSets, 'test-rs', namespace, ({ spec }) => {
      spec!.replicas = 2;
    });
    const patch = { metadata: { labels: { 'test-rs': 'patched' } }, spec: { replicas: 3, template: { spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'test-rs', image: 'pause:3' }] } } } };
    await cluster.client.patch(ReplicaSets, 'test-rs', namespace, STRATEGIC, patch);
    const seen = await watch.next('MODIFIED', ({ status }) => status?.readyReplicas === 3 && status.availableReplicas === 3);
    expect(seen.spec?.template?.spec).toMatchObject({ terminationGracePeriodSeconds: 0, containers: [{ name: 'test-rs', image: 'pause:3' }, { name: 'httpd' }] });
  });

  test('should list and delete a collection of ReplicaSets', async () => {
    const namespace = await cluster.namespace();
    await makeSet(namespace, 'test-rs', { ...SAMPLE, e2e: 'collection' }, 3);
    await cluster.runningPods(namespace, 'name=sample-pod', 3);
    expect((await cluster.client.list(ReplicaSets, { labelSelector: 'e2e=collection' })).items).toHaveLength(1);
    await cluster.deleteCollection(ReplicaSets, namespace, 'e2e=collection', { gracePeriodSeconds: 1 });
    expect((await cluster.client.list(ReplicaSets, { labelSelector: 'e2e=collection' })).items).toHaveLength(0);
  });

  test('should validate Replicaset Status endpoints', async () => {
    const namespace = await cluster.namespace();
    const watch = await cluster.watch(ReplicaSets, { namespace, labelSelector: 'name=sample-pod,pod=httpd' });
    await makeSet(namespace, 'test-rs', SAMPLE, 1);
    await cluster.runningPods(namespace, 'name=sample-pod', 1);
    expect((await cluster.subresource(ReplicaSets, 'test-rs', namespace, 'status')).kind).toBe('ReplicaSet');
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
    await cluster.update(ReplicaSets, 'test-rs', namespace, ({ status }) => void (status!.conditions ??= []).push(condition), 'status');
    await watch.next('MODIFIED', ({ status }) => status?.conditions?.some((each) => each.type === 'StatusUpdate' && each.message === 'Set from e2e test') ?? false);
    await cluster.client.patch(ReplicaSets, 'test-rs', namespace, MERGE, { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } }, 'status');
    await watch.next('MODIFIED', ({ status }) => status?.conditions?.some(({ type }) => type === 'StatusPatched') ?? false);
  });
});

describe('ReplicationController', () => {
  test('should adopt matching pods on creation', async () => {
    const namespace = await cluster.namespace();
    await makePod(namespace, 'pod-adoption');
    await cluster.runningPods(namespace, 'name=pod-adoption', 1);
    const { metadata, spec } = await makeController(namespace, 'pod-adoption', { name: 'pod-adoption' }, 1);
    expect(spec?.selector).toEqual({ name: 'pod-adoption' });
    await cluster.until('the pod is adopted', Pods, 'pod-adoption', namespace, ownedBy(metadata.uid));
  });

  test('should release no longer matching pods', async () => {
    const namespace = await cluster.namespace();
    const { metadata } = await makeController(namespace, 'pod-release', { name: 'pod-release' }, 1);
    const [pod] = await cluster.untilCount(Pods, 1, { namespace, labelSelector: 'name=pod-release' });
    await release(namespace, pod!.metadata.name, metadata.uid);
  });

  test('should surface a failure condition on a common issue like exceeded quota', async () => {
    const namespace = await cluster.namespace();
    const name = 'condition-test';
    await cluster.client.create(ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace }, spec: { hard: { pods: '2' } } });
    await cluster.until('the quota is in force', ResourceQuotas, name, namespace, ({ status }) => status?.hard?.['pods'] === '2');
    await makeController(namespace, name, { name }, 3);
    const failing = ({ status }: V1ReplicationController): boolean => status?.conditions?.some(({ type }) => type === 'ReplicaFailure') ?? false;
    const observed = ({ metadata, status }: V1ReplicationController): boolean => (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
    const failed = await cluster.until('it tells of its failure', ReplicationControllers, name, namespace, (each) => observed(each) && failing(each));
    expect(failed.status?.conditions).toEqual([expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: expect.stringContaining('exceeded quota: condition-test') })]);
    await cluster.update(ReplicationControllers, name, namespace, ({ spec }) => {
      spec!.replicas = 2;
    });
    await cluster.until('it tells of no failure', ReplicationControllers, name, namespace, (each) => observed(each) && !failing(each));
  });

  test('should test the lifecycle of a ReplicationController', async () => {
    const namespace = await cluster.namespace();
    const name = 'rc-test';
    const labels = { 'test-rc-static': 'true' };
    const watch = await cluster.watch(ReplicationControllers, { namespace, labelSelector: 'test-rc-static=true' });
    const template = { metadata: { name, labels }, spec: { containers: [{ name, image: 'nginx:1' }] } };
    await cluster.client.create(ReplicationControllers, { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name, namespace, labels }, spec: { replicas: 1, selector: labels, template } });
    await watch.next('ADDED');
    await watch.next('MODIFIED', ({ status }) => status?.replicas === 1 && status.readyReplicas === 1);
    expect((await cluster.client.patch(ReplicationControllers, name, namespace, STRATEGIC, { metadata: { labels: { 'test-rc': 'patched' } } })).metadata.labels).toEqual({ ...labels, 'test-rc': 'patched' });
    await watch.next('MODIFIED');
    const patched = await cluster.client.patch(ReplicationControllers, name, namespace, STRATEGIC, { status: { readyReplicas: 0, availableReplicas: 0 } }, 'status');
    expect(patched.status?.readyReplicas ?? 0).toBe(0);
    await watch.next('MODIFIED');
    await watch.next('MODIFIED', ({ status }) => status?.replicas === 1);
    expect((await cluster.subresource(ReplicationControllers, name, namespace, 'status')).status?.replicas).toBe(1);
    await cluster.json('PATCH', `/api/v1/namespaces/${namespace}/replicationcontrollers/${name}/scale`, { metadata: {}, spec: { replicas: 2 }, status: { replicas: 0 } }, STRATEGIC);
    await watch.next('MODIFIED', ({ status }) => status?.replicas === 2 && status.readyReplicas === 2);
    const read = await cluster.client.get(ReplicationControllers, name, namespace);
    expect(read.metadata.labels).toMatchObject({ 'test-rc': 'patched' });
    await cluster.update(ReplicationControllers, name, namespace, ({ status }) => Object.assign(status!, { availableReplicas: 1, readyReplicas: 1 }), 'status');
    await watch.next('MODIFIED', ({ status }) => status?.readyReplicas === 1);
    const { items } = await cluster.client.list(ReplicationControllers, { labelSelector: 'test-rc-static=true' });
    expect(items.map(({ metadata }) => [metadata.name, metadata.namespace, metadata.labels?.['test-rc']])).toEqual([[name, namespace, 'patched']]);
    await cluster.deleteCollection(ReplicationControllers, namespace, 'test-rc-static=true');
    await watch.next('DELETED');
  });

  test('should get and update a ReplicationController scale', async () => {
    const namespace = await cluster.namespace();
    const name = 'e2e-rc';
    await makeController(namespace, name, { name }, 1);
    await cluster.until('one replica', ReplicationControllers, name, namespace, ({ status }) => status?.replicas === 1);
    const path = `/api/v1/namespaces/${namespace}/replicationcontrollers/${name}/scale`;
    const scale = await cluster.json<V1Scale>('GET', path);
    expect(scale.status?.replicas).toBe(1);
    const { resourceVersion: _, ...metadata } = scale.metadata;
    await cluster.json('PUT', path, { ...scale, metadata, spec: { replicas: 2 } });
    await cluster.until('two replicas', ReplicationControllers, name, namespace, ({ status }) => status?.replicas === 2);
  });
});

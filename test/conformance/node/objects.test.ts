import type { ApiError } from '../../../api/apiError.ts';
import type { V1Lease, V1Pod, V1RuntimeClass } from '../../../api/generated/types.ts';
import { ConfigMaps, Leases, Nodes, Pods, PodTemplates, RuntimeClasses, Secrets } from '../../../client/resources.ts';
import { supportsApiOperations } from '../apimachinery/apiOperations.ts';
import { ConformanceCluster, MERGE, STRATEGIC } from '../conformanceCluster.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

describe('ConfigMap', () => {
  const make = (name: string, data: Record<string, string>, labels: Record<string, string> = {}) => cluster.client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data });

  test('should fail to create ConfigMap with empty key', async () => {
    await expect(make('configmap-test-emptyKey', { '': 'value-1' })).rejects.toMatchObject({ reason: 'Invalid' });
  });

  test('should update ConfigMap successfully', async () => {
    await make('configmap-test', { data: 'value' });
    const updated = await cluster.update(ConfigMaps, 'configmap-test', namespace, (map) => {
      map.data = { data: 'new-value' };
    });
    expect(updated.data).toEqual({ data: 'new-value' });
    expect((await cluster.client.get(ConfigMaps, 'configmap-test', namespace)).data).toEqual({ data: 'new-value' });
  });

  test('should run through a ConfigMap lifecycle', async () => {
    const labelSelector = 'test-configmap-static=true';
    const watch = await cluster.watch(ConfigMaps, { namespace, labelSelector });
    await make('test-configmap', { valueName: 'value' }, { 'test-configmap-static': 'true' });
    await watch.next('ADDED');
    await cluster.client.patch(ConfigMaps, 'test-configmap', namespace, STRATEGIC, { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } });
    await watch.next('MODIFIED');
    expect(await cluster.client.get(ConfigMaps, 'test-configmap', namespace)).toMatchObject({ metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } });
    const { items } = await cluster.client.list(ConfigMaps, { labelSelector });
    expect(items.map(({ metadata, data }) => [metadata.name, data?.['valueName']])).toEqual([['test-configmap', 'value1']]);
    await cluster.deleteCollection(ConfigMaps, namespace, labelSelector);
    await watch.next('DELETED');
    expect((await cluster.client.list(ConfigMaps, { namespace, labelSelector })).items).toHaveLength(0);
  });

  test('should be immutable if `immutable` field is set', async () => {
    await make('immutable', { 'data-1': 'value-1' });
    const change = (act: (map: { data?: Record<string, string>; immutable?: boolean; metadata: { labels?: Record<string, string> } }) => void) => cluster.update(ConfigMaps, 'immutable', namespace, act);
    await change((map) => Object.assign(map.data!, { 'data-4': 'value-4' }));
    await change((map) => void (map.immutable = true));
    const refused = await change((map) => Object.assign(map.data!, { 'data-5': 'value-5' })).catch((error: unknown) => error as ApiError);
    expect(refused).toMatchObject({ reason: 'Invalid', message: 'ConfigMap "immutable" is invalid: data: Forbidden: field is immutable when `immutable` is set' });
    await expect(change((map) => void (map.immutable = false))).rejects.toMatchObject({ reason: 'Invalid' });
    await change((map) => void (map.metadata.labels = { label1: 'value1' }));
    await cluster.client.delete(ConfigMaps, 'immutable', namespace);
  });
});

describe('Secrets', () => {
  const make = (name: string, data: Record<string, string>, labels: Record<string, string> = {}) => cluster.client.create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels }, data, type: 'Opaque' });

  test('should fail to create secret due to empty secret key', async () => {
    await expect(make('secret-emptykey-test', { '': 'dmFsdWUtMQo=' })).rejects.toMatchObject({ reason: 'Invalid' });
  });

  test('should patch a secret', async () => {
    await make('test-secret', { key: 'dmFsdWU=' }, { testsecret: 'true' });
    const { items } = await cluster.client.list(Secrets, { labelSelector: 'testsecret=true' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['test-secret']);
    await cluster.client.patch(Secrets, 'test-secret', namespace, STRATEGIC, { metadata: { labels: { testsecret: 'true', 'testsecret-constant': 'patched' } }, data: { key: 'dmFsdWUx' } });
    expect(await cluster.client.get(Secrets, 'test-secret', namespace)).toMatchObject({ metadata: { labels: { 'testsecret-constant': 'patched' } }, data: { key: 'dmFsdWUx' } });
    await cluster.deleteCollection(Secrets, namespace, 'testsecret=true');
    expect((await cluster.client.list(Secrets, { labelSelector: 'testsecret=true' })).items).toHaveLength(0);
  });

  test('should be immutable if `immutable` field is set', async () => {
    await make('immutable', { 'data-1': 'dmFsdWU=' });
    const change = (act: (secret: { data?: Record<string, string>; immutable?: boolean; metadata: { labels?: Record<string, string> } }) => void) => cluster.update(Secrets, 'immutable', namespace, act);
    await change((secret) => Object.assign(secret.data!, { 'data-4': 'dmFsdWU=' }));
    await change((secret) => void (secret.immutable = true));
    await expect(change((secret) => Object.assign(secret.data!, { 'data-5': 'dmFsdWU=' }))).rejects.toMatchObject({ reason: 'Invalid' });
    await expect(change((secret) => void (secret.immutable = false))).rejects.toMatchObject({ reason: 'Invalid' });
    await change((secret) => void (secret.metadata.labels = { label1: 'value1' }));
    await cluster.client.delete(Secrets, 'immutable', namespace);
  });
});

test('Lease lease API should be available', async () => {
  const name = 'lease';
  const lease: V1Lease['spec'] = { holderIdentity: 'holder', leaseDurationSeconds: 30, acquireTime: '2026-01-01T00:00:00.000000Z', renewTime: '2026-01-01T00:00:05.000000Z', leaseTransitions: 0 };
  const specs = async (): Promise<unknown> => (await cluster.client.get(Leases, name, namespace)).spec;
  await cluster.client.create(Leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec: lease });
  expect(await specs()).toEqual(lease);
  const updated = { holderIdentity: 'holder2', leaseDurationSeconds: 45, acquireTime: '2026-01-01T00:00:10.000000Z', renewTime: '2026-01-01T00:00:15.000000Z', leaseTransitions: 1 };
  await cluster.update(Leases, name, namespace, (each) => {
    each.spec = updated;
  });
  expect(await specs()).toEqual(updated);
  const patched = { holderIdentity: 'holder3', leaseDurationSeconds: 60, acquireTime: '2026-01-01T00:00:50.000000Z', renewTime: '2026-01-01T00:01:10.000000Z', leaseTransitions: 2 };
  await cluster.client.patch(Leases, name, namespace, STRATEGIC, { spec: patched });
  expect(await specs()).toEqual(patched);
  await cluster.client.create(Leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lease2', namespace, labels: { deletecollection: 'true' } }, spec: lease });
  const names = async (): Promise<unknown> => (await cluster.client.list(Leases, { namespace })).items.map(({ metadata }) => metadata.name).sort();
  expect(await names()).toEqual([name, 'lease2']);
  await cluster.deleteCollection(Leases, namespace, 'deletecollection=true');
  expect(await names()).toEqual([name]);
  await cluster.client.delete(Leases, name, namespace);
  await expect(cluster.client.get(Leases, name, namespace)).rejects.toMatchObject({ reason: 'NotFound' });
});

describe('PodTemplates', () => {
  const make = (name: string, labels: Record<string, string> = {}) =>
    cluster.client.create(PodTemplates, { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name, namespace, labels }, template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1' }] } } });

  test('should run the lifecycle of PodTemplates', async () => {
    await make('nginx-pod-template', { 'podtemplate-static': 'true' });
    expect((await cluster.client.list(PodTemplates, { labelSelector: 'podtemplate-static=true' })).items).toHaveLength(1);
    await cluster.client.patch(PodTemplates, 'nginx-pod-template', namespace, STRATEGIC, { metadata: { labels: { podtemplate: 'patched' } } });
    expect((await cluster.client.get(PodTemplates, 'nginx-pod-template', namespace)).metadata.labels).toMatchObject({ podtemplate: 'patched' });
    await cluster.client.delete(PodTemplates, 'nginx-pod-template', namespace);
    expect((await cluster.client.list(PodTemplates, { labelSelector: 'podtemplate-static=true' })).items).toHaveLength(0);
  });

  test('should delete a collection of pod templates', async () => {
    for (const name of ['test-podtemplate-1', 'test-podtemplate-2', 'test-podtemplate-3']) await make(name, { 'podtemplate-set': 'true' });
    expect((await cluster.client.list(PodTemplates, { namespace, labelSelector: 'podtemplate-set=true' })).items).toHaveLength(3);
    await cluster.deleteCollection(PodTemplates, namespace, 'podtemplate-set=true');
    expect((await cluster.client.list(PodTemplates, { namespace, labelSelector: 'podtemplate-set=true' })).items).toHaveLength(0);
  });

  test('should replace a pod template', async () => {
    await make('podtemplate');
    const updated = await cluster.update(PodTemplates, 'podtemplate', namespace, ({ metadata }) => {
      metadata.annotations = { updated: 'true' };
    });
    expect(updated.metadata.annotations).toEqual({ updated: 'true' });
  });
});

describe('RuntimeClass', () => {
  const makeClass = (name: string, overhead?: V1RuntimeClass['overhead']) =>
    cluster.client.create(RuntimeClasses, { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: 'test-handler', ...(overhead ? { overhead } : {}) });
  const makePod = (runtimeClassName: string): Promise<V1Pod> =>
    cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'test-runtimeclass-', namespace }, spec: { runtimeClassName, containers: [{ name: 'test', image: 'busybox:1' }], restartPolicy: 'Never', automountServiceAccountToken: false } });
  const scheduled = ({ metadata }: V1Pod): Promise<V1Pod> => cluster.until('it is scheduled', Pods, metadata.name, namespace, ({ spec }) => (spec?.nodeName ?? '') !== '');

  test('should reject a Pod requesting a non-existent RuntimeClass', async () => {
    await expect(makePod('nonexistent')).rejects.toMatchObject({ reason: 'Forbidden' });
  });

  test('should reject a Pod requesting a deleted RuntimeClass', async () => {
    await makeClass('delete-me');
    await cluster.client.delete(RuntimeClasses, 'delete-me');
    await cluster.untilGone(RuntimeClasses, 'delete-me');
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace }, spec: { runtimeClassName: 'delete-me', containers: [{ name: 'test', image: 'busybox:1' }] } });
    const answer = await cluster.client.raw({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods?dryRun=All`, headers: { 'content-type': 'application/json' }, body });
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([403, { reason: 'Forbidden', message: 'pods "p" is forbidden: pod rejected: RuntimeClass "delete-me" not found' }]);
  });

  test('should schedule a Pod requesting a RuntimeClass without PodOverhead', async () => {
    await makeClass('preconfigured-handler');
    expect((await scheduled(await makePod('preconfigured-handler'))).spec?.overhead).toBeUndefined();
  });

  test('should schedule a Pod requesting a RuntimeClass and initialize its Overhead', async () => {
    await makeClass('with-overhead', { podFixed: { cpu: '10m', memory: '1Mi' } });
    expect((await scheduled(await makePod('with-overhead'))).spec?.overhead).toEqual({ cpu: '10m', memory: '1Mi' });
  });

  test('should support RuntimeClasses API operations', async () => {
    await supportsApiOperations(cluster.caller, { group: 'node.k8s.io', version: 'v1', plural: 'runtimeclasses', object: { handler: 'handler' } });
    await makeClass('twice');
    await expect(makeClass('twice')).rejects.toMatchObject({ reason: 'AlreadyExists', code: 409 });
  });
});

test('Node Lifecycle should run through the lifecycle of a node', async () => {
  const name = 'e2e-fake-node';
  await cluster.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', message: 'Set from e2e test' }] } });
  expect((await cluster.client.get(Nodes, name)).status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ message: 'Set from e2e test' });
  await cluster.client.patch(Nodes, name, undefined, MERGE, { metadata: { labels: { [name]: 'patched' } } });
  const { items } = await cluster.client.list(Nodes, { labelSelector: `${name}=patched` });
  expect(items.map(({ metadata }) => metadata.name)).toEqual([name]);
  const updated = await cluster.update(Nodes, name, undefined, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, [name]: 'updated' };
  });
  expect(updated.metadata.labels).toMatchObject({ [name]: 'updated' });
  await cluster.client.delete(Nodes, name);
  await cluster.untilGone(Nodes, name);
  // And by its collection.
  await cluster.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'e2e-fake': 'true' } } });
  await cluster.deleteCollection(Nodes, undefined, 'e2e-fake=true');
  await cluster.untilGone(Nodes, name);
});

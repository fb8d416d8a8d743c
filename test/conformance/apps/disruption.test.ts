import type { ApiError } from '../../../api/apiError.ts';
import type { V1Pod, V1PodDisruptionBudget, V1PodDisruptionBudgetSpec, V1Status } from '../../../api/generated/types.ts';
import { PodDisruptionBudgets, Pods } from '../../../client/resources.ts';
import { ConformanceCluster, MERGE } from '../conformanceCluster.ts';

let cluster: ConformanceCluster;
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1'] });
});
afterAll(() => cluster.close());

const LABELS = { foo: 'bar' };

const makeBudget = (namespace: string, name: string, spec: V1PodDisruptionBudgetSpec, labels: Record<string, string> = {}): Promise<V1PodDisruptionBudget> =>
  cluster.client.create(PodDisruptionBudgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace, labels }, spec: { selector: { matchLabels: LABELS }, ...spec } });
const processed = (namespace: string, name = 'foo'): Promise<V1PodDisruptionBudget> =>
  cluster.until(`${name} is processed`, PodDisruptionBudgets, name, namespace, ({ metadata, status }) => (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0));
async function makePods(namespace: string, count: number): Promise<readonly V1Pod[]> {
  for (let index = 0; index < count; index += 1) {
    await cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${index}`, namespace, labels: LABELS }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'donothing', image: 'pause:3' }] } });
  }
  return cluster.runningPods(namespace, 'foo=bar', count);
}

test('DisruptionController should create a PodDisruptionBudget', async () => {
  const namespace = await cluster.namespace();
  const made = await makeBudget(namespace, 'foo', { minAvailable: '1%' });
  expect(made.spec?.minAvailable).toBe('1%');
  await processed(namespace);
  const updated = await cluster.update(PodDisruptionBudgets, 'foo', namespace, ({ spec }) => {
    spec!.minAvailable = '2%';
  });
  expect(updated.spec?.minAvailable).toBe('2%');
  await processed(namespace);
  expect((await cluster.client.patch(PodDisruptionBudgets, 'foo', namespace, MERGE, { spec: { minAvailable: '3%' } })).spec?.minAvailable).toBe('3%');
  await processed(namespace);
  await cluster.client.delete(PodDisruptionBudgets, 'foo', namespace);
  await cluster.untilGone(PodDisruptionBudgets, 'foo', namespace);
});

test('DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets', async () => {
  const [namespace, other] = [await cluster.namespace(), await cluster.namespace()];
  const labels = { collection: 'budgets' };
  await makeBudget(namespace, 'foo', { minAvailable: 2 }, labels);
  await makeBudget(namespace, 'foo2', { minAvailable: '1%' }, labels);
  await makeBudget(other, 'foo3', { minAvailable: '2%' }, labels);
  const names = async (options: { readonly namespace?: string }): Promise<readonly string[]> =>
    (await cluster.client.list(PodDisruptionBudgets, { ...options, labelSelector: 'collection=budgets' })).items.map(({ metadata }) => metadata.name).sort();
  expect(await names({})).toEqual(['foo', 'foo2', 'foo3']);
  expect(await names({ namespace })).toEqual(['foo', 'foo2']);
  await cluster.deleteCollection(PodDisruptionBudgets, namespace, 'collection=budgets');
  expect(await names({})).toEqual(['foo3']);
});

test('DisruptionController should observe PodDisruptionBudget status updated', async () => {
  const namespace = await cluster.namespace();
  await makeBudget(namespace, 'foo', { minAvailable: 1 });
  await makePods(namespace, 3);
  const { status } = await cluster.until('two may go', PodDisruptionBudgets, 'foo', namespace, (each) => each.status?.disruptionsAllowed === 2);
  expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 1, expectedPods: 3, conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }] });
});

test('DisruptionController should update/patch PodDisruptionBudget status', async () => {
  const namespace = await cluster.namespace();
  await makeBudget(namespace, 'foo', { minAvailable: 1 });
  await makePods(namespace, 1);
  await processed(namespace);
  const time = '2026-01-01T00:00:00Z';
  const updated = await cluster.update(PodDisruptionBudgets, 'foo', namespace, ({ status }) => {
    status!.disruptedPods = { 'pod-0': time };
  }, 'status');
  expect(updated.status?.disruptedPods).toEqual({ 'pod-0': time });
  const read = await cluster.subresource(PodDisruptionBudgets, 'foo', namespace, 'status');
  const patched = await cluster.client.patch(PodDisruptionBudgets, 'foo', namespace, MERGE, { metadata: { resourceVersion: read.metadata.resourceVersion }, status: { disruptedPods: null } }, 'status').catch((error: unknown) => {
    // The control loop has written meanwhile: the upstream test reads again then.
    if ((error as ApiError).reason !== 'Conflict') throw error;
    return cluster.client.patch(PodDisruptionBudgets, 'foo', namespace, MERGE, { status: { disruptedPods: null } }, 'status');
  });
  expect(patched.status?.disruptedPods).toBeUndefined();
});

test('DisruptionController should block an eviction until the PDB is updated to allow it', async () => {
  const namespace = await cluster.namespace();
  const [pod] = await makePods(namespace, 3);
  await makeBudget(namespace, 'foo', { minAvailable: 3 });
  await cluster.until('none may go', PodDisruptionBudgets, 'foo', namespace, ({ status }) => status?.currentHealthy === 3 && status.disruptionsAllowed === 0);
  const evict = (): Promise<V1Status> =>
    cluster.client.createSubresource(Pods, pod!.metadata.name, namespace, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod!.metadata.name, namespace } });
  const answer = await cluster.client.raw({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods/${pod!.metadata.name}/eviction`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod!.metadata.name, namespace } }),
  });
  expect(answer.status).toBe(429);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ reason: 'TooManyRequests', message: "Cannot evict pod as it would violate the pod's disruption budget.", details: { causes: [{ reason: 'DisruptionBudget' }] } });
  await cluster.update(PodDisruptionBudgets, 'foo', namespace, ({ spec }) => {
    spec!.minAvailable = 2;
  });
  await cluster.until('one may go', PodDisruptionBudgets, 'foo', namespace, ({ status }) => status?.disruptionsAllowed === 1);
  expect(await evict()).toMatchObject({ status: 'Success' });
  await cluster.untilGone(Pods, pod!.metadata.name, namespace);

  await replacePod(namespace);
  const patched = await cluster.client.patch(PodDisruptionBudgets, 'foo', namespace, MERGE, { spec: { minAvailable: 3 } });
  await cluster.until('none may go again', PodDisruptionBudgets, 'foo', namespace, ({ status }) => status?.observedGeneration === patched.metadata.generation && status?.disruptionsAllowed === 0);
  await cluster.client.delete(PodDisruptionBudgets, 'foo', namespace);
  await cluster.untilGone(PodDisruptionBudgets, 'foo', namespace);
  const [next] = await cluster.runningPods(namespace, 'foo=bar', 3);
  const evicted = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: next!.metadata.name, namespace } };
  expect(await cluster.client.createSubresource<V1Status>(Pods, next!.metadata.name, namespace, 'eviction', evicted)).toMatchObject({ status: 'Success' });
});

/** One more pod in the place of the one that went. */
async function replacePod(namespace: string): Promise<void> {
  await cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod-again', namespace, labels: LABELS }, spec: { containers: [{ name: 'donothing', image: 'pause:3' }] } });
  await cluster.runningPods(namespace, 'foo=bar', 3);
}

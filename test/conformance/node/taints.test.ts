import type { V1Pod } from '../../../api/generated/types.ts';
import { Nodes, Pods } from '../../../client/resources.ts';
import { systemClock } from '../../../process/clock.ts';
import { ConformanceCluster, STRATEGIC } from '../conformanceCluster.ts';

const TAINT = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' };
/** How long a pod stays beside the taint: longer than a busy machine takes to remove that again. */
const SPARED_SECONDS = 12;
let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1', 'n2'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const makePod = (name: string, tolerationSeconds: number): Promise<V1Pod> =>
  cluster.client.create(Pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { group: 'taint-eviction' } },
    spec: { nodeSelector: { 'kubernetes.io/hostname': 'n1' }, terminationGracePeriodSeconds: 0, tolerations: [{ key: TAINT.key, value: TAINT.value, effect: 'NoExecute', tolerationSeconds }], containers: [{ name: 'pause', image: 'pause:3' }] },
  });
const setTaints = (taints: readonly object[]): Promise<unknown> => cluster.client.patch(Nodes, 'n1', undefined, STRATEGIC, { spec: { taints: taints.length === 0 ? null : taints } });

test('NoExecuteTaintManager Single Pod removing taint cancels eviction', async () => {
  const made = await makePod('taint-eviction-4', SPARED_SECONDS);
  // Which tells by its end that the taint has been seen.
  await makePod('taint-eviction-at-once', 0);
  await cluster.runningPods(namespace, 'group=taint-eviction', 2);
  await setTaints([TAINT]);
  await cluster.untilGone(Pods, 'taint-eviction-at-once', namespace);
  await setTaints([]);
  await systemClock.sleep((SPARED_SECONDS + 1) * 1000);
  const pod = await cluster.client.get(Pods, made.metadata.name, namespace);
  expect([pod.metadata.uid, pod.metadata.deletionTimestamp]).toEqual([made.metadata.uid, undefined]);
});

test('NoExecuteTaintManager Multiple Pods evicts pods with minTolerationSeconds', async () => {
  const watch = await cluster.watch(Pods, { namespace, labelSelector: 'group=taint-eviction' });
  await makePod('taint-eviction-b1', 1);
  await makePod('taint-eviction-b2', 1 + SPARED_SECONDS);
  await cluster.runningPods(namespace, 'group=taint-eviction', 2);
  await setTaints([TAINT]);
  const marked: string[] = [];
  const evicted = await watch.next('MODIFIED', ({ metadata, status }) => {
    const isMarked = status?.conditions?.some(({ type, status: value, reason }) => type === 'DisruptionTarget' && value === 'True' && reason === 'DeletionByTaintManager') ?? false;
    if (isMarked && !marked.includes(metadata.name)) marked.push(metadata.name);
    return isMarked;
  });
  expect(evicted.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({ message: 'Taint manager: deleting due to NoExecute taint' });
  const order: string[] = [];
  await watch.next('DELETED', ({ metadata }) => order.push(metadata.name) === 2);
  expect(order).toEqual(['taint-eviction-b1', 'taint-eviction-b2']);
  await setTaints([]);
});

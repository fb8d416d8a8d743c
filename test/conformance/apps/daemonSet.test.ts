import type { V1ControllerRevision, V1DaemonSet, V1Pod } from '../../../api/generated/types.ts';
import type { Draft } from '../../../api/meta.ts';
import { ControllerRevisions, DaemonSets, Nodes, Pods } from '../../../client/resources.ts';
import { eventually } from '../../rig/controlPlane.ts';
import { ConformanceCluster, isReady, MERGE, PATIENCE, STRATEGIC } from '../conformanceCluster.ts';

const HASH = 'controller-revision-hash';
const COLOR = 'daemonset-color';
const NODES = ['n1', 'n2', 'n3'];
let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: NODES });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const SELECTOR = 'daemonset-name=daemon-set';
async function makeSet(spec: Partial<NonNullable<V1DaemonSet['spec']>> = {}, image = 'httpd:1', podSpec: object = {}, labels: Record<string, string> = {}): Promise<V1DaemonSet> {
  const own = { 'daemonset-name': 'daemon-set' };
  const draft: Draft<V1DaemonSet> = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'daemon-set', namespace, labels },
    spec: { selector: { matchLabels: own }, template: { metadata: { labels: own }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image, ports: [{ containerPort: 9376 }] }], ...podSpec } }, ...spec },
  };
  return cluster.client.create(DaemonSets, draft);
}
const pods = async (): Promise<readonly V1Pod[]> => (await cluster.client.list(Pods, { namespace, labelSelector: SELECTOR })).items;
const expectAvailableOn = async (nodes: readonly string[]): Promise<readonly V1Pod[]> =>
  eventually(
    `pods on ${nodes.join(', ') || 'no node'}`,
    async () => {
      const ready = (await pods()).filter((pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod));
      return ready.map(({ spec }) => spec?.nodeName ?? '').sort().join() === nodes.join() ? ready : undefined;
    },
    PATIENCE,
  );
const statusOf = (count: number): Promise<V1DaemonSet> =>
  cluster.until('the status agrees', DaemonSets, 'daemon-set', namespace, ({ status }) => status?.desiredNumberScheduled === count && status.currentNumberScheduled === count && status.numberReady === count);
const setImage = (image: string): Promise<V1DaemonSet> => cluster.client.patch(DaemonSets, 'daemon-set', namespace, STRATEGIC, { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } });
const withImage = (image: string): Promise<readonly V1Pod[]> =>
  eventually(
    `${image} everywhere`,
    async () => {
      const all = await pods();
      return all.length === NODES.length && all.every((pod) => pod.spec?.containers[0]?.image === image && isReady(pod)) ? all : undefined;
    },
    PATIENCE,
  );
const histories = async (count: number): Promise<readonly V1ControllerRevision[]> =>
  [...(await cluster.untilCount(ControllerRevisions, count, { namespace, labelSelector: SELECTOR }))].sort((left, right) => left.revision - right.revision);

describe('Daemon set', () => {
  test('should run and stop simple daemon', async () => {
    await makeSet();
    const [pod] = await expectAvailableOn(NODES);
    await statusOf(3);
    await cluster.client.delete(Pods, pod!.metadata.name, namespace);
    await cluster.untilGone(Pods, pod!.metadata.name, namespace);
    await expectAvailableOn(NODES);
    await cluster.client.delete(DaemonSets, 'daemon-set', namespace);
    await cluster.untilCount(Pods, 0, { namespace });
  });

  test('should run and stop complex daemon', async () => {
    await makeSet({}, 'httpd:1', { nodeSelector: { [COLOR]: 'blue' } });
    await statusOf(0);
    await expectAvailableOn([]);
    const paint = (color: string | null): Promise<unknown> => cluster.client.patch(Nodes, 'n1', undefined, MERGE, { metadata: { labels: { [COLOR]: color } } });
    await paint('blue');
    await expectAvailableOn(['n1']);
    await statusOf(1);
    await paint('green');
    await expectAvailableOn([]);
    await cluster.client.patch(DaemonSets, 'daemon-set', namespace, STRATEGIC, { spec: { template: { spec: { nodeSelector: { [COLOR]: 'green' } } }, updateStrategy: { type: 'RollingUpdate' } } });
    await expectAvailableOn(['n1']);
    await statusOf(1);
    await paint(null);
  });

  test('should retry creating failed daemon pods', async () => {
    await makeSet();
    const [pod] = await expectAvailableOn(NODES);
    // As upstream, without a resourceVersion.
    const { resourceVersion: _, ...metadata } = pod!.metadata;
    await cluster.json('PUT', `/api/v1/namespaces/${namespace}/pods/${metadata.name}/status`, { ...pod, metadata, status: { ...pod!.status, phase: 'Failed' } });
    await cluster.untilGone(Pods, metadata.name, namespace);
    await expectAvailableOn(NODES);
  });

  test('should update pod when spec was updated and update strategy is RollingUpdate', async () => {
    await makeSet({ updateStrategy: { type: 'RollingUpdate' } });
    await expectAvailableOn(NODES);
    const [first] = await histories(1);
    expect(first).toMatchObject({ revision: 1 });
    const firstHash = first!.metadata.labels?.[HASH] ?? 'none';
    expect((await pods()).map(({ metadata }) => metadata.labels?.[HASH])).toEqual(Array(3).fill(firstHash));

    await setImage('agnhost:2');
    let mostUnavailable = 0;
    await eventually('the image everywhere', async () => {
      const all = await pods();
      mostUnavailable = Math.max(mostUnavailable, all.filter((pod) => !isReady(pod)).length);
      return all.length === 3 && all.every((pod) => pod.spec?.containers[0]?.image === 'agnhost:2' && isReady(pod)) ? true : undefined;
    }, PATIENCE);
    expect(mostUnavailable).toBeLessThanOrEqual(1);
    await expectAvailableOn(NODES);
    const [, second] = await histories(2);
    expect(second).toMatchObject({ revision: 2 });
    expect((await pods()).map(({ metadata }) => metadata.labels?.[HASH])).toEqual(Array(3).fill(second!.metadata.labels?.[HASH]));
  });

  test('should rollback without unnecessary restarts', async () => {
    await makeSet({ updateStrategy: { type: 'RollingUpdate' } });
    await expectAvailableOn(NODES);
    await setImage('bad:non-existent');
    await eventually('a new pod', async () => ((await pods()).some((pod) => pod.spec?.containers[0]?.image === 'bad:non-existent') ? true : undefined), PATIENCE);
    const existing = (await pods()).filter((pod) => pod.spec?.containers[0]?.image === 'httpd:1');
    expect(existing).toHaveLength(2);
    await setImage('httpd:1');
    const after = (await withImage('httpd:1')).map(({ metadata }) => metadata.uid);
    expect(after).toEqual(expect.arrayContaining(existing.map(({ metadata }) => metadata.uid)));
  });

  test('should list and delete a collection of DaemonSets', async () => {
    await makeSet({}, 'httpd:1', {}, { 'daemonset-name': 'collection' });
    await expectAvailableOn(NODES);
    expect((await cluster.client.list(DaemonSets, { labelSelector: 'daemonset-name=collection' })).items).toHaveLength(1);
    await cluster.deleteCollection(DaemonSets, namespace, 'daemonset-name=collection', { gracePeriodSeconds: 1 });
    expect((await cluster.client.list(DaemonSets, { labelSelector: 'daemonset-name=collection' })).items).toHaveLength(0);
  });

  test('should verify changes to a daemon set status', async () => {
    const watch = await cluster.watch(DaemonSets, { namespace });
    await makeSet();
    await expectAvailableOn(NODES);
    await statusOf(3);
    expect((await cluster.subresource(DaemonSets, 'daemon-set', namespace, 'status')).status?.numberReady).toBe(3);
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
    await cluster.update(DaemonSets, 'daemon-set', namespace, ({ status }) => void (status!.conditions ??= []).push(condition), 'status');
    await watch.next('MODIFIED', ({ status }) => status?.conditions?.some((each) => each.type === 'StatusUpdate' && each.message === 'Set from e2e test') ?? false);
    await cluster.client.patch(DaemonSets, 'daemon-set', namespace, MERGE, { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } }, 'status');
    await watch.next('MODIFIED', ({ status }) => status?.conditions?.some(({ type }) => type === 'StatusPatched') ?? false);
  });
});

describe('ControllerRevision', () => {
  test('should manage the lifecycle of a ControllerRevision', async () => {
    const made = await makeSet({}, 'httpd:1', {}, { 'daemonset-name': 'daemon-set' });
    await expectAvailableOn(NODES);
    expect((await cluster.client.list(DaemonSets, { labelSelector: SELECTOR })).items).toHaveLength(1);
    const { items } = await cluster.client.list(ControllerRevisions, { labelSelector: SELECTOR });
    const initial = items.find(({ metadata }) => metadata.namespace === namespace)!;
    expect(initial.metadata.ownerReferences).toMatchObject([{ kind: 'DaemonSet', uid: made.metadata.uid }]);
    const { name } = initial.metadata;
    expect((await cluster.client.patch(ControllerRevisions, name, namespace, STRATEGIC, { metadata: { labels: { [name]: 'patched' } } })).metadata.labels).toMatchObject({ [name]: 'patched' });

    await cluster.client.create(ControllerRevisions, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'daemon-set-made', namespace, labels: { 'daemonset-name': 'daemon-set', [HASH]: 'made' }, ownerReferences: initial.metadata.ownerReferences! },
      data: initial.data ?? {},
      revision: initial.revision + 1,
    });
    await histories(2);
    await cluster.client.delete(ControllerRevisions, name, namespace);
    const [current] = await histories(1);
    const updated = await cluster.update(ControllerRevisions, current!.metadata.name, namespace, ({ metadata }) => Object.assign(metadata.labels!, { [current!.metadata.name]: 'updated' }));
    expect(updated.metadata.labels).toMatchObject({ [current!.metadata.name]: 'updated' });

    // As upstream, with a field that does not belong there.
    await cluster.client.patch(DaemonSets, 'daemon-set', namespace, STRATEGIC, { spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } }, updateStrategy: { type: 'RollingUpdate' } });
    await histories(2);
    await cluster.deleteCollection(ControllerRevisions, namespace, `${current!.metadata.name}=updated`);
    const [last] = await histories(1);
    expect(last!.revision).toBe(3);
  });
});

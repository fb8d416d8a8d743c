import type { V1Deployment, V1Pod, V1PodSpec, V1ReplicaSet } from '../../api/generated/types.ts';
import { Deployments, Pods, ReplicaSets } from '../../client/resources.ts';
import { formatTime, systemClock } from '../../process/clock.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false });
});
afterAll(() => plane.close());

const specOf = (image: string): V1PodSpec => ({ containers: [{ name: 'c', image }] });

async function makeDeployment(name: string, change: Partial<NonNullable<V1Deployment['spec']>> = {}): Promise<void> {
  const labels = { app: name };
  await plane.client.create(Deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 4, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: specOf('first') }, ...change },
  });
}

const podsOf = async (app: string, image: string): Promise<readonly V1Pod[]> => {
  const { items } = await plane.client.list(Pods, { namespace: 'default', labelSelector: `app=${app}` });
  return items.filter((pod) => pod.spec?.containers[0]?.image === image && pod.metadata.deletionTimestamp === undefined);
};
const setsOf = async (app: string): Promise<readonly V1ReplicaSet[]> => (await plane.client.list(ReplicaSets, { namespace: 'default', labelSelector: `app=${app}` })).items;
const isReady = (pod: V1Pod): boolean => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

/** Plays the kubelet for one pod. */
async function makeReady(pod: V1Pod): Promise<void> {
  const condition = { type: 'Ready', status: 'True', lastTransitionTime: formatTime(systemClock.now()) };
  await plane.client.patch(Pods, pod.metadata.name, 'default', 'application/strategic-merge-patch+json', { status: { phase: 'Running', conditions: [condition] } }, 'status');
}

const counts = async (app: string): Promise<string> => `${(await podsOf(app, 'first')).length} old, ${(await podsOf(app, 'second')).length} new`;
const reach = (app: string, wanted: string): Promise<true> => eventually(`${wanted} pods of ${app}`, async () => ((await counts(app)) === wanted ? true : undefined));

test('a rollout goes on step by step, as pods become ready, and never below what must be available', async () => {
  await makeDeployment('web');
  await reach('web', '4 old, 0 new');
  for (const pod of await podsOf('web', 'first')) await makeReady(pod);
  await eventually('all are available', async () => ((await plane.client.get(Deployments, 'web', 'default')).status?.availableReplicas === 4 ? true : undefined));
  await plane.client.patch(Deployments, 'web', 'default', 'application/strategic-merge-patch+json', { spec: { template: { spec: specOf('second') } } });
  // 25 % of 4 each: one more, and one less.
  await reach('web', '3 old, 2 new');
  const [first, second] = await podsOf('web', 'second');
  await makeReady(first!);
  await reach('web', '2 old, 3 new');
  await makeReady(second!);
  await reach('web', '1 old, 4 new');
  for (const pod of await podsOf('web', 'second')) if (!isReady(pod)) await makeReady(pod);
  await reach('web', '0 old, 4 new');
  const done = await eventually('it is complete', async () => {
    const { status } = await plane.client.get(Deployments, 'web', 'default');
    return status?.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable') && status.availableReplicas === 4 ? status : undefined;
  });
  expect(done).toMatchObject({ observedGeneration: 2, replicas: 4, updatedReplicas: 4, readyReplicas: 4 });
  expect(done.unavailableReplicas ?? 0).toBe(0);
  const progressing = done.conditions?.find(({ type }) => type === 'Progressing');
  expect(progressing?.message).toMatch(/^ReplicaSet "web-\w+" has successfully progressed\.$/);
});

test('Recreate waits until the last old pod is gone', async () => {
  await makeDeployment('once', { replicas: 2, strategy: { type: 'Recreate' } });
  await reach('once', '2 old, 0 new');
  const [held] = await podsOf('once', 'first');
  await plane.client.patch(Pods, held!.metadata.name, 'default', 'application/merge-patch+json', { metadata: { finalizers: ['example.com/held'] } });
  await plane.client.patch(Deployments, 'once', 'default', 'application/strategic-merge-patch+json', { spec: { template: { spec: specOf('second') } } });
  await reach('once', '0 old, 0 new');
  await systemClock.sleep(300);
  expect(await counts('once')).toBe('0 old, 0 new');
  await plane.client.patch(Pods, held!.metadata.name, 'default', 'application/merge-patch+json', { metadata: { finalizers: null } });
  await reach('once', '0 old, 2 new');
});

test('a rollout that makes no progress says so, and old ReplicaSets are kept as many as wanted', async () => {
  await makeDeployment('stuck', { replicas: 1, progressDeadlineSeconds: 1, revisionHistoryLimit: 1 });
  const condition = await eventually('the deadline', async () => {
    const { status } = await plane.client.get(Deployments, 'stuck', 'default');
    return status?.conditions?.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
  });
  expect(condition).toMatchObject({ type: 'Progressing', status: 'False', message: expect.stringMatching(/^ReplicaSet "stuck-\w+" has timed out progressing\.$/) });
  for (const image of ['second', 'third', 'fourth']) {
    await plane.client.patch(Deployments, 'stuck', 'default', 'application/strategic-merge-patch+json', { spec: { template: { spec: specOf(image) } } });
    const [pod] = await eventually(`a pod of ${image}`, async () => {
      const pods = await podsOf('stuck', image);
      return pods.length > 0 ? pods : undefined;
    });
    await makeReady(pod!);
    await eventually('it is complete', async () => ((await plane.client.get(Deployments, 'stuck', 'default')).status?.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable') ? true : undefined));
  }
  await eventually('one old ReplicaSet', async () => ((await setsOf('stuck')).length === 2 ? true : undefined));
});

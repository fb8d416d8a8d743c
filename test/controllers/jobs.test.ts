import type { V1JobSpec, V1Pod } from '../../api/generated/types.ts';
import { CronJobs, Jobs, Pods } from '../../client/resources.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';
import { addNodes, HandKubelet } from '../rig/handKubelet.ts';

let plane: ControlPlane;
let kubelet: HandKubelet;
beforeAll(async () => {
  plane = await startControlPlane();
  await addNodes(plane.client, ['n1']);
  kubelet = new HandKubelet(plane.client);
  await plane.run('wait --for=create serviceaccount/default --timeout=90s');
});
afterAll(async () => {
  await kubelet.stop();
  await plane.close();
});

async function makeJob(name: string, image: string, spec: Partial<V1JobSpec> = {}): Promise<void> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image }] } };
  await plane.client.create(Jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'default' }, spec: { template, ...spec } });
}

const podsOf = async (job: string): Promise<readonly V1Pod[]> => (await plane.client.list(Pods, { namespace: 'default', labelSelector: `batch.kubernetes.io/job-name=${job}` })).items;
const ended = (name: string, type: 'Complete' | 'Failed') =>
  eventually(`${name} is ${type}`, async () => {
    const { status } = await plane.client.get(Jobs, name, 'default');
    return status?.conditions?.some((each) => each.type === type && each.status === 'True') ? status : undefined;
  });

test('runs to completion, counts each pod once and lets it go', async () => {
  await makeJob('three', 'done', { completions: 3, parallelism: 2 });
  const status = await ended('three', 'Complete');
  expect(status).toMatchObject({ succeeded: 3, completionTime: expect.any(String), startTime: expect.any(String) });
  expect(status.active ?? 0).toBe(0);
  const pods = await podsOf('three');
  expect(pods).toHaveLength(3);
  expect(pods.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
});

test('an indexed job has one pod of each index', async () => {
  await makeJob('indexed', 'done', { completions: 3, parallelism: 3, completionMode: 'Indexed' });
  expect(await ended('indexed', 'Complete')).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
  const indexes = (await podsOf('indexed')).map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index']);
  expect(new Set(indexes)).toEqual(new Set(['0', '1', '2']));
});

test('gives up when pods fail too often', async () => {
  await makeJob('failing', 'fails', { backoffLimit: 0 });
  const status = await ended('failing', 'Failed');
  expect(status.conditions?.find(({ type }) => type === 'Failed')).toMatchObject({ reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' });
  expect(status.failed).toBe(1);
});

test('runs out of time', async () => {
  await makeJob('slow', 'app', { activeDeadlineSeconds: 1 });
  const status = await ended('slow', 'Failed');
  expect(status.conditions?.find(({ type }) => type === 'Failed')).toMatchObject({ reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' });
  await eventually('its pod is gone', async () => ((await podsOf('slow')).every(({ metadata }) => metadata.deletionTimestamp !== undefined) ? true : undefined));
});

test('a suspended job has no pods until it is resumed; a finished one goes after its time', async () => {
  await makeJob('later', 'done', { suspend: true, ttlSecondsAfterFinished: 1 });
  await eventually('it is suspended', async () => ((await plane.client.get(Jobs, 'later', 'default')).status?.conditions?.some(({ type, status }) => type === 'Suspended' && status === 'True') ? true : undefined));
  expect(await podsOf('later')).toEqual([]);
  await plane.client.patch(Jobs, 'later', 'default', 'application/merge-patch+json', { spec: { suspend: false } });
  await plane.run('wait --for=delete job/later --timeout=90s');
  await eventually('its pods went along', async () => ((await podsOf('later')).length === 0 ? true : undefined));
});

test('a cron job that is due runs, and belongs to its cron job', async () => {
  const template = { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'done' }] } } } };
  const made = await plane.client.create(CronJobs, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'often', namespace: 'default' }, spec: { schedule: '* * * * *', jobTemplate: template } });
  const job = await eventually('its first run', async () => (await plane.client.list(Jobs, { namespace: 'default' })).items.find(({ metadata }) => metadata.name.startsWith('often-')), 130);
  expect(job.metadata.ownerReferences).toEqual([{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'often', uid: made.metadata.uid, controller: true, blockOwnerDeletion: true }]);
  await ended(job.metadata.name, 'Complete');
  expect(await eventually('the time of the run', async () => (await plane.client.get(CronJobs, 'often', 'default')).status?.lastScheduleTime)).toMatch(/:00Z$/);
});

import type { V1CronJob, V1CronJobSpec, V1Job } from '../../../api/generated/types.ts';
import { CronJobs, Jobs } from '../../../client/resources.ts';
import { systemClock } from '../../../process/clock.ts';
import { supportsApiOperations, takesStatus } from '../apimachinery/apiOperations.ts';
import { ConformanceCluster } from '../conformanceCluster.ts';
import { fastClock, PACE } from '../fastClock.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1'], controllerClock: fastClock });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const specOf = (schedule: string, image: string, more: Partial<V1CronJobSpec> = {}): V1CronJobSpec => ({
  schedule,
  jobTemplate: { spec: { parallelism: 1, completions: 1, template: { spec: { restartPolicy: 'OnFailure', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image }] } } } },
  ...more,
});
const makeCronJob = (name: string, more: Partial<V1CronJobSpec>): Promise<V1CronJob> =>
  cluster.client.create(CronJobs, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, namespace }, spec: specOf('*/1 * * * ?', 'app', more) });
const isFinished = ({ status }: V1Job): boolean => status?.conditions?.some((each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True') ?? false;
const activeJobs = async (): Promise<readonly V1Job[]> => (await cluster.client.list(Jobs, { namespace })).items.filter((job) => !isFinished(job));
const activeIs = (name: string, count: number): Promise<V1CronJob> => cluster.until(`${count} active`, CronJobs, name, namespace, ({ status }) => (status?.active?.length ?? 0) >= count);
/** Three of the loops' minutes. */
const threeMinutes = (): Promise<void> => systemClock.sleep(180_000 / PACE);

test('CronJob should schedule multiple jobs concurrently', async () => {
  await makeCronJob('concurrent', { concurrencyPolicy: 'Allow' });
  await activeIs('concurrent', 2);
  expect((await activeJobs()).length).toBeGreaterThanOrEqual(2);
  await cluster.client.delete(CronJobs, 'concurrent', namespace);
});

test('CronJob should not schedule jobs when suspended', async () => {
  await makeCronJob('suspended', { concurrencyPolicy: 'Allow', suspend: true });
  await threeMinutes();
  expect((await cluster.client.get(CronJobs, 'suspended', namespace)).status?.active ?? []).toEqual([]);
  expect((await cluster.client.list(Jobs, { namespace })).items).toEqual([]);
});

test('CronJob should not schedule new jobs when ForbidConcurrent', async () => {
  await makeCronJob('forbid', { concurrencyPolicy: 'Forbid' });
  expect((await activeIs('forbid', 1)).status?.active).toHaveLength(1);
  const [job] = await activeJobs();
  await threeMinutes();
  expect((await cluster.client.get(CronJobs, 'forbid', namespace)).status?.active).toHaveLength(1);
  expect((await activeJobs()).map(({ metadata }) => metadata.name)).toEqual([job!.metadata.name]);
  await cluster.client.delete(CronJobs, 'forbid', namespace);
});

test('CronJob should replace jobs when ReplaceConcurrent', async () => {
  await makeCronJob('replace', { concurrencyPolicy: 'Replace' });
  const [first, ...others] = (await activeIs('replace', 1)).status?.active ?? [];
  expect(others).toEqual([]);
  await cluster.untilGone(Jobs, first!.name!, namespace);
  const replaced = await cluster.until('another is active', CronJobs, 'replace', namespace, ({ status }) => status?.active?.some(({ name }) => name !== first!.name) ?? false);
  expect(replaced.status?.active).toHaveLength(1);
  await cluster.client.delete(CronJobs, 'replace', namespace);
});

test('CronJob should support CronJob API operations', async () => {
  const lastScheduleTime = '2026-01-01T00:00:00Z';
  await supportsApiOperations(cluster.caller, {
    group: 'batch',
    version: 'v1',
    plural: 'cronjobs',
    namespace,
    subresources: ['status'],
    object: { spec: specOf('0 0 1 1 *', 'done', { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }) },
    more: (path, name) => takesStatus(cluster.caller, `${path}/${name}`, { lastScheduleTime }, (status) => status.lastScheduleTime, lastScheduleTime),
  });
});

import type { V1Job, V1JobSpec, V1Pod, V1PodFailurePolicy, V1Status } from '../../../api/generated/types.ts';
import { Jobs, Pods } from '../../../client/resources.ts';
import { outcomeOfImage, type PodOutcome } from '../../rig/handKubelet.ts';
import { ConformanceCluster, MERGE, STRATEGIC } from '../conformanceCluster.ts';
import { fastClock } from '../fastClock.ts';

const INDEX = 'batch.kubernetes.io/job-completion-index';
const indexOf = ({ metadata }: V1Pod): string => metadata.annotations?.[INDEX] ?? '';
let cluster: ConformanceCluster;
let namespace = '';
/** Pods that were seen before, by job and index: the marker files of the upstream tests. */
const marked = new Set<string>();
/** What upstream's test images do, by the image's name. */
function outcome(pod: V1Pod): PodOutcome {
  const image = pod.spec?.containers[0]?.image ?? '';
  if (image === 'failOddSucceedEven') return Number(indexOf(pod)) % 2 === 1 ? 'fails' : 'succeeds';
  if (image === 'notTerminateOncePerIndex') {
    const key = `${pod.metadata.namespace}/${indexOf(pod)}`;
    if (marked.has(key)) return 'succeeds';
    marked.add(key);
    return 'runs';
  }
  return outcomeOfImage(pod);
}
beforeAll(async () => {
  // Failed pods are made again after ten seconds of the loop's.
  cluster = await ConformanceCluster.start({ nodes: ['n1', 'n2'], outcome, controllerClock: fastClock });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const makeJob = (name: string, image: string, parallelism: number, completions: number, spec: Partial<V1JobSpec> = {}, labels: Record<string, string> = {}): Promise<V1Job> =>
  cluster.client.create(Jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels },
    spec: { parallelism, completions, template: { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image }] } }, ...spec },
  });
const condition = ({ status }: V1Job, type: string): { readonly reason?: string } | undefined => status?.conditions?.find((each) => each.type === type && each.status === 'True');
const has = (name: string, type: string, reason?: string): Promise<V1Job> =>
  cluster.until(`${name} is ${type}`, Jobs, name, namespace, (job) => {
    const found = condition(job, type);
    return found !== undefined && (reason === undefined || found.reason === reason);
  });
async function expectComplete(name: string, completions: number, reason = 'CompletionsReached'): Promise<V1Job> {
  const job = await has(name, 'Complete', reason);
  expect(job.status?.succeeded).toBe(completions);
  expect(condition(job, 'SuccessCriteriaMet')).toMatchObject({ reason });
  return job;
}
const podsOf = async (name: string): Promise<readonly V1Pod[]> => (await cluster.client.list(Pods, { namespace, labelSelector: `batch.kubernetes.io/job-name=${name}` })).items;
const running = (name: string, count: number): Promise<readonly V1Pod[]> => cluster.runningPods(namespace, `job-name=${name}`, count);
const counts = ({ status }: V1Job): unknown => ({ active: status?.active ?? 0, ready: status?.ready, terminating: status?.terminating, failed: status?.failed ?? 0, completedIndexes: status?.completedIndexes });
const failJobOn = (...values: number[]): V1PodFailurePolicy => ({ rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values } }] });

describe('Job', () => {
  test('should allow to use the pod failure policy on exit code to fail the job early', async () => {
    await makeJob('pod-failure-failjob', 'fails', 2, 4, { podFailurePolicy: failJobOn(1) });
    const job = await has('pod-failure-failjob', 'Failed');
    expect(condition(job, 'Failed')).toMatchObject({ reason: 'PodFailurePolicy' });
  });

  test('should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition', async () => {
    const name = 'evicted-pod-ignore-on-disruption-condition';
    const podFailurePolicy: V1PodFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] };
    await makeJob(name, 'notTerminateOncePerIndex', 3, 3, { completionMode: 'Indexed', backoffLimit: 2, podFailurePolicy });
    const pods = await running(name, 3);
    await cluster.until('three are ready', Jobs, name, namespace, ({ status }) => status?.ready === 3);
    await Promise.all(
      pods.map(async ({ metadata }) => {
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } };
        expect(await cluster.client.createSubresource<V1Status>(Pods, metadata.name, namespace, 'eviction', eviction)).toMatchObject({ status: 'Success' });
        await cluster.untilGone(Pods, metadata.name, namespace);
      }),
    );
    await expectComplete(name, 3);
  });

  test('should create pods for an Indexed job with completion indexes and specified hostname', async () => {
    await makeJob('indexed-job', 'done', 2, 4, { completionMode: 'Indexed' });
    await expectComplete('indexed-job', 4);
    const pods = await podsOf('indexed-job');
    expect(pods.map(indexOf).sort()).toEqual(['0', '1', '2', '3']);
    expect(pods.map(({ metadata }) => metadata.labels?.[INDEX] ?? '').sort()).toEqual(['0', '1', '2', '3']);
    for (const pod of pods) expect(pod.spec?.hostname).toBe(`indexed-job-${indexOf(pod)}`);
    expect(pods[0]?.spec?.containers[0]?.env).toEqual([{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` } } }]);
  });

  test('should run a job to completion when tasks sometimes fail and are locally restarted', async () => {
    // The restarts are the kubelet's; the loop sees pods that were restarted and then succeed.
    await makeJob('fail-once-local', 'app', 2, 4, { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'app' }] } } });
    for (let done = 0; done < 4; done += 2) {
      for (const { metadata, status } of await running('fail-once-local', 2)) {
        const containerStatuses = status!.containerStatuses!.map((each) => ({ ...each, ready: false, started: false, restartCount: 1, state: { terminated: { exitCode: 0, reason: 'Completed' } } }));
        const conditions = [{ type: 'Ready', status: 'False', reason: 'PodCompleted' }];
        await cluster.client.patch(Pods, metadata.name, namespace, STRATEGIC, { status: { phase: 'Succeeded', containerStatuses, conditions } }, 'status');
      }
    }
    await expectComplete('fail-once-local', 4);
  });

  test('should delete a job', async () => {
    await makeJob('foo', 'app', 2, 4);
    await running('foo', 2);
    await cluster.client.delete(Jobs, 'foo', namespace, { propagationPolicy: 'Background' });
    await cluster.untilGone(Jobs, 'foo', namespace);
    await cluster.untilCount(Pods, 0, { namespace });
  });

  test('should adopt matching orphans and release non-matching pods', async () => {
    const { metadata } = await makeJob('adopt-release', 'app', 2, 4);
    const [pod] = await running('adopt-release', 2);
    const { name } = pod!.metadata;
    const controller = ({ metadata: { ownerReferences } }: V1Pod): string | undefined => ownerReferences?.find((owner) => owner.controller)?.uid;
    await cluster.update(Pods, name, namespace, (each) => {
      delete each.metadata.ownerReferences;
    });
    await cluster.until('the pod is adopted again', Pods, name, namespace, (each) => controller(each) === metadata.uid);
    await cluster.update(Pods, name, namespace, (each) => {
      delete each.metadata.labels;
    });
    await cluster.until('the pod is released', Pods, name, namespace, (each) => controller(each) === undefined);
  });

  test('should apply changes to a job status', async () => {
    const { metadata } = await makeJob('suspend-false-to-true', 'app', 2, 4);
    await running('suspend-false-to-true', 2);
    const at = (job: V1Job): string | undefined => job.status?.conditions?.find(({ type }) => type === 'CustomConditionType')?.lastTransitionTime;
    const [now, later] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'];
    const custom = { type: 'CustomConditionType', status: 'True', lastTransitionTime: now };
    const patched = await cluster.client.patch(Jobs, 'suspend-false-to-true', namespace, MERGE, { metadata: { annotations: { patchedstatus: 'true' } }, status: { conditions: [custom] } }, 'status');
    expect(at(patched)).toBe(now);
    expect(patched.metadata.annotations).toMatchObject({ patchedstatus: 'true' });
    const updated = await cluster.update(Jobs, 'suspend-false-to-true', namespace, ({ status }) => {
      status!.conditions!.find(({ type }) => type === 'CustomConditionType')!.lastTransitionTime = later;
    }, 'status');
    expect(at(updated)).toBe(later);
    expect((await cluster.subresource(Jobs, 'suspend-false-to-true', namespace, 'status')).metadata.uid).toBe(metadata.uid);
  });

  test('should manage the lifecycle of a job', async () => {
    const name = 'e2e-job';
    const labelSelector = `e2e-job-label=${name}`;
    const watch = await cluster.watch(Jobs, { namespace, labelSelector });
    await makeJob(name, 'done', 2, 4, { suspend: true }, { 'e2e-job-label': name });
    const patched = await cluster.client.patch(Jobs, name, namespace, STRATEGIC, { metadata: { labels: { [name]: 'patched' } } });
    expect(patched.metadata.labels).toMatchObject({ [name]: 'patched' });
    await watch.next('MODIFIED', ({ metadata }) => metadata.labels?.[name] === 'patched');
    const updated = await cluster.update(Jobs, name, namespace, (job) => {
      job.spec!.suspend = false;
      job.metadata.annotations = { ...job.metadata.annotations, updated: 'true' };
    });
    expect(updated.metadata.annotations).toMatchObject({ updated: 'true' });
    await watch.next('MODIFIED', ({ metadata }) => metadata.annotations?.['updated'] === 'true');
    expect((await cluster.client.list(Jobs, { labelSelector })).items).toHaveLength(1);
    await expectComplete(name, 4);
    await cluster.deleteCollection(Jobs, namespace, labelSelector, { propagationPolicy: 'Background' });
    await watch.next('DELETED');
    expect((await cluster.client.list(Jobs, { labelSelector })).items).toHaveLength(0);
  });

  test('with successPolicy should succeeded when all indexes succeeded', async () => {
    const name = 'with-success-policy-all-index-succeeded';
    await makeJob(name, 'done', 2, 2, { completionMode: 'Indexed', successPolicy: { rules: [{ succeededCount: 2 }] } });
    await has(name, 'SuccessCriteriaMet', 'SuccessPolicy');
    expect(counts(await expectComplete(name, 2, 'SuccessPolicy'))).toMatchObject({ active: 0, ready: 0, terminating: 0, failed: 0 });
  });

  test.each([
    ['succeededIndexes', 6, { succeededIndexes: '0' }],
    ['succeededCount', 2_147_483_647, { succeededCount: 1 }],
  ])('with successPolicy %s rule should succeeded even when some indexes remain pending', async (rule, backoffLimit, rules) => {
    const name = `with-success-policy-${rule.toLowerCase()}`;
    await makeJob(name, 'failOddSucceedEven', 2, 5, { completionMode: 'Indexed', backoffLimit, successPolicy: { rules: [rules] } });
    await has(name, 'SuccessCriteriaMet', 'SuccessPolicy');
    const job = await has(name, 'Complete', 'SuccessPolicy');
    expect(counts(job)).toMatchObject({ active: 0, ready: 0, terminating: 0, completedIndexes: '0' });
    expect(job.status?.succeeded).toBe(1);
  });

  test('should execute all indexes despite some failing when using backoffLimitPerIndex', async () => {
    await makeJob('with-backoff-limit-per-index', 'failOddSucceedEven', 2, 4, { completionMode: 'Indexed', backoffLimitPerIndex: 1 });
    const { status } = await has('with-backoff-limit-per-index', 'Failed');
    expect(status).toMatchObject({ failedIndexes: '1,3', completedIndexes: '0,2', failed: 4, succeeded: 2 });
  });

  test('should terminate job execution when the number of failed indexes exceeds maxFailedIndexes', async () => {
    await makeJob('with-max-failed-indexes', 'fails', 1, 4, { completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 0 });
    const job = await has('with-max-failed-indexes', 'Failed');
    expect(condition(job, 'Failed')).toMatchObject({ reason: 'MaxFailedIndexesExceeded' });
    expect(job.status).toMatchObject({ failedIndexes: '0', failed: 1 });
  });

  test('should mark indexes as failed when the FailIndex action is matched in podFailurePolicy', async () => {
    const podFailurePolicy: V1PodFailurePolicy = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }] };
    await makeJob('with-failindex-action', 'failOddSucceedEven', 2, 2, { completionMode: 'Indexed', backoffLimitPerIndex: 1, podFailurePolicy });
    const { status } = await has('with-failindex-action', 'Failed');
    expect(status).toMatchObject({ failedIndexes: '1', completedIndexes: '0', failed: 1, succeeded: 1 });
  });
});

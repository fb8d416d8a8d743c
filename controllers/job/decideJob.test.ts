import type { V1Job, V1Pod } from '../../api/generated/types.ts';
import { decideJob } from './decideJob.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { INDEX_ANNOTATION, TRACKING_FINALIZER } from './podOutcome.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
function job(spec: Partial<NonNullable<V1Job['spec']>> = {}, status: V1Job['status'] = {}): V1Job {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: meta('fill'), spec: { parallelism: 1, completions: 1, backoffLimit: 6, template: { spec: { restartPolicy: 'Never', containers: [] } }, ...spec }, status };
}
function pod(name: string, phase: string, change: { tracked?: boolean; index?: number; end?: string; exitCode?: number } = {}): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta(name), ...(change.tracked === false ? {} : { finalizers: [TRACKING_FINALIZER] }), ...(change.index === undefined ? {} : { annotations: { [INDEX_ANNOTATION]: String(change.index) } }) },
    status: { phase, containerStatuses: [{ name: 'c', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: change.exitCode ?? 1, finishedAt: change.end ?? '2026-01-01T00:30:00Z' } } }] },
  };
}

test('a pod that succeeded is noted, then released, then counted, and only then the Job is complete', () => {
  const first = decideJob(job(), [pod('a', 'Succeeded')], NOW);
  expect(first.status).toMatchObject({ uncountedTerminatedPods: { succeeded: ['a'] } });
  expect(first.status.succeeded).toBeUndefined();
  expect(first.removeFinalizers.map((each) => each.metadata.name)).toEqual(['a']);
  expect(first.create).toEqual([]);
  const second = decideJob(job({}, first.status), [pod('a', 'Succeeded', { tracked: false })], NOW);
  expect(second.status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: {}, completionTime: '2026-01-01T01:00:00Z' });
  expect(second.status.conditions?.map((each) => each.type)).toEqual(['SuccessCriteriaMet', 'Complete']);
  expect(second.events).toEqual([{ type: 'Normal', reason: 'Completed', message: 'Job completed' }]);
});

test('a pod that is gone from the API after it was noted is counted all the same', () => {
  expect(decideJob(job({}, { uncountedTerminatedPods: { failed: ['x'] } }), [], NOW).status.failed).toBe(1);
});

test('failures are waited for: 10 s, doubled', () => {
  const failed = [pod('a', 'Failed', { end: '2026-01-01T00:59:40Z' }), pod('b', 'Failed', { end: '2026-01-01T00:59:55Z' })];
  const waiting = decideJob(job(), failed, NOW);
  expect([waiting.create.length, waiting.requeueAfterMilliseconds]).toEqual([0, 15_000]);
  expect(decideJob(job(), failed, NOW + 15_000).create).toHaveLength(1);
});

test('past the limit the Job fails: first the target, when all is settled the end', () => {
  const over = decideJob(job({ backoffLimit: 0 }), [pod('a', 'Failed'), pod('b', 'Running')], NOW);
  expect(over.status.conditions?.map((each) => [each.type, each.reason])).toEqual([['FailureTarget', 'BackoffLimitExceeded']]);
  expect(over.delete.map((each) => each.metadata.name)).toEqual(['b']);
  const end = decideJob(job({ backoffLimit: 0 }, { ...over.status, uncountedTerminatedPods: {}, failed: 2 }), [], NOW);
  expect(end.events[0]).toMatchObject({ reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' });
});

test('of two pods of one index, one is removed, and does not count as failed', () => {
  const indexed = job({ completionMode: 'Indexed', completions: 3, parallelism: 2 });
  const decision = decideJob(indexed, [pod('a', 'Running', { index: 0 }), pod('b', 'Running', { index: 0 }), pod('x', 'Running', { index: 7 })], NOW);
  expect(decision.delete).toHaveLength(2);
  expect(decision.delete.map(({ metadata }) => metadata.name)).toContain('x');
  expect(decision.removeFinalizers).toEqual(decision.delete);
  expect(decision.create).toEqual([{ index: 1 }]);
  expect(decision.status.failed).toBeUndefined();
});

test('an Indexed Job creates the missing indexes, each once', () => {
  const indexed = job({ completionMode: 'Indexed', completions: 5, parallelism: 3 }, { completedIndexes: '1' });
  const decision = decideJob(indexed, [pod('a', 'Running', { index: 0 }), pod('c', 'Succeeded', { index: 3 })], NOW);
  expect(decision.create).toEqual([{ index: 2 }, { index: 4 }]);
  expect(decision.status.completedIndexes).toBe('1,3');
});

test('a suspended Job has no pods; resumed, it starts again', () => {
  const suspended = decideJob(job({ suspend: true }), [pod('a', 'Running')], NOW);
  expect(suspended.delete).toHaveLength(1);
  expect(suspended.status.conditions?.[0]).toMatchObject({ type: 'Suspended', status: 'True', reason: 'JobSuspended' });
  const resumed = decideJob(job({}, suspended.status), [], NOW);
  expect(resumed.create).toHaveLength(1);
  expect(resumed.status.conditions?.[0]).toMatchObject({ type: 'Suspended', status: 'False', reason: 'JobResumed' });
});

test('a podFailurePolicy may end the Job, or not count a failure', () => {
  const rule = (action: string) => ({ podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [42] } }] } });
  const fatal = decideJob(job(rule('FailJob')), [pod('a', 'Failed', { exitCode: 42 })], NOW);
  expect(fatal.status.conditions?.[0]).toMatchObject({ type: 'FailureTarget', reason: 'PodFailurePolicy', message: 'Container c for pod default/a failed with exit code 42 matching FailJob rule at index 0' });
  const ignored = decideJob(job(rule('Ignore')), [pod('a', 'Failed', { exitCode: 42 })], NOW);
  expect([ignored.status.failed, ignored.status.uncountedTerminatedPods, ignored.removeFinalizers.length]).toEqual([undefined, {}, 1]);
});

test('index sets are written as Kubernetes writes them', () => {
  expect(formatIndexes(new Set([7, 1, 3, 4, 5, 9, 10]))).toBe('1,3-5,7,9,10');
  expect([...parseIndexes('1,3-5')]).toEqual([1, 3, 4, 5]);
});

import type { V1Job, V1Pod } from '../../api/generated/types.ts';
import { decideJob } from './decideJob.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { FAILURES_ANNOTATION, failureAnnotations } from './perIndex.ts';
import { INDEX_ANNOTATION, TRACKING_FINALIZER } from './podOutcome.ts';
import { matchSuccessPolicy } from './successPolicy.ts';

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

test('a Job of which enough has succeeded does not fail any more', () => {
  const met = job({ completions: 1, backoffLimit: 0 }, { succeeded: 1, conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }] });
  const { conditions } = decideJob(met, [pod('a', 'Failed')], NOW).status;
  expect(conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet']);
});

test('an Indexed Job that has shrunk forgets the indexes beyond', () => {
  const shrunk = job({ completionMode: 'Indexed', completions: 2, parallelism: 2 }, { completedIndexes: '0,3', succeeded: 2 });
  expect(decideJob(shrunk, [], NOW).status).toMatchObject({ completedIndexes: '0', succeeded: 1 });
});

test('a podFailurePolicy may end the Job, or not count a failure', () => {
  const rule = (action: string) => ({ podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [42] } }] } });
  const fatal = decideJob(job(rule('FailJob')), [pod('a', 'Failed', { exitCode: 42 })], NOW);
  expect(fatal.status.conditions?.[0]).toMatchObject({ type: 'FailureTarget', reason: 'PodFailurePolicy', message: 'Container c for pod default/a failed with exit code 42 matching FailJob rule at index 0' });
  const ignored = decideJob(job(rule('Ignore')), [pod('a', 'Failed', { exitCode: 42 })], NOW);
  expect([ignored.status.failed, ignored.status.uncountedTerminatedPods, ignored.removeFinalizersLast.length]).toEqual([undefined, {}, 1]);
});

const perIndex = (index: number, failures: number, name = `p${index}`, exitCode = 1): V1Pod => {
  const made = pod(name, 'Failed', { index, exitCode });
  return { ...made, metadata: { ...made.metadata, annotations: { ...made.metadata.annotations, [FAILURES_ANNOTATION]: String(failures) } } };
};
const limited = (spec: Partial<NonNullable<V1Job['spec']>> = {}, status: V1Job['status'] = {}): V1Job =>
  job({ completionMode: 'Indexed', completions: 4, parallelism: 2, backoffLimit: 2_147_483_647, backoffLimitPerIndex: 1, ...spec }, status);

test('with a limit per index, a failed pod is kept until another one, which says how often the index failed, takes its place', () => {
  const first = decideJob(limited(), [perIndex(1, 0), pod('p0', 'Running', { index: 0 })], NOW);
  expect([first.removeFinalizers, first.status.uncountedTerminatedPods, first.status.failedIndexes]).toEqual([[], {}, '']);
  expect(first.create).toMatchObject([{ index: 1, replaces: { metadata: { name: 'p1' } } }]);
  expect(failureAnnotations(limited(), first.create[0]!.replaces)).toEqual({ [FAILURES_ANNOTATION]: '1' });
  expect(failureAnnotations(limited(), undefined)).toEqual({ [FAILURES_ANNOTATION]: '0' });
  const replaced = decideJob(limited(), [perIndex(1, 0), pod('again', 'Running', { index: 1 }), pod('p0', 'Running', { index: 0 })], NOW);
  expect(replaced.status.uncountedTerminatedPods).toEqual({ failed: ['p1'] });
});

test('each index waits for itself: 10 s after the first failure, 20 s after the second', () => {
  const at = Date.parse('2026-01-01T00:30:00Z');
  const waiting = decideJob(limited({ backoffLimitPerIndex: 3 }), [perIndex(0, 1), pod('p1', 'Running', { index: 1 })], at + 5000);
  expect([waiting.create, waiting.requeueAfterMilliseconds]).toEqual([[], 15_000]);
});

test('an index that has failed too often, or by its rule, is not tried again; when none is left the Job fails', () => {
  const podFailurePolicy = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }] };
  const { status, create } = decideJob(limited({ podFailurePolicy, parallelism: 4 }), [perIndex(0, 1), perIndex(1, 0, 'p1', 42)], NOW);
  expect(status.failedIndexes).toBe('0,1');
  expect(create.map(({ index }) => index)).toEqual([2, 3]);
  const over = decideJob(limited({}, { failedIndexes: '1', completedIndexes: '0,2,3' }), [], NOW);
  expect(over.status.conditions).toMatchObject([{ type: 'FailureTarget', reason: 'FailedIndexes', message: 'Job has failed indexes' }, { type: 'Failed' }]);
  const many = decideJob(limited({ maxFailedIndexes: 0 }), [perIndex(0, 1)], NOW);
  expect(many.status.conditions).toMatchObject([{ type: 'FailureTarget', reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' }]);
});

test('a successPolicy ends the Job early, and its pods are let go uncounted', () => {
  const policy = limited({ successPolicy: { rules: [{ succeededIndexes: '7' }, { succeededIndexes: '0-1', succeededCount: 1 }] } });
  const { status, removeFinalizers } = decideJob(policy, [pod('p1', 'Succeeded', { index: 1 }), pod('p0', 'Running', { index: 0 })], NOW);
  expect(status.conditions).toMatchObject([{ type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: 'Matched rules at index 1' }]);
  expect(removeFinalizers.map(({ metadata }) => metadata.name)).toEqual(['p1', 'p0']);
  expect(status.uncountedTerminatedPods).toEqual({ succeeded: ['p1'] });
});

test('rules of a successPolicy: all of the indexes, or so many of them, or of all', () => {
  const rule = (each: object, ...succeeded: number[]) => matchSuccessPolicy({ rules: [each] }, new Set(succeeded)) !== undefined;
  expect([rule({ succeededIndexes: '0,2' }, 0), rule({ succeededIndexes: '0,2' }, 0, 2), rule({ succeededIndexes: '0-3', succeededCount: 2 }, 3, 9), rule({ succeededIndexes: '0-3', succeededCount: 2 }, 3, 1)]).toEqual([false, true, false, true]);
  expect([rule({ succeededCount: 1 }), rule({ succeededCount: 1 }, 5), rule({ succeededCount: 2 }, 5)]).toEqual([false, true, false]);
});

test('index sets are written as Kubernetes writes them', () => {
  expect(formatIndexes(new Set([7, 1, 3, 4, 5, 9, 10]))).toBe('1,3-5,7,9,10');
  expect([...parseIndexes('1,3-5')]).toEqual([1, 3, 4, 5]);
});

import type { V1Job, V1JobSpec, V1JobStatus } from '../../generated/types.ts';
import { job } from './job.ts';

const metadata = { name: 'fill', namespace: 'default', uid: 'u1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const START = '2026-01-01T00:00:01Z';
const END = '2026-01-01T00:00:09Z';

const jobOf = (status: V1JobStatus, spec: Partial<V1JobSpec> = {}): V1Job => ({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: {}, ...spec }, status });
const errorsOf = (now: V1JobStatus, before: V1JobStatus = {}, spec: Partial<V1JobSpec> = {}): string[] =>
  (job.validateStatusUpdate?.(jobOf(now, spec), jobOf(before, spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);
const holding = (...types: string[]): V1JobStatus => ({ conditions: types.map((type) => ({ type, status: 'True' })) });
const complete: V1JobStatus = { ...holding('SuccessCriteriaMet', 'Complete'), startTime: START, completionTime: END };
const indexed: Partial<V1JobSpec> = { completionMode: 'Indexed', completions: 5, parallelism: 2 };

test.each<[string, V1JobStatus, V1JobStatus, Partial<V1JobSpec>, string[]]>([
  ['it goes on', { active: 2, ready: 1, startTime: START }, {}, {}, []],
  ['it completes', complete, { active: 1, startTime: START }, {}, []],
  ['it fails', { ...holding('FailureTarget', 'Failed'), startTime: START, failed: 1 }, holding('FailureTarget'), {}, []],
  ['counts below nothing', { active: -1 }, {}, {}, ['status.active: Invalid value: -1: must be greater than or equal to 0']],
  ['ends both ways', { ...complete, ...holding('SuccessCriteriaMet', 'Complete', 'FailureTarget', 'Failed') }, {}, {}, [
    'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions', 'status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions',
    'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions', 'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  ]],
  ['completes without a time, a start and what comes first', holding('Complete'), {}, {}, [
    'status.completionTime: Required value: completionTime is required for Complete jobs', 'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.startTime: Required value: startTime is required for finished job',
  ]],
  ['of nothing, ends suspended', { ...complete, startTime: undefined }, {}, { suspend: true, completions: 0 }, []],
  ['fails at once', { ...holding('Failed'), startTime: START }, {}, {}, ['status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition']],
  ['ends before it starts', { ...complete, startTime: END, completionTime: START }, {}, {}, [`status.completionTime: Invalid value: "${START}": completionTime cannot be set before startTime`]],
  ['has a time of an end that is none', { startTime: START, completionTime: END }, {}, {}, [`status.completionTime: Invalid value: "${END}": cannot set completionTime when there is no Complete=True condition`]],
  ['ends with pods', { ...complete, active: 1, terminating: 1, uncountedTerminatedPods: { failed: ['a'] } }, {}, {}, [
    'status.active: Invalid value: 1: active>0 is invalid for finished job', 'status.uncountedTerminatedPods: Invalid value: {"Succeeded":null,"Failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job',
    'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
  ]],
  ['more ready than active', { ready: 1 }, {}, {}, ['status.ready: Invalid value: 1: cannot set more ready pods than active']],
  ['notes a pod twice', { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } }, {}, {}, [
    'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty', 'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
  ]],
  ['indexes of a Job that has none', { completedIndexes: '1', failedIndexes: '2' }, {}, {}, [
    'status.completedIndexes: Invalid value: "1": cannot set non-empty completedIndexes when non-indexed completion mode', 'status.failedIndexes: Invalid value: "2": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
  ]],
  ['indexes beyond the last', { completedIndexes: '1,7' }, {}, indexed, ['status.completedIndexes: Invalid value: "1,7": error parsing completedIndexes: too large index: "7"']],
  ['the same of old', { completedIndexes: '1,7', active: 1 }, { completedIndexes: '1,7' }, indexed, []],
  ['indexes that failed and completed', { completedIndexes: '0,2-4', failedIndexes: '1,3' }, {}, { ...indexed, backoffLimitPerIndex: 1 }, ['status.failedIndexes: Invalid value: "1,3": failedIndexes and completedIndexes overlap at index: 3']],
  ['is no longer complete', { startTime: START }, complete, {}, ['status.conditions: Invalid value: cannot disable the terminal Complete=True condition', 'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition']],
  ['counts backwards', { failed: 1, succeeded: 1 }, { failed: 2, succeeded: 2 }, {}, ['status.failed: Invalid value: 1: cannot decrease the failed counter', 'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter']],
  ['shrinks', { succeeded: 1 }, { succeeded: 2 }, { ...indexed, completions: 2 }, []],
  ['ends another time', { ...complete, completionTime: '2026-01-01T00:00:10Z' }, complete, {}, ['status.completionTime: Invalid value: "2026-01-01T00:00:10Z": completionTime cannot be mutated']],
  ['starts anew', {}, { startTime: START }, {}, ['status.startTime: Required value: startTime cannot be removed for unsuspended job']],
  ['starts anew when it was suspended', {}, { startTime: START }, { suspend: true }, []],
])('a Job %s', (_, now, before, spec, messages) => {
  expect(errorsOf(now, before, spec)).toEqual(messages);
});

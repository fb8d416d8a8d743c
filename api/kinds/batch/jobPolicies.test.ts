import type { V1JobSpec } from '../../generated/types.ts';
import { scheduleError } from './cronSchedule.ts';
import { validateJobSpec } from './validateJob.ts';
import { countIndexes } from './jobIndexes.ts';

const errorsOf = (more: Partial<V1JobSpec>): string[] => {
  const spec: V1JobSpec = { template: { spec: { containers: [], restartPolicy: 'Never' } }, completionMode: 'NonIndexed', ...more };
  return validateJobSpec('spec', spec).filter(({ field }) => !field.startsWith('spec.template')).map(({ field, message }) => `${field}: ${message}`);
};
const failure = (rule: object): Partial<V1JobSpec> => ({ podFailurePolicy: { rules: [rule] } as V1JobSpec['podFailurePolicy'] });

describe('pod failure policy', () => {
  it.each<[object, string[]]>([
    [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, []],
    [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 42] } }, []],
    [{}, ['spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]', 'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required']],
    [{ action: 'FailIndex', onExitCodes: { operator: 'NotIn', values: [0] } }, ['spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set']],
    [{ action: 'Count', onExitCodes: { operator: 'In', values: [2, 0, 2], containerName: 'x' } }, [
      'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2',
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered',
    ]],
  ])('%j', (rule, messages) => {
    expect(errorsOf(failure(rule))).toEqual(messages);
  });
});

describe('success policy', () => {
  const indexed: Partial<V1JobSpec> = { completionMode: 'Indexed', completions: 5 };
  it('is for indexed Jobs, and has rules', () => {
    expect(errorsOf({ successPolicy: { rules: [] } })).toEqual(['spec.successPolicy: Invalid value: {"Rules":[]}: requires indexed completion mode']);
    expect(errorsOf({ ...indexed, successPolicy: { rules: [] } })).toEqual(['spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified']);
    expect(errorsOf({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0,2-3', succeededCount: 3 }] } })).toEqual([]);
    expect(errorsOf({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 3 }] } })).toEqual(['spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)']);
  });
  it.each([
    ['', { total: 0 }],
    ['0,2-4', { total: 4 }],
    ['5', { total: 0, error: 'too large index: "5"' }],
    ['2,1', { total: 0, error: 'non-increasing order, previous: 2, current: 1' }],
    ['1-1', { total: 0, error: 'non-increasing order, previous: 1, current: 1' }],
    ['a', { total: 0, error: 'cannot convert string to integer for index: "a"' }],
    ['1-2-3', { total: 0, error: 'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'' }],
  ])('%j', (text, counted) => {
    expect(countIndexes(text, 5)).toEqual(counted);
  });
});

describe('managed by', () => {
  it('is a path under a domain', () => {
    expect(errorsOf({ managedBy: 'acme.io/queue/a' })).toEqual([]);
    expect(errorsOf({ managedBy: 'queue' })).toEqual(['spec.managedBy: Invalid value: "queue": must be a domain-prefixed path (such as "acme.io/foo")']);
  });
});

describe('schedule', () => {
  it.each(['0 0 1 1 *', '*/5 0-6 1,15 JAN-mar MON-FRI', '5/15 * ? * *', '@every 1h30m', '@daily'])('%s', (schedule) => {
    expect(scheduleError(schedule)).toBeUndefined();
  });
  it.each([
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
    ['@never', 'unrecognized descriptor: @never'],
  ])('%s is refused', (schedule, error) => {
    expect(scheduleError(schedule)).toBe(error);
  });
});

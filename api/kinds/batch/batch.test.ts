import type { V1CronJob, V1Job, V1JobSpec } from '../../generated/types.ts';
import { cronJob } from './cronJob.ts';
import { job } from './job.ts';

const metadata = { name: 'fill', namespace: 'default', uid: 'u1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const template = { spec: { containers: [{ name: 'c', image: 'a:1' }], restartPolicy: 'Never' } };

function jobOf(spec: V1JobSpec): V1Job {
  const object: V1Job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata }, spec: structuredClone(spec) };
  job.setDefaults?.(object);
  job.prepareForCreate?.(object);
  return object;
}

const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('job', () => {
  it('gets defaults, and a selector of its own', () => {
    expect(jobOf({ template })).toMatchObject({
      spec: {
        completions: 1, parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false, podReplacementPolicy: 'TerminatingOrFailed', selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } },
        template: { metadata: { labels: { 'batch.kubernetes.io/controller-uid': 'u1', 'batch.kubernetes.io/job-name': 'fill', 'controller-uid': 'u1', 'job-name': 'fill' } } },
      },
    });
    expect(jobOf({ template, parallelism: 3 }).spec?.completions).toBeUndefined();
  });
  it('must end', () => {
    expect(texts(job.validate?.(jobOf({ template })))).toEqual([]);
    expect(texts(job.validate?.(jobOf({ template: { spec: { containers: [{ name: 'c', image: 'a' }] } } })))).toEqual(['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']);
    expect(texts(job.validate?.(jobOf({ template, completionMode: 'Indexed', parallelism: 2 })))).toEqual(['spec.completions: Required value: when completion mode is Indexed']);
  });
  it('keeps its work', () => {
    const previous = jobOf({ template });
    const changed = structuredClone(previous);
    changed.spec!.completions = 5;
    changed.spec!.parallelism = 2;
    expect(texts(job.validateUpdate?.(changed, previous))).toEqual(['spec.completions: Invalid value: 5: field is immutable']);
    const other = structuredClone(previous);
    other.spec!.template.spec!.containers[0]!.image = 'b';
    expect(texts(job.validateUpdate?.(other, previous))[0]).toMatch(/^spec\.template: Invalid value: .*: field is immutable$/);
  });
  it.each<[string, Partial<V1JobSpec>, string[]]>([
    ['many indexes', { completionMode: 'Indexed', completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 }, [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000', 'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ]],
    ['more failures than indexes', { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1, maxFailedIndexes: 3 }, ['spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions']],
    ['failures of indexes that there are not', { maxFailedIndexes: 3 }, ['spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified', 'spec.maxFailedIndexes: Invalid value: 3: requires indexed completion mode']],
    ['another mode', { completionMode: 'Some' }, ['spec.completionMode: Unsupported value: "Some": supported values: "NonIndexed", "Indexed"']],
  ])('refuses %s', (_, spec, messages) => {
    expect(texts(job.validate?.(jobOf({ template, ...spec })))).toEqual(messages);
  });
  it('leaves room for the index in names of hosts', () => {
    const object = { ...jobOf({ template, completionMode: 'Indexed', completions: 3 }), metadata: { ...metadata, name: 'a'.repeat(62) } };
    for (const name of ['batch.kubernetes.io/job-name', 'job-name']) object.spec!.template.metadata!.labels![name] = 'a'.repeat(62);
    expect(texts(job.validate?.(object))).toEqual([`metadata.name: Invalid value: "${'a'.repeat(62)}": will not able to create pod with invalid DNS label: ${'a'.repeat(62)}-2`]);
  });
  it('may be told what it needs while it is suspended', () => {
    const suspended = jobOf({ template, suspend: true });
    const changed = structuredClone(suspended);
    Object.assign(changed.spec!.template.spec!, { nodeSelector: { a: 'b' }, affinity: { nodeAffinity: {} } });
    changed.spec!.template.metadata!.labels!.a = 'b';
    changed.spec!.template.spec!.containers[0]!.resources = { requests: { cpu: '1' }, limits: { cpu: '1' } };
    expect(texts(job.validateUpdate?.(changed, suspended))).toEqual([]);
    const running: V1Job = { ...suspended, status: { active: 1 } };
    expect(texts(job.validateUpdate?.(changed, running))[0]).toMatch(/^spec\.template: Invalid value: .*: field is immutable$/);
    changed.spec!.template.spec!.containers[0]!.image = 'b';
    expect(texts(job.validateUpdate?.(changed, suspended))).toHaveLength(1);
  });
  it('grows with its parallelism when it is indexed', () => {
    const before = jobOf({ template, completionMode: 'Indexed', completions: 2, parallelism: 2 });
    const after = (completions: number, parallelism: number): V1Job => ({ ...before, spec: { ...before.spec!, completions, parallelism } });
    expect(texts(job.validateUpdate?.(after(3, 3), before))).toEqual([]);
    expect(texts(job.validateUpdate?.(after(3, 2), before))).toEqual(['spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism']);
  });
  it('warns of what it may not keep track of', () => {
    expect(job.warnings?.(jobOf({ template, completionMode: 'Indexed', completions: 100_001, parallelism: 10_001 }))).toEqual([expect.stringMatching(/^spec: In Indexed Jobs with a number of completions higher than/)]);
  });
  it('shows itself', () => {
    const done = { ...jobOf({ template }), status: { succeeded: 1, startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:00:07Z', conditions: [{ type: 'Complete', status: 'True' }] } };
    expect(job.columns?.slice(0, 4).map((each) => each.value(done, Date.parse('2026-01-01T00:10:00Z')))).toEqual(['Complete', '1/1', '7s', '10m']);
  });
});

describe('cron job', () => {
  const cronJobOf = (schedule: string, more: object = {}): V1CronJob => {
    const object: V1CronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { schedule, jobTemplate: { spec: { template: structuredClone(template) } }, ...more } };
    cronJob.setDefaults?.(object);
    return object;
  };
  it('gets defaults', () => {
    expect(cronJobOf('* * * * *').spec).toMatchObject({ concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  });
  it.each(['* * * * *', '*/5 0-6 1,15 * MON-FRI', '@hourly', '@every 5m'])('takes %s', (schedule) => {
    expect(cronJob.validate?.(cronJobOf(schedule))).toEqual([]);
  });
  it('refuses what is no schedule', () => {
    expect(texts(cronJob.validate?.(cronJobOf('* * *')))).toEqual(['spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]']);
    expect(texts(cronJob.validate?.(cronJobOf('TZ=Mars/Olympus * * * * *')))).toEqual(['spec.schedule: Invalid value: "TZ=Mars/Olympus * * * * *": provided bad location Mars/Olympus: unknown time zone Mars/Olympus']);
  });
  it.each([
    ['Europe/Berlin', []],
    ['Asia/Kolkata', []],
    ['Etc/UTC', []],
    ['UTC', []],
    ['Mars/Olympus', ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus']],
    ['europe/berlin', ['spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin']],
    ['+01:00', ['spec.timeZone: Invalid value: "+01:00": unknown time zone +01:00']],
    ['', ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']],
    ['Local', ['spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones']],
  ])('zone %s', (timeZone, messages) => {
    expect(texts(cronJob.validateCreate?.(cronJobOf('* * * * *', { timeZone })))).toEqual(messages);
  });
  it('keeps the zone that a schedule has', () => {
    const zoned = cronJobOf('TZ=UTC * * * * *');
    expect(texts(cronJob.validate?.(zoned))).toEqual([]);
    expect(texts(cronJob.validateCreate?.(zoned))).toEqual(['spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead']);
    expect(texts(cronJob.validateUpdate?.(zoned, zoned))).toEqual([]);
    expect(texts(cronJob.validateUpdate?.(cronJobOf('TZ=UTC * * * * *', { timeZone: 'UTC' }), zoned))).toEqual(['spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule']);
    expect(cronJob.warnings?.(zoned)).toEqual([expect.stringMatching(/^cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead/)]);
  });
});

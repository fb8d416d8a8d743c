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
    expect(texts(cronJob.validate?.(cronJobOf('* * * * *', { timeZone: 'Mars/Olympus' })))).toEqual(['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus']);
  });
});

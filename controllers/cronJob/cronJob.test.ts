import type { V1CronJob, V1Job } from '../../api/generated/types.ts';
import { decideRun, surplusJobs } from './decideCronJob.ts';
import { dueRun, parseSchedule, ScheduleError } from './schedule.ts';

const at = (text: string): number => Date.parse(text);
const meta = (name: string, created = '2026-01-01T00:00:00Z') => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: created });
const cronJob = (spec: Partial<NonNullable<V1CronJob['spec']>> = {}): V1CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: meta('report'),
  spec: { schedule: '*/5 * * * *', jobTemplate: {}, ...spec },
});
const job = (name: string, end?: 'Complete' | 'Failed', created?: string): V1Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: meta(name, created),
  ...(end ? { status: { conditions: [{ type: end, status: 'True' }] } } : {}),
});
const every5 = parseSchedule('*/5 * * * *', undefined);

test('schedules in five fields, by name, by distance and in a time zone', () => {
  expect(every5.next(at('2026-01-01T00:01:00Z'))).toBe(at('2026-01-01T00:05:00Z'));
  for (const name of ['constructor', 'toString', '__proto__']) expect(() => parseSchedule(name, undefined)).toThrow(ScheduleError);
  expect(parseSchedule('@hourly', undefined).next(at('2026-01-01T00:01:00Z'))).toBe(at('2026-01-01T01:00:00Z'));
  expect(parseSchedule('@every 90s', undefined).next(at('2026-01-01T00:00:00Z'))).toBe(at('2026-01-01T00:01:30Z'));
  expect(parseSchedule('0 8 * * *', 'Europe/Berlin').next(at('2026-01-01T00:00:00Z'))).toBe(at('2026-01-01T07:00:00Z'));
  expect(() => parseSchedule('* * *', undefined)).toThrow(ScheduleError);
});

test('only the newest missed run is made up for, and a gap of years costs nothing', () => {
  expect(dueRun(every5, at('2026-01-01T00:00:00Z'), at('2026-01-01T00:12:00Z'))).toEqual({ scheduledAt: at('2026-01-01T00:10:00Z'), tooMany: false, missed: 2 });
  expect(dueRun(every5, at('2016-01-01T00:00:00Z'), at('2026-01-01T00:12:00Z'))).toMatchObject({ scheduledAt: at('2026-01-01T00:10:00Z'), tooMany: true });
});

test('a run is a Job whose name tells the time, so that it is started once', () => {
  const now = at('2026-01-01T00:12:00Z');
  const decision = decideRun(cronJob(), [], every5, now);
  expect(decision).toMatchObject({ kind: 'run', job: { metadata: { name: 'report-29453770', annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:10:00Z' } } } });
  expect(decideRun(cronJob(), [job('report-29453770')], every5, now).kind).toBe('wait');
});

test('Forbid waits for a run that goes on, Replace ends it', () => {
  const now = at('2026-01-01T00:12:00Z');
  const running = [job('report-1')];
  expect(decideRun(cronJob({ concurrencyPolicy: 'Forbid' }), running, every5, now)).toMatchObject({ kind: 'wait', events: [{ reason: 'JobAlreadyActive' }] });
  expect(decideRun(cronJob({ concurrencyPolicy: 'Replace' }), running, every5, now)).toMatchObject({ kind: 'run', replace: running });
});

test('a run that is later than its deadline is skipped', () => {
  expect(decideRun(cronJob({ startingDeadlineSeconds: 30 }), [], every5, at('2026-01-01T00:12:00Z')).kind).toBe('wait');
});

test('of finished Jobs three good ones and one bad one stay', () => {
  const jobs = ['1', '2', '3', '4'].map((minute) => job(`good-${minute}`, 'Complete', `2026-01-01T00:0${minute}:00Z`));
  expect(surplusJobs(cronJob(), [...jobs, job('bad-1', 'Failed', '2026-01-01T00:01:00Z'), job('bad-2', 'Failed', '2026-01-01T00:02:00Z')]).map((each) => each.metadata.name)).toEqual(['good-1', 'bad-1']);
});

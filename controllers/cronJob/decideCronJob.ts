import type { V1CronJob, V1Job, V1ObjectReference } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { formatTime } from '../../process/clock.ts';
import { controllerReference } from '../ownership.ts';
import { dueRun, type Schedule } from './schedule.ts';

const SCHEDULED_AT_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export interface CronJobEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export type RunDecision =
  | { readonly kind: 'wait'; readonly events: readonly CronJobEvent[] }
  /** Start this Job, after the ones to be replaced are deleted. */
  | { readonly kind: 'run'; readonly job: Draft<V1Job>; readonly scheduledAt: number; readonly replace: readonly V1Job[]; readonly events: readonly CronJobEvent[] };

export function finishOf(job: V1Job): 'Complete' | 'Failed' | undefined {
  const end = job.status?.conditions?.find((condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True');
  return end?.type as 'Complete' | 'Failed' | undefined;
}

/** Whether a run is due, and what to do about it. `owned` are the CronJob's Jobs; `now` is wall-clock milliseconds. */
export function decideRun(cronJob: V1CronJob, owned: readonly V1Job[], schedule: Schedule, now: number): RunDecision {
  const { spec } = cronJob;
  if (spec.suspend || cronJob.metadata.deletionTimestamp !== undefined) return { kind: 'wait', events: [] };
  const deadline = spec.startingDeadlineSeconds;
  const last = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  const since = deadline === undefined ? last : Math.max(last, now - deadline * 1000);
  const due = dueRun(schedule, since, now);
  const events: CronJobEvent[] = due.tooMany
    ? [{ type: 'Warning', reason: 'TooManyMissedTimes', message: `too many missed start times: ${due.missed}. Set or decrease .spec.startingDeadlineSeconds or check clock skew` }]
    : [];
  if (due.scheduledAt === undefined) return { kind: 'wait', events };

  const job = jobFor(cronJob, due.scheduledAt);
  // The name says which run it is: one that is there already has been started, by us or by the leader before.
  if (owned.some((each) => each.metadata.name === job.metadata.name)) return { kind: 'wait', events };
  const running = owned.filter((each) => finishOf(each) === undefined);
  if (spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
    return { kind: 'wait', events: [...events, { type: 'Normal', reason: 'JobAlreadyActive', message: 'Not starting job because prior execution is running and concurrency policy is Forbid' }] };
  }
  return { kind: 'run', job, scheduledAt: due.scheduledAt, replace: spec.concurrencyPolicy === 'Replace' ? running : [], events };
}

/** Two Jobs for one run would do harm, so the name follows from the time: minutes since the epoch. */
export function jobFor(cronJob: V1CronJob, scheduledAt: number): Draft<V1Job> {
  const { name, namespace } = cronJob.metadata;
  const template = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name}-${Math.floor(scheduledAt / 60_000)}`,
      namespace,
      ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
      annotations: { ...template.metadata?.annotations, [SCHEDULED_AT_ANNOTATION]: formatTime(scheduledAt) },
      ownerReferences: [controllerReference(cronJob)],
    },
    ...(template.spec ? { spec: template.spec } : {}),
  };
}

/** Finished Jobs beyond what the history limits keep, oldest first. */
export function surplusJobs(cronJob: V1CronJob, owned: readonly V1Job[]): readonly V1Job[] {
  const limits = { Complete: cronJob.spec?.successfulJobsHistoryLimit ?? 3, Failed: cronJob.spec?.failedJobsHistoryLimit ?? 1 };
  return (['Complete', 'Failed'] as const).flatMap((end) => {
    const jobs = owned.filter((job) => finishOf(job) === end).sort((left, right) => startOf(left).localeCompare(startOf(right)) || left.metadata.name.localeCompare(right.metadata.name));
    return jobs.slice(0, Math.max(0, jobs.length - limits[end]));
  });
}

const startOf = (job: V1Job): string => job.status?.startTime ?? job.metadata.creationTimestamp;

export function activeReferences(owned: readonly V1Job[]): V1ObjectReference[] {
  return owned
    .filter((job) => finishOf(job) === undefined)
    .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))
    .map(({ metadata }) => ({ apiVersion: 'batch/v1', kind: 'Job', name: metadata.name, namespace: metadata.namespace, uid: metadata.uid, resourceVersion: metadata.resourceVersion }));
}

/** The newest end of a Job that completed. */
export function lastSuccess(cronJob: V1CronJob, owned: readonly V1Job[]): string | undefined {
  const ends = owned.filter((job) => finishOf(job) === 'Complete').map((job) => job.status?.completionTime ?? '');
  const newest = [...ends, cronJob.status?.lastSuccessfulTime ?? ''].sort().at(-1);
  return newest === '' ? undefined : newest;
}

import type { V1Job, V1JobCondition, V1JobStatus, V1Pod } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import { inDeletionOrder } from '../podDeletionRank.ts';
import { isActive, isReady } from '../podConditions.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { failureVerdict, finishedAt, indexOf, isIndexed, isTracked, outcomeOf, replacesOnlyFailed } from './podOutcome.ts';

/** Kubernetes' back-off of failed pods, in milliseconds. */
const BASE_BACKOFF = 10_000;
const MAXIMUM_BACKOFF = 600_000;

/**
 * One step of a Job, to be carried out in this order: write the status, then remove finalizers, then delete and create pods.
 * A finished pod is first noted in the status by its uid, then loses its finalizer, then is counted: so none is lost, and none counted
 * twice, wherever the controller stops.
 */
export interface JobDecision {
  readonly status: V1JobStatus;
  readonly removeFinalizers: readonly V1Pod[];
  readonly delete: readonly V1Pod[];
  /** One entry per pod to create; its completion index in an Indexed Job. */
  readonly create: readonly { readonly index: number | undefined }[];
  readonly events: readonly { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }[];
  readonly requeueAfterMilliseconds: number | undefined;
}

interface Ending {
  readonly reason: string;
  readonly message: string;
}

/** `pods` are all that the Job controls, finished ones too. `now` is wall-clock milliseconds. */
export function decideJob(job: V1Job, pods: readonly V1Pod[], now: number): JobDecision {
  const previous = job.status ?? {};
  const count = countFinished(job, pods);
  const active = pods.filter(isActive);
  const suspended = job.spec?.suspend === true;
  const startTime = suspended ? previous.startTime : (previous.startTime ?? formatTime(now));
  const failing = failureOf(job, count, active, now, startTime);
  const succeeding = failing === undefined && !suspended && isSatisfied(job, count, active.length);
  const ended = failing !== undefined || succeeding;

  const wanted = ended || suspended ? 0 : wantedActive(job, count.succeeded, active.length);
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed').length;
  const backoff = ended || suspended ? 0 : backoffLeft(job, pods, now);
  const duplicates = isIndexed(job) ? duplicatesOf(job, active, now) : [];
  const occupied = active.length - duplicates.length + (replacesOnlyFailed(job) ? terminating : 0);
  const create = backoff > 0 ? [] : podsToCreate(job, pods, count, Math.max(0, wanted - occupied));
  const single = active.filter((pod) => !duplicates.includes(pod));
  const surplus = [...duplicates, ...(single.length > wanted ? inDeletionOrder(single, single, now).slice(0, single.length - wanted) : [])];

  const settled = count.uncounted.succeeded.length + count.uncounted.failed.length === 0;
  const final = ended && settled && active.length === 0 && terminating === 0;
  const { conditions, events } = conditionsOf(job, { failing, succeeding, final, suspended }, now);
  const status: V1JobStatus = {
    ...(startTime === undefined ? {} : { startTime }),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(active.length > 0 && !final ? { active: active.length } : {}),
    ready: active.filter(isReady).length,
    terminating,
    ...(count.countedSucceeded > 0 ? { succeeded: count.countedSucceeded } : {}),
    ...(count.countedFailed > 0 ? { failed: count.countedFailed } : {}),
    uncountedTerminatedPods: {
      ...(count.uncounted.succeeded.length > 0 ? { succeeded: count.uncounted.succeeded } : {}),
      ...(count.uncounted.failed.length > 0 ? { failed: count.uncounted.failed } : {}),
    },
    ...(isIndexed(job) && count.completedIndexes.size > 0 ? { completedIndexes: formatIndexes(count.completedIndexes) } : {}),
    ...(final && succeeding ? { completionTime: previous.completionTime ?? formatTime(now) } : {}),
  };
  const waits = [backoff, deadlineLeft(job, startTime, now)].filter((wait) => wait !== undefined && wait > 0) as number[];
  // What is surplus has not failed: it is let go uncounted. Pods of a Job that has failed are counted with it.
  const uncounted = ended ? [] : surplus.filter(isTracked);
  return { status, removeFinalizers: [...count.release, ...uncounted], delete: surplus, create, events, requeueAfterMilliseconds: ended || waits.length === 0 ? undefined : Math.min(...waits) };
}

interface Count {
  /** Already in the status' numbers, or to be put there now. */
  readonly countedSucceeded: number;
  readonly countedFailed: number;
  readonly uncounted: { readonly succeeded: string[]; readonly failed: string[] };
  /** Including those not yet counted. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: Set<number>;
  /** Their finalizer may go, once the status is written. */
  readonly release: readonly V1Pod[];
  readonly failJob: string | undefined;
}

function countFinished(job: V1Job, pods: readonly V1Pod[]): Count {
  const byUid = new Map(pods.map((pod) => [pod.metadata.uid, pod]));
  const noted = job.status?.uncountedTerminatedPods ?? {};
  const stillTracked = (uid: string): boolean => {
    const pod = byUid.get(uid);
    return pod !== undefined && isTracked(pod);
  };
  const uncounted = { succeeded: (noted.succeeded ?? []).filter(stillTracked), failed: (noted.failed ?? []).filter(stillTracked) };
  const completedIndexes = parseIndexes(job.status?.completedIndexes);
  const known = new Set([...(noted.succeeded ?? []), ...(noted.failed ?? [])]);
  let failJob: string | undefined;
  const ignored: V1Pod[] = [];
  for (const pod of pods) {
    const outcome = outcomeOf(job, pod);
    if (outcome === undefined || !isTracked(pod)) continue;
    if (outcome === 'failed') {
      const verdict = failureVerdict(job, pod);
      if (verdict.action === 'FailJob') failJob ??= verdict.message;
      if (verdict.action === 'Ignore') {
        ignored.push(pod);
        continue;
      }
    }
    const index = indexOf(pod);
    if (known.has(pod.metadata.uid)) continue;
    if (isIndexed(job)) {
      const outOfRange = index === undefined || index >= (job.spec?.completions ?? 0);
      if (outcome === 'succeeded' && (outOfRange || completedIndexes.has(index))) {
        ignored.push(pod);
        continue;
      }
      if (outcome === 'succeeded') completedIndexes.add(index!);
    }
    uncounted[outcome].push(pod.metadata.uid);
  }
  const countedFailed = (job.status?.failed ?? 0) + (noted.failed?.length ?? 0) - (noted.failed ?? []).filter(stillTracked).length;
  const plainSucceeded = (job.status?.succeeded ?? 0) + (noted.succeeded?.length ?? 0) - (noted.succeeded ?? []).filter(stillTracked).length;
  const indexed = isIndexed(job);
  return {
    countedSucceeded: indexed ? completedIndexes.size : plainSucceeded,
    countedFailed,
    uncounted,
    succeeded: indexed ? completedIndexes.size : plainSucceeded + uncounted.succeeded.length,
    failed: countedFailed + uncounted.failed.length,
    completedIndexes,
    release: [...pods.filter((pod) => isTracked(pod) && (uncounted.succeeded.includes(pod.metadata.uid) || uncounted.failed.includes(pod.metadata.uid))), ...ignored],
    failJob,
  };
}

function failureOf(job: V1Job, count: Count, active: readonly V1Pod[], now: number, startTime: string | undefined): Ending | undefined {
  const target = job.status?.conditions?.find((condition) => condition.type === 'FailureTarget' && condition.status === 'True');
  if (target) return { reason: target.reason ?? '', message: target.message ?? '' };
  if (count.failJob !== undefined) return { reason: 'PodFailurePolicy', message: count.failJob };
  const limit = job.spec?.backoffLimit ?? 6;
  const restarts = active.flatMap((pod) => [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]).reduce((sum, status) => sum + status.restartCount, 0);
  const restartsExceed = job.spec?.template.spec?.restartPolicy === 'OnFailure' && (limit === 0 ? restarts > 0 : restarts >= limit);
  if (count.failed > limit || restartsExceed) return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  const left = deadlineLeft(job, startTime, now);
  return left !== undefined && left <= 0 ? { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' } : undefined;
}

function deadlineLeft(job: V1Job, startTime: string | undefined, now: number): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  if (seconds === undefined || startTime === undefined || job.spec?.suspend) return undefined;
  return Date.parse(startTime) + seconds * 1000 - now;
}

/** Without `completions` a Job is done when one pod has succeeded and the others have ended by themselves. */
function isSatisfied(job: V1Job, count: Count, active: number): boolean {
  const met = job.status?.conditions?.some((condition) => condition.type === 'SuccessCriteriaMet' && condition.status === 'True');
  const completions = job.spec?.completions;
  return met === true || (completions === undefined ? count.succeeded > 0 && active === 0 : count.succeeded >= completions);
}

function wantedActive(job: V1Job, succeeded: number, active: number): number {
  const parallelism = job.spec?.parallelism ?? 1;
  const completions = job.spec?.completions;
  if (completions === undefined) return succeeded > 0 ? Math.min(active, parallelism) : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** Milliseconds until a pod may be created after the latest failures: 10 s, doubled with each in a row. Read from the pods that are still there. */
function backoffLeft(job: V1Job, pods: readonly V1Pod[], now: number): number {
  const ended = pods
    .map((pod) => ({ outcome: outcomeOf(job, pod), at: finishedAt(pod) }))
    .filter((each) => each.outcome !== undefined)
    .sort((left, right) => right.at - left.at);
  const firstSuccess = ended.findIndex((each) => each.outcome === 'succeeded');
  const failures = firstSuccess < 0 ? ended : ended.slice(0, firstSuccess);
  if (failures.length === 0) return 0;
  return Math.max(0, failures[0]!.at + Math.min(MAXIMUM_BACKOFF, BASE_BACKOFF * 2 ** (failures.length - 1)) - now);
}

function podsToCreate(job: V1Job, pods: readonly V1Pod[], count: Count, number: number): readonly { readonly index: number | undefined }[] {
  if (!isIndexed(job)) return Array.from({ length: number }, () => ({ index: undefined }));
  const taken = new Set(pods.filter((pod) => outcomeOf(job, pod) === undefined).map(indexOf));
  const free: { index: number }[] = [];
  for (let index = 0; index < (job.spec?.completions ?? 0) && free.length < number; index += 1) if (!count.completedIndexes.has(index) && !taken.has(index)) free.push({ index });
  return free;
}

/** Active pods beyond one of each index, and those of no index that the Job has (`appendDuplicatedIndexPodsForRemoval`). */
function duplicatesOf(job: V1Job, active: readonly V1Pod[], now: number): V1Pod[] {
  const kept = new Set<number>();
  const duplicates: V1Pod[] = [];
  // The last in the order of deletion is the one to keep.
  for (const pod of inDeletionOrder(active, active, now).toReversed()) {
    const index = indexOf(pod);
    if (index === undefined || index >= (job.spec?.completions ?? 0) || kept.has(index)) duplicates.push(pod);
    else kept.add(index);
  }
  return duplicates;
}

interface Phase {
  readonly failing: Ending | undefined;
  readonly succeeding: boolean;
  readonly final: boolean;
  readonly suspended: boolean;
}

function conditionsOf(job: V1Job, phase: Phase, now: number): { readonly conditions: V1JobCondition[]; readonly events: JobDecision['events'] } {
  const at = formatTime(now);
  const conditions = [...(job.status?.conditions ?? [])];
  const events: { type: 'Normal' | 'Warning'; reason: string; message: string }[] = [];
  const set = (type: string, status: 'True' | 'False', reason: string, message: string): boolean => {
    const index = conditions.findIndex((condition) => condition.type === type);
    if (conditions[index]?.status === status) return false;
    const condition = { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message };
    if (index < 0) conditions.push(condition);
    else conditions[index] = condition;
    return true;
  };
  const wasSuspended = conditions.some((condition) => condition.type === 'Suspended' && condition.status === 'True');
  if (phase.failing) {
    set('FailureTarget', 'True', phase.failing.reason, phase.failing.message);
    if (phase.final && set('Failed', 'True', phase.failing.reason, phase.failing.message)) events.push({ type: 'Warning', ...phase.failing });
  } else if (phase.succeeding) {
    set('SuccessCriteriaMet', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods');
    if (phase.final && set('Complete', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods')) events.push({ type: 'Normal', reason: 'Completed', message: 'Job completed' });
  } else if (phase.suspended) {
    if (set('Suspended', 'True', 'JobSuspended', 'Job suspended')) events.push({ type: 'Normal', reason: 'Suspended', message: 'Job suspended' });
  } else if (wasSuspended && set('Suspended', 'False', 'JobResumed', 'Job resumed')) {
    events.push({ type: 'Normal', reason: 'Resumed', message: 'Job resumed' });
  }
  return { conditions, events };
}

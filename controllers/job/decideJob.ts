import type { V1Job, V1JobCondition, V1JobStatus, V1Pod } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import { inDeletionOrder } from '../podDeletionRank.ts';
import { isActive, isReady } from '../podConditions.ts';
import { formatIndexes } from './indexes.ts';
import { indexState, limitsPerIndex, waitPerIndex, type IndexState } from './perIndex.ts';
import { failureVerdict, finishedAt, indexOf, isIndexed, isTracked, outcomeOf, replacesOnlyFailed } from './podOutcome.ts';
import { matchSuccessPolicy } from './successPolicy.ts';

/** Kubernetes' back-off of failed pods, in milliseconds. */
const BASE_BACKOFF = 10_000;
const MAXIMUM_BACKOFF = 600_000;

/**
 * One step of a Job, to be carried out in this order: write the status, then remove finalizers, then delete and create pods, then remove the last finalizers.
 * A finished pod is first noted in the status by its uid, then loses its finalizer, then is counted: so none is lost, and none counted
 * twice, wherever the controller stops.
 */
export interface JobDecision {
  readonly status: V1JobStatus;
  readonly removeFinalizers: readonly V1Pod[];
  readonly delete: readonly V1Pod[];
  /** One entry per pod to create. */
  readonly create: readonly Creation[];
  /** Of pods that count for nothing: while they are there, those made in their place get other names. */
  readonly removeFinalizersLast: readonly V1Pod[];
  readonly events: readonly { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }[];
  readonly requeueAfterMilliseconds: number | undefined;
}

export interface Creation {
  /** The completion index, in an Indexed Job. */
  readonly index: number | undefined;
  /** The failed pod of that index, of a Job that limits failures per index. */
  readonly replaces?: V1Pod;
}

interface Ending {
  readonly reason: string;
  readonly message: string;
}

/** `pods` are all that the Job controls, finished ones too. `now` is wall-clock milliseconds. */
export function decideJob(job: V1Job, pods: readonly V1Pod[], now: number): JobDecision {
  const previous = job.status ?? {};
  const indexes = indexState(job, pods);
  const heldBack = new Set([...indexes.held.values()].map(({ metadata }) => metadata.uid));
  const early = countFinished(job, pods, heldBack);
  const active = pods.filter(isActive);
  const suspended = job.spec?.suspend === true;
  const startTime = suspended ? previous.startTime : (previous.startTime ?? formatTime(now));
  const failing = failureOf(job, { ...early, failed: early.failed + heldBack.size }, indexes, active, now, startTime);
  const succeeding = failing === undefined && !suspended ? successOf(job, early, indexes, active.length) : undefined;
  const ended = failing !== undefined || succeeding !== undefined;
  const count = ended ? countFinished(job, pods, new Set()) : early;

  const wanted = ended || suspended ? 0 : wantedActive(job, count.succeeded, active.length);
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed').length;
  const backoff = ended || suspended ? 0 : backoffLeft(job, pods, now);
  const duplicates = isIndexed(job) ? duplicatesOf(job, active, now) : [];
  const occupied = active.length - duplicates.length + (replacesOnlyFailed(job) ? terminating : 0);
  const { create, wait } = backoff > 0 ? { create: [], wait: backoff } : podsToCreate(job, pods, indexes, Math.max(0, wanted - occupied), now);
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
    ...(limitsPerIndex(job) ? { failedIndexes: formatIndexes(indexes.failed) } : {}),
    ...(final && succeeding ? { completionTime: previous.completionTime ?? formatTime(now) } : {}),
  };
  const waits = [wait, deadlineLeft(job, startTime, now)].filter((wait) => wait !== undefined && wait > 0) as number[];
  // What is surplus has not failed: it is let go uncounted. Pods of a Job that has failed are counted with it.
  const uncounted = failing ? [] : surplus.filter(isTracked);
  return { status, removeFinalizers: [...count.release, ...uncounted], removeFinalizersLast: count.ignored, delete: surplus, create, events, requeueAfterMilliseconds: ended || waits.length === 0 ? undefined : Math.min(...waits) };
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
  readonly ignored: readonly V1Pod[];
  readonly failJob: string | undefined;
}

/** `heldBack`: uids of failed pods that are not to be counted yet. */
function countFinished(job: V1Job, pods: readonly V1Pod[], heldBack: ReadonlySet<string>): Count {
  const byUid = new Map(pods.map((pod) => [pod.metadata.uid, pod]));
  const noted = job.status?.uncountedTerminatedPods ?? {};
  const stillTracked = (uid: string): boolean => {
    const pod = byUid.get(uid);
    return pod !== undefined && isTracked(pod);
  };
  const uncounted = { succeeded: (noted.succeeded ?? []).filter(stillTracked), failed: (noted.failed ?? []).filter(stillTracked) };
  const completedIndexes = new Set(indexState(job, []).completed);
  const known = new Set([...(noted.succeeded ?? []), ...(noted.failed ?? [])]);
  let failJob: string | undefined;
  const ignored: V1Pod[] = [];
  for (const pod of pods) {
    const outcome = outcomeOf(job, pod);
    if (outcome === undefined || !isTracked(pod) || heldBack.has(pod.metadata.uid)) continue;
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
    release: pods.filter((pod) => isTracked(pod) && (uncounted.succeeded.includes(pod.metadata.uid) || uncounted.failed.includes(pod.metadata.uid))),
    ignored,
    failJob,
  };
}

function failureOf(job: V1Job, count: Count, { completed, failed }: IndexState, active: readonly V1Pod[], now: number, startTime: string | undefined): Ending | undefined {
  const target = job.status?.conditions?.find((condition) => condition.type === 'FailureTarget' && condition.status === 'True');
  // Once enough has succeeded the Job no longer fails, whatever becomes of what still runs.
  if (successCondition(job)) return undefined;
  if (target) return { reason: target.reason ?? '', message: target.message ?? '' };
  if (count.failJob !== undefined) return { reason: 'PodFailurePolicy', message: count.failJob };
  const limit = job.spec?.backoffLimit ?? 6;
  const restarts = active.flatMap((pod) => [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]).reduce((sum, status) => sum + status.restartCount, 0);
  const restartsExceed = job.spec?.template.spec?.restartPolicy === 'OnFailure' && (limit === 0 ? restarts > 0 : restarts >= limit);
  if (count.failed > limit || restartsExceed) return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  const left = deadlineLeft(job, startTime, now);
  if (left !== undefined && left <= 0) return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  const { maxFailedIndexes, completions = 0 } = job.spec ?? {};
  if (maxFailedIndexes !== undefined && failed.size > maxFailedIndexes) {
    return { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' };
  }
  return failed.size > 0 && failed.size + completed.size >= completions ? { reason: 'FailedIndexes', message: 'Job has failed indexes' } : undefined;
}

function deadlineLeft(job: V1Job, startTime: string | undefined, now: number): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  if (seconds === undefined || startTime === undefined || job.spec?.suspend) return undefined;
  return Date.parse(startTime) + seconds * 1000 - now;
}

const successCondition = (job: V1Job): V1JobCondition | undefined => job.status?.conditions?.find((condition) => condition.type === 'SuccessCriteriaMet' && condition.status === 'True');

/** Without `completions` a Job is done when one pod has succeeded and the others have ended by themselves. */
function successOf(job: V1Job, count: Count, { completed }: IndexState, active: number): Ending | undefined {
  const met = successCondition(job);
  if (met) return { reason: met.reason ?? '', message: met.message ?? '' };
  const match = isIndexed(job) ? matchSuccessPolicy(job.spec?.successPolicy, completed) : undefined;
  if (match !== undefined) return { reason: 'SuccessPolicy', message: match };
  const completions = job.spec?.completions;
  const satisfied = completions === undefined ? count.succeeded > 0 && active === 0 : count.succeeded >= completions;
  return satisfied ? { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined;
}

function wantedActive(job: V1Job, succeeded: number, active: number): number {
  const parallelism = job.spec?.parallelism ?? 1;
  const completions = job.spec?.completions;
  if (completions === undefined) return succeeded > 0 ? Math.min(active, parallelism) : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** Milliseconds until a pod may be created after the latest failures: 10 s, doubled with each in a row. Read from the pods that are still there. */
function backoffLeft(job: V1Job, pods: readonly V1Pod[], now: number): number {
  if (limitsPerIndex(job)) return 0;
  const ended = pods
    .map((pod) => ({ outcome: outcomeOf(job, pod), at: finishedAt(pod) }))
    .filter((each) => each.outcome !== undefined)
    .sort((left, right) => right.at - left.at);
  const firstSuccess = ended.findIndex((each) => each.outcome === 'succeeded');
  const failures = firstSuccess < 0 ? ended : ended.slice(0, firstSuccess);
  if (failures.length === 0) return 0;
  return Math.max(0, failures[0]!.at + delayAfter(failures.length) - now);
}

const delayAfter = (failures: number): number => Math.min(MAXIMUM_BACKOFF, BASE_BACKOFF * 2 ** (failures - 1));

/** Of a Job that limits failures per index, each of the indexes waits for itself; `wait`: milliseconds until the first may be tried again, where none may now. */
function podsToCreate(job: V1Job, pods: readonly V1Pod[], { completed, failed, held }: IndexState, number: number, now: number): { readonly create: readonly Creation[]; readonly wait: number } {
  if (!isIndexed(job)) return { create: Array.from({ length: number }, () => ({ index: undefined })), wait: 0 };
  const taken = new Set(pods.filter((pod) => outcomeOf(job, pod) === undefined).map(indexOf));
  const free: number[] = [];
  for (let index = 0; index < (job.spec?.completions ?? 0) && free.length < number; index += 1) if (!completed.has(index) && !failed.has(index) && !taken.has(index)) free.push(index);
  const waits = new Map(free.map((index) => [index, waitPerIndex(held.get(index), delayAfter, now)]));
  const ready = free.filter((index) => waits.get(index) === 0);
  const create = ready.map((index) => ({ index, ...(held.has(index) ? { replaces: held.get(index)! } : {}) }));
  return { create, wait: ready.length > 0 || free.length === 0 ? 0 : Math.min(...waits.values()) };
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
  readonly succeeding: Ending | undefined;
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
    const { reason, message } = phase.succeeding;
    set('SuccessCriteriaMet', 'True', reason, message);
    if (phase.final && set('Complete', 'True', reason, message)) events.push({ type: 'Normal', reason: 'Completed', message: 'Job completed' });
  } else if (phase.suspended) {
    if (set('Suspended', 'True', 'JobSuspended', 'Job suspended')) events.push({ type: 'Normal', reason: 'Suspended', message: 'Job suspended' });
  } else if (wasSuspended && set('Suspended', 'False', 'JobResumed', 'Job resumed')) {
    events.push({ type: 'Normal', reason: 'Resumed', message: 'Job resumed' });
  }
  return { conditions, events };
}

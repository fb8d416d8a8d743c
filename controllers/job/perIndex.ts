import type { V1Job, V1Pod } from '../../api/generated/types.ts';
import { isActive } from '../podConditions.ts';
import { parseIndexes } from './indexes.ts';
import { failureVerdict, finishedAt, indexOf, isIndexed, isTracked, outcomeOf } from './podOutcome.ts';

/** How often pods of its index had failed before a pod was made: failures that count, and those that the podFailurePolicy ignores. */
export const FAILURES_ANNOTATION = 'batch.kubernetes.io/job-index-failure-count';
export const IGNORED_FAILURES_ANNOTATION = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Whether each index has a number of failures of its own (KEP 3850). */
export const limitsPerIndex = (job: V1Job): boolean => isIndexed(job) && job.spec?.backoffLimitPerIndex !== undefined;

const countIn = (pod: V1Pod, annotation: string): number => Number(pod.metadata.annotations?.[annotation] ?? 0) || 0;
const inRange = (job: V1Job, index: number | undefined): index is number => index !== undefined && index < (job.spec?.completions ?? 0);

/** Which indexes are done with, and what is still needed of the pods of the others. */
export interface IndexState {
  readonly completed: ReadonlySet<number>;
  /** Have failed for good; empty unless the Job limits failures per index. */
  readonly failed: ReadonlySet<number>;
  /** By index, the failed pod that tells how often the index has failed: it is kept until another one takes its place. */
  readonly held: ReadonlyMap<number, V1Pod>;
}

export function indexState(job: V1Job, pods: readonly V1Pod[]): IndexState {
  const completed = recorded(job, job.status?.completedIndexes);
  for (const pod of pods) if (pod.status?.phase === 'Succeeded' && inRange(job, indexOf(pod))) completed.add(indexOf(pod)!);
  if (!limitsPerIndex(job)) return { completed, failed: new Set(), held: new Map() };
  const failedPods = pods.filter((pod) => outcomeOf(job, pod) === 'failed' && inRange(job, indexOf(pod)));
  const failed = recorded(job, job.status?.failedIndexes);
  for (const pod of failedPods) if (endsIndex(job, pod)) failed.add(indexOf(pod)!);
  const busy = new Set(pods.filter(isActive).map(indexOf));
  const held = new Map<number, V1Pod>();
  for (const pod of failedPods.filter(isTracked)) {
    const index = indexOf(pod)!;
    const other = held.get(index);
    if (!completed.has(index) && !failed.has(index) && !busy.has(index) && (other === undefined || attempts(pod) >= attempts(other))) held.set(index, pod);
  }
  return { completed, failed, held };
}

/** Without the indexes that a Job has shrunk below. */
const recorded = (job: V1Job, text: string | undefined): Set<number> => new Set([...parseIndexes(text)].filter((index) => inRange(job, index)));

const attempts = (pod: V1Pod): number => countIn(pod, FAILURES_ANNOTATION) + countIn(pod, IGNORED_FAILURES_ANNOTATION);

function endsIndex(job: V1Job, pod: V1Pod): boolean {
  const { action } = failureVerdict(job, pod);
  return action === 'FailIndex' || (action !== 'Ignore' && countIn(pod, FAILURES_ANNOTATION) >= (job.spec?.backoffLimitPerIndex ?? 0));
}

/** Milliseconds until the pod of an index may be made again after this one, with `delayOf` of so many failures in a row. */
export function waitPerIndex(failed: V1Pod | undefined, delayOf: (failures: number) => number, now: number): number {
  return failed === undefined ? 0 : Math.max(0, finishedAt(failed) + delayOf(attempts(failed) + 1) - now);
}

/** The annotations of a pod that takes the place of `replaced`, or is the first of its index. */
export function failureAnnotations(job: V1Job, replaced: V1Pod | undefined): Record<string, string> {
  const counted = replaced !== undefined && failureVerdict(job, replaced).action !== 'Ignore';
  const failures = replaced === undefined ? 0 : countIn(replaced, FAILURES_ANNOTATION) + (counted ? 1 : 0);
  const ignored = replaced === undefined ? 0 : countIn(replaced, IGNORED_FAILURES_ANNOTATION) + (counted ? 0 : 1);
  return { [FAILURES_ANNOTATION]: String(failures), ...(ignored > 0 ? { [IGNORED_FAILURES_ANNOTATION]: String(ignored) } : {}) };
}

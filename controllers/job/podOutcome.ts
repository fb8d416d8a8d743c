import type { V1Job, V1Pod, V1PodFailurePolicyRule } from '../../api/generated/types.ts';
import { podCondition } from '../podConditions.ts';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';

export const isTracked = (pod: V1Pod): boolean => (pod.metadata.finalizers ?? []).includes(TRACKING_FINALIZER);
export const isIndexed = (job: V1Job): boolean => job.spec?.completionMode === 'Indexed';

export function indexOf(pod: V1Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_ANNOTATION];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

/** Whether only pods that have really failed are replaced, or terminating ones too. */
export const replacesOnlyFailed = (job: V1Job): boolean => job.spec?.podReplacementPolicy === 'Failed';

/** How a pod of a Job has ended; undefined while it may still succeed. A pod that is being deleted counts as failed where it is to be replaced at once. */
export function outcomeOf(job: V1Job, pod: V1Pod): 'succeeded' | 'failed' | undefined {
  if (pod.status?.phase === 'Succeeded') return 'succeeded';
  if (pod.status?.phase === 'Failed') return 'failed';
  return pod.metadata.deletionTimestamp !== undefined && !replacesOnlyFailed(job) ? 'failed' : undefined;
}

/** What a failed pod means by the Job's podFailurePolicy: by default it counts, as it does where it ends its index. */
export type FailureVerdict = { readonly action: 'Count' | 'Ignore' | 'FailIndex' } | { readonly action: 'FailJob'; readonly message: string };

export function failureVerdict(job: V1Job, pod: V1Pod): FailureVerdict {
  for (const [at, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod);
    if (match === undefined) continue;
    if (rule.action === 'FailJob') return { action: 'FailJob', message: `${match} matching FailJob rule at index ${at}` };
    return { action: rule.action === 'Ignore' || rule.action === 'FailIndex' ? rule.action : 'Count' };
  }
  return { action: 'Count' };
}

function matchOf(rule: V1PodFailurePolicyRule, pod: V1Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  const onExit = rule.onExitCodes;
  if (onExit !== undefined) {
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    for (const status of statuses) {
      const code = status.state?.terminated?.exitCode;
      if (code === undefined || code === 0 || (onExit.containerName !== undefined && onExit.containerName !== status.name)) continue;
      if (onExit.values.includes(code) === (onExit.operator === 'In')) return `Container ${status.name} for pod ${name} failed with exit code ${code}`;
    }
  }
  for (const pattern of rule.onPodConditions ?? []) {
    const condition = podCondition(pod, pattern.type);
    if (condition !== undefined && condition.status === (pattern.status ?? 'True')) return `Pod ${name} has condition ${pattern.type}`;
  }
  return undefined;
}

/** When a pod ended, in milliseconds since the epoch. */
export function finishedAt(pod: V1Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map((status) => Date.parse(status.state?.terminated?.finishedAt ?? '')).filter((at) => !Number.isNaN(at));
  const fallback = podCondition(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp;
  return ends.length > 0 ? Math.max(...ends) : Date.parse(fallback);
}

import type { V1Condition, V1Pod, V1PodCondition, V1PodDisruptionBudget, V1PodDisruptionBudgetStatus } from '../../api/generated/types.ts';

/** Upstream's `MaxDisruptedPodSize`. */
const MOST_DISRUPTED = 2000;

/** Its end has come, or is under way. */
export function hasEnded({ metadata, status }: V1Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' || metadata.deletionTimestamp !== undefined;
}

/** A pod that has ended, that has not begun, or that goes already costs no budget. */
export function ignoresBudget(pod: V1Pod): boolean {
  return hasEnded(pod) || pod.status?.phase === 'Pending';
}

/** A pod that is not ready may go without a charge, by the budget's `unhealthyPodEvictionPolicy`. */
export function needsNoBudget(pod: V1Pod, { spec, status }: V1PodDisruptionBudget): boolean {
  const isReady = (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
  if (isReady) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const desired = status?.desiredHealthy ?? 0;
  return desired > 0 && (status?.currentHealthy ?? 0) >= desired;
}

export type BudgetRefusal =
  | { readonly kind: 'forbidden'; readonly message: string }
  | { readonly kind: 'tooMany'; readonly message: string; readonly retryAfterSeconds: number };

/** What a client is told to try again for. */
export const stillProcessed = (name: string): string => `The disruption budget ${name} is still being processed by the server.`;
export const STILL_PROCESSED_SECONDS = 10;

/** Why a budget lets nobody go at present; undefined where it does. */
export function budgetRefusal({ metadata, status }: V1PodDisruptionBudget): BudgetRefusal | undefined {
  const allowed = status?.disruptionsAllowed ?? 0;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return { kind: 'tooMany', message: stillProcessed(metadata.name), retryAfterSeconds: STILL_PROCESSED_SECONDS };
  }
  if (allowed < 0) return { kind: 'forbidden', message: 'pdb disruptions allowed is negative' };
  if (Object.keys(status?.disruptedPods ?? {}).length > MOST_DISRUPTED) {
    return { kind: 'forbidden', message: 'DisruptedPods map too big - too many evictions not confirmed by PDB controller' };
  }
  if (allowed > 0) return undefined;
  return { kind: 'tooMany', message: exhaustedMessage(metadata.name, status ?? {}), retryAfterSeconds: 0 };
}

/** What a budget that has nothing left says; the counts are not to be trusted after a sync that failed. */
function exhaustedMessage(name: string, { conditions, desiredHealthy = 0, currentHealthy = 0 }: V1PodDisruptionBudgetStatus): string {
  const denied = conditions?.find(({ type, status, message }) => type === 'DisruptionAllowed' && status === 'False' && message !== '');
  if (denied?.reason === 'SyncFailed') return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${denied.message}`;
  if (currentHealthy <= desiredHealthy) return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return `The disruption budget ${name} does not allow evicting pods currently${denied ? ` (${denied.reason}): ${denied.message}` : ''}`;
}

/** The budget with one disruption less, and the pod's name among those that are going. */
export function budgetAfter(budget: V1PodDisruptionBudget, podName: string, now: string): V1PodDisruptionBudget {
  const status = budget.status ?? {};
  const disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
  const conditions = disruptionsAllowed > 0 ? status.conditions : exhausted(status.conditions ?? [], budget.metadata.generation, now);
  return {
    ...budget,
    status: { ...status, disruptionsAllowed, disruptedPods: { ...status.disruptedPods, [podName]: now }, ...(conditions ? { conditions } : {}) },
  };
}

function exhausted(conditions: readonly V1Condition[], generation: number | undefined, now: string): V1Condition[] {
  const previous = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const condition: V1Condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    lastTransitionTime: previous?.status === 'False' ? previous.lastTransitionTime : now,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  return [...conditions.filter(({ type }) => type !== 'DisruptionAllowed'), condition];
}

/** The pod with the condition that says why it goes. */
export function disrupted(pod: V1Pod, now: string): V1Pod {
  const conditions = pod.status?.conditions ?? [];
  const at = conditions.findIndex(({ type }) => type === 'DisruptionTarget');
  const lastTransitionTime = conditions[at]?.status === 'True' ? (conditions[at].lastTransitionTime ?? now) : now;
  const condition: V1PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastTransitionTime };
  return { ...pod, status: { ...pod.status, conditions: at < 0 ? [...conditions, condition] : conditions.with(at, condition) } };
}

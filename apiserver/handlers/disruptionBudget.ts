import type { V1Condition, V1Pod, V1PodDisruptionBudget } from '../../api/generated/types.ts';

/** Upstream's `MaxDisruptedPodSize`. */
const MOST_DISRUPTED = 2000;

/** A pod that has ended, that has not begun, or that goes already costs no budget. */
export function ignoresBudget({ metadata, status }: V1Pod): boolean {
  const phase = status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || metadata.deletionTimestamp !== undefined;
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

/** Why a budget lets nobody go at present; undefined where it does. */
export function budgetRefusal({ metadata, status }: V1PodDisruptionBudget): BudgetRefusal | undefined {
  const allowed = status?.disruptionsAllowed ?? 0;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return { kind: 'tooMany', message: `The disruption budget ${metadata.name} is still being processed by the server.`, retryAfterSeconds: 10 };
  }
  if (allowed < 0) return { kind: 'forbidden', message: 'pdb disruptions allowed is negative' };
  if (Object.keys(status?.disruptedPods ?? {}).length > MOST_DISRUPTED) {
    return { kind: 'forbidden', message: 'DisruptedPods map too big - too many evictions not confirmed by PDB controller' };
  }
  if (allowed > 0) return undefined;
  const message = `The disruption budget ${metadata.name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`;
  return { kind: 'tooMany', message, retryAfterSeconds: 0 };
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

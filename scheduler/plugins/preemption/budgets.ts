import type { V1PodDisruptionBudget } from '../../../api/generated/types.ts';
import { matchesLabels, selectorOf } from '../../../api/values/labelSelector.ts';
import type { PodInfo } from '../../cache/podInfo.ts';
import { ownField } from '../../../api/values/ownField.ts';

/** Tells the pods whose end would break a PodDisruptionBudget from the others; the order is kept. */
export function splitByBudgets(pods: readonly PodInfo[], budgets: readonly V1PodDisruptionBudget[]): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  const left = budgets.map((budget) => ({ budget, selector: selectorOf(budget.spec?.selector), allowed: budget.status?.disruptionsAllowed ?? 0 }));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    for (const each of left) {
      const { metadata, status } = each.budget;
      const empty = each.selector.requirements.length === 0;
      if (metadata.namespace !== pod.namespace || empty || !matchesLabels(each.selector, pod.labels)) continue;
      // What the API server already lets go counts no more.
      if (ownField(status?.disruptedPods, pod.pod.metadata.name) !== undefined) continue;
      each.allowed -= 1;
      if (each.allowed < 0) violates = true;
    }
    (violates ? violating : others).push(pod);
  }
  return { violating, others };
}

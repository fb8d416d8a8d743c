import type { V1LabelSelector, V1PodAffinityTerm, V1PodSpec } from '../../../generated/types.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Turns the keys that a new pod wants to share with others (`matchLabelKeys`, `mismatchLabelKeys`) into requirements on the values that it
 * has itself, in place, so that the scheduler needs to look at selectors only.
 */
export function mergeMatchLabelKeys(spec: V1PodSpec, labels: Labels): void {
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeTerm(term, labels);
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) mergeTerm(podAffinityTerm, labels);
  }
  for (const constraint of spec.topologySpreadConstraints ?? []) mergeKeys(constraint.labelSelector, constraint.matchLabelKeys, 'In', labels);
}

function mergeTerm(term: V1PodAffinityTerm | undefined, labels: Labels): void {
  mergeKeys(term?.labelSelector, term?.matchLabelKeys, 'In', labels);
  mergeKeys(term?.labelSelector, term?.mismatchLabelKeys, 'NotIn', labels);
}

function mergeKeys(selector: V1LabelSelector | undefined, keys: readonly string[] | undefined, operator: 'In' | 'NotIn', labels: Labels): void {
  if (!selector) return;
  for (const key of keys ?? []) {
    // A key may be `constructor`, which every object of JavaScript has.
    if (!Object.hasOwn(labels, key)) continue;
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [labels[key]!] }];
  }
}

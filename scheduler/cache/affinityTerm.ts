import type { V1PodAffinityTerm } from '../../api/generated/types.ts';
import { type Labels, type LabelSelector, matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';

/** A pod affinity term, read once per pod. */
export interface AffinityTerm {
  /** The same for terms that say the same. */
  readonly id: string;
  readonly selector: LabelSelector;
  readonly topologyKey: string;
  readonly namespaces: ReadonlySet<string>;
  /** Selects namespaces by their labels, besides those named; absent: none. */
  readonly namespaceSelector?: LabelSelector;
}

export interface WeightedTerm {
  readonly term: AffinityTerm;
  /** Negative for anti-affinity. */
  readonly weight: number;
}

/** Looks up the labels of a namespace. */
export type NamespaceLabels = (namespace: string) => Labels | undefined;

/**
 * Without namespaces and namespaceSelector a term is about the pod's own namespace. (`matchLabelKeys` and `mismatchLabelKeys`
 * are merged into the selector by the API server when the pod is created.)
 */
export function affinityTerm(term: V1PodAffinityTerm, podNamespace: string): AffinityTerm {
  const own = (term.namespaces ?? []).length === 0 && term.namespaceSelector === undefined;
  const namespaces = own ? [podNamespace] : (term.namespaces ?? []).toSorted();
  return {
    id: JSON.stringify([namespaces, term.namespaceSelector ?? null, term.labelSelector ?? null, term.topologyKey]),
    selector: selectorOf(term.labelSelector),
    topologyKey: term.topologyKey,
    namespaces: new Set(namespaces),
    ...(term.namespaceSelector ? { namespaceSelector: selectorOf(term.namespaceSelector) } : {}),
  };
}

/** Whether the term speaks about this pod. */
export function termMatches(term: AffinityTerm, pod: { readonly namespace: string; readonly labels: Labels }, namespaceLabels: NamespaceLabels): boolean {
  const inScope = term.namespaces.has(pod.namespace) || (term.namespaceSelector !== undefined && matchesLabels(term.namespaceSelector, namespaceLabels(pod.namespace)));
  return inScope && matchesLabels(term.selector, pod.labels);
}

import type { V1NodeSelectorTerm, V1PodSpec } from '../generated/types.ts';
import { type Labels, type LabelSelector, matchesLabels, selectorOf, selectorOfMap } from './labelSelector.ts';

/** What node affinity looks at. */
export interface LabeledNode {
  readonly name: string;
  readonly labels: Labels;
}

/** A node selector term, read once. */
export interface NodeTerm {
  readonly labels: LabelSelector;
  readonly fields: LabelSelector;
  /** A term without requirements selects no node. */
  readonly empty: boolean;
}

export interface RequiredNodeAffinity {
  readonly nodeSelector: LabelSelector;
  /** One of them must hold; absent: all nodes do. */
  readonly terms?: readonly NodeTerm[];
}

export function nodeTerm(term: V1NodeSelectorTerm): NodeTerm {
  const { matchExpressions = [], matchFields = [] } = term;
  return {
    labels: selectorOf({ matchExpressions }),
    fields: selectorOf({ matchExpressions: matchFields }),
    empty: matchExpressions.length === 0 && matchFields.length === 0,
  };
}

export function matchesTerm(term: NodeTerm, node: LabeledNode): boolean {
  if (term.empty || !matchesLabels(term.labels, node.labels)) return false;
  return term.fields.requirements.length === 0 || matchesLabels(term.fields, { 'metadata.name': node.name });
}

/** What `nodeSelector` and required node affinity demand together (`nodeaffinity.GetRequiredNodeAffinity`). */
export function requiredNodeAffinity(spec: V1PodSpec): RequiredNodeAffinity {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return { nodeSelector: selectorOfMap(spec.nodeSelector), ...(required ? { terms: required.nodeSelectorTerms.map(nodeTerm) } : {}) };
}

export function satisfies(affinity: RequiredNodeAffinity, node: LabeledNode): boolean {
  return matchesLabels(affinity.nodeSelector, node.labels) && (affinity.terms === undefined || affinity.terms.some((term) => matchesTerm(term, node)));
}

import type { NamespaceLabels } from './affinityTerm.ts';
import { ExistingTerms, type ExistingTerm, type TermKind } from './existingTerms.ts';
import type { NodeInfo } from './nodeInfo.ts';
import type { PodInfo } from './podInfo.ts';
import type { PodPredicate } from './predicateCounts.ts';

/** What plugins see of the cluster. A cycle is synchronous, so nothing in it changes while they look. */
export interface ClusterView {
  /** Nodes that exist, in the order in which they are tried. */
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  /** Pods that match, by node; nodes without any are absent. `id` is the same for predicates that say the same. */
  countPods(id: string, predicate: PodPredicate): ReadonlyMap<string, number>;
  existingTerms(kind: TermKind): Iterable<ExistingTerm>;
  readonly namespaceLabels: NamespaceLabels;
  /** On how many nodes an image is. */
  imageSpread(image: string): number;
}

/** The cluster as it would be if one node held other pods than it does. */
export function withNode(view: ClusterView, changed: NodeInfo): ClusterView {
  return {
    nodes: view.nodes.map((node) => (node.name === changed.name ? changed : node)),
    node: (name) => (name === changed.name ? changed : view.node(name)),
    namespaceLabels: view.namespaceLabels,
    imageSpread: (image) => view.imageSpread(image),
    countPods(id, predicate) {
      const counts = new Map(view.countPods(id, predicate));
      const count = countOn(changed, predicate);
      if (count > 0) counts.set(changed.name, count);
      else counts.delete(changed.name);
      return counts;
    },
    *existingTerms(kind) {
      for (const existing of view.existingTerms(kind)) {
        if (!existing.byNode.has(changed.name)) yield existing;
        else yield { ...existing, byNode: new Map([...existing.byNode].filter(([name]) => name !== changed.name)) };
      }
      const own = new ExistingTerms();
      for (const pod of changed.pods.values()) own.podAdded(changed.name, pod);
      yield* own.of(kind);
    },
  };
}

function countOn(node: NodeInfo, predicate: (pod: PodInfo) => boolean): number {
  let count = 0;
  for (const pod of node.pods.values()) if (predicate(pod)) count += 1;
  return count;
}

import { type ClusterView, withNode } from '../cache/clusterView.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import type { Profile } from './profile.ts';
import type { NodeFilter, Rejection } from './types.ts';

/** Pods that were promised a node by preemption and are not on it yet. */
export interface Nominations {
  on(node: string): readonly PodInfo[];
}

export const NO_NOMINATIONS: Nominations = { on: () => [] };

/** What the plugins say about a pod before they look at nodes. */
export type Prepared = { readonly rejection: Rejection } | { readonly filters: readonly NodeFilter[]; readonly only?: ReadonlySet<string>; readonly onlyBy: readonly string[] };

/** PreFilter of every plugin. */
export function prepareFilters(pod: PodInfo, view: ClusterView, profile: Profile): Prepared {
  const filters: NodeFilter[] = [];
  const onlyBy: string[] = [];
  let only: ReadonlySet<string> | undefined;
  for (const plugin of profile.filters) {
    const result = plugin.preFilter?.(pod, view);
    if (!result || 'skip' in result) continue;
    if ('rejection' in result) return result;
    filters.push(result.filter);
    if (!result.only) continue;
    onlyBy.push(plugin.name);
    only = only ? intersection(only, result.only) : result.only;
  }
  return { filters, onlyBy, ...(only ? { only } : {}) };
}

function intersection(left: ReadonlySet<string>, right: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...left].filter((each) => right.has(each)));
}

/** Filter of every plugin on one node: the first rejection, or undefined where the pod fits. */
export function runFilters(filters: readonly NodeFilter[], node: NodeInfo): Rejection | undefined {
  for (const filter of filters) {
    const rejection = filter(node);
    if (rejection) return rejection;
  }
  return undefined;
}

/** Everything from the beginning, for a node that is not as the view says. */
export function fitsOn(pod: PodInfo, node: NodeInfo, view: ClusterView, profile: Profile): Rejection | undefined {
  const prepared = prepareFilters(pod, withNode(view, node), profile);
  return 'rejection' in prepared ? prepared.rejection : runFilters(prepared.filters, node);
}

/** The node as it will be once those came which were promised it and are no less important than the pod. */
export function withNominated(pod: PodInfo, node: NodeInfo, nominations: Nominations): NodeInfo | undefined {
  const promised = nominations.on(node.name).filter((each) => each.uid !== pod.uid && each.priority >= pod.priority && !node.pods.has(each.uid));
  if (promised.length === 0) return undefined;
  const copy = node.clone();
  for (const each of promised) copy.addPod(each);
  return copy;
}

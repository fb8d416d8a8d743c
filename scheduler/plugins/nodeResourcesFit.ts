import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { MAXIMUM_SCORE, type Plugin, type Rejection } from '../framework/types.ts';

const NAME = 'NodeResourcesFit';

const insufficient = (shortages: readonly Shortage[]): Rejection => ({ plugin: NAME, reasons: shortages.map(({ reason }) => reason), unresolvable: shortages.some(({ unresolvable }) => unresolvable) });

export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated';
  readonly resources: ReadonlyArray<{ readonly name: string; readonly weight: number }>;
}

export const DEFAULT_STRATEGY: ScoringStrategy = {
  type: 'LeastAllocated',
  resources: [
    { name: 'cpu', weight: 1 },
    { name: 'memory', weight: 1 },
  ],
};

/** Keeps pods off nodes that lack room for what they request, and spreads (or packs) them by what is left. */
export const nodeResourcesFit = (strategy: ScoringStrategy = DEFAULT_STRATEGY): Plugin => ({
  name: NAME,
  events: ['NodeAdded', 'NodeAllocatableChanged', 'PodDeleted', 'PodScaledDown'],
  mayHelp: (pod, event) => 'node' in event && (event.node === undefined || shortages(pod, event.node).length === 0),
  preFilter: (pod) => ({
    filter(node) {
      const found = shortages(pod, node);
      return found.length === 0 ? undefined : insufficient(found);
    },
  }),
  preScore: (pod) => ({ score: (node) => scoreNode(strategy, pod, node) }),
});

interface Shortage {
  readonly reason: string;
  /** Asked for more than the whole node has. */
  readonly unresolvable: boolean;
}

const NONE: readonly Shortage[] = [];

/** What a node lacks for a pod, in the order in which Kubernetes names it. */
export function shortages({ requests }: PodInfo, { requested, allocatable, allowedPods, pods }: NodeInfo): readonly Shortage[] {
  let found: Shortage[] | undefined;
  const check = (name: string, wanted: number, used: number, total: number): void => {
    if (wanted > 0 && wanted > total - used) (found ??= []).push({ reason: `Insufficient ${name}`, unresolvable: wanted > total });
  };
  if (pods.size + 1 > allowedPods) (found ??= []).push({ reason: 'Too many pods', unresolvable: false });
  check('cpu', requests.milliCPU, requested.milliCPU, allocatable.milliCPU);
  check('memory', requests.memory, requested.memory, allocatable.memory);
  check('ephemeral-storage', requests.ephemeralStorage, requested.ephemeralStorage, allocatable.ephemeralStorage);
  for (const [name, wanted] of requests.scalars) check(name, wanted, requested.scalars.get(name) ?? 0, allocatable.scalars.get(name) ?? 0);
  return found ?? NONE;
}

/** The weighted mean, over the resources that the node has, of the share that would be free (or used). */
function scoreNode({ type, resources }: ScoringStrategy, pod: PodInfo, node: NodeInfo): number {
  let sum = 0;
  let weights = 0;
  for (const { name, weight } of resources) {
    const [wanted, total] = demand(name, pod, node);
    if (total === 0) continue;
    weights += weight;
    if (wanted > total) continue;
    sum += weight * Math.floor(((type === 'LeastAllocated' ? total - wanted : wanted) * MAXIMUM_SCORE) / total);
  }
  return weights === 0 ? 0 : Math.floor(sum / weights);
}

/** What would be requested of a node with the pod, and what it has; extended resources count only for pods that ask for them. */
function demand(name: string, pod: PodInfo, node: NodeInfo): readonly [wanted: number, total: number] {
  if (name === 'cpu') return [node.scoringRequested.milliCPU + pod.scoringRequests.milliCPU, node.allocatable.milliCPU];
  if (name === 'memory') return [node.scoringRequested.memory + pod.scoringRequests.memory, node.allocatable.memory];
  if (name === 'ephemeral-storage') return [node.requested.ephemeralStorage + pod.requests.ephemeralStorage, node.allocatable.ephemeralStorage];
  const asked = pod.requests.scalars.get(name);
  return asked === undefined ? [0, 0] : [(node.requested.scalars.get(name) ?? 0) + asked, node.allocatable.scalars.get(name) ?? 0];
}

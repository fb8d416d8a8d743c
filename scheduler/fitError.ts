import type { Rejection } from './framework/types.ts';

/** Why a pod fits nowhere. */
export interface Diagnosis {
  readonly nodeCount: number;
  /** By node; nodes that were not looked at are in `others`. */
  readonly byNode: ReadonlyMap<string, Rejection>;
  /** What holds of all other nodes. */
  readonly others?: Rejection;
  /** A plugin ruled out every node before looking at any. */
  readonly everywhere?: Rejection;
}

/** The names of the plugins that rejected something: only events that they name can help the pod. */
export function rejectingPlugins({ byNode, others, everywhere }: Diagnosis): ReadonlySet<string> {
  const rejections = [...byNode.values(), others, everywhere].filter((each) => each !== undefined);
  return new Set(rejections.flatMap(({ plugin }) => plugin.split(',')));
}

/**
 * Kubernetes' sentence, e.g. `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: …`
 * (`framework.FitError`): reasons with their counts, in the order of the texts that result.
 */
export function fitErrorMessage(diagnosis: Diagnosis, postFilterMessage = ''): string {
  const { nodeCount, byNode, others, everywhere } = diagnosis;
  const head = `0/${nodeCount} nodes are available`;
  const tail = postFilterMessage === '' ? '' : ` ${postFilterMessage}`;
  if (everywhere) return `${head}: ${everywhere.reasons.join(', ')}.${tail}`;
  const counts = new Map<string, number>();
  const count = (rejection: Rejection, nodes: number): void => {
    for (const reason of rejection.reasons) counts.set(reason, (counts.get(reason) ?? 0) + nodes);
  };
  for (const rejection of byNode.values()) count(rejection, 1);
  const rest = nodeCount - byNode.size;
  if (others && rest > 0) count(others, rest);
  const reasons = [...counts].map(([reason, nodes]) => `${nodes} ${reason}`).sort();
  return `${head}${reasons.length === 0 ? '' : `: ${reasons.join(', ')}.`}${tail}`;
}

/** The whole answer when there is no node at all (`ErrNoNodesAvailable`). */
export const NO_NODES = 'no nodes available to schedule pods';

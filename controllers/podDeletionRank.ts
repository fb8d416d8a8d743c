import type { V1Pod } from '../api/generated/types.ts';
import { isReady, podCondition } from './podConditions.ts';
import { ownField } from '../api/values/ownField.ts';

const DELETION_COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Which pods to delete first when there are too many (Kubernetes' ActivePodsWithRanks): those without a node, then by phase, not
 * ready ones, cheaper ones, those that share their node with more of the same, later ready, more restarts, later created.
 * `related` are all active pods of the same workload, for the count per node.
 */
export function inDeletionOrder(pods: readonly V1Pod[], related: readonly V1Pod[], now: number): V1Pod[] {
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName ?? '';
    if (node !== '') perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => ({ pod, rank: rankOf(pod, perNode.get(pod.spec?.nodeName ?? '') ?? 0, now) }));
  return ranked.sort((left, right) => compare(left.rank, right.rank)).map(({ pod }) => pod);
}

/** Numbers to compare in turn; the smaller is deleted first. */
function rankOf(pod: V1Pod, onSameNode: number, now: number): readonly number[] {
  const ready = isReady(pod);
  const readySince = ready ? Date.parse(podCondition(pod, 'Ready')?.lastTransitionTime ?? '') : 0;
  return [
    (pod.spec?.nodeName ?? '') === '' ? 0 : 1,
    ownField(PHASE_RANK, pod.status?.phase ?? 'Unknown') ?? 1,
    ready ? 1 : 0,
    Number(pod.metadata.annotations?.[DELETION_COST_ANNOTATION] ?? 0) || 0,
    -onSameNode,
    ready ? ageScale(readySince, now) : 0,
    -Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount)),
    ageScale(Date.parse(pod.metadata.creationTimestamp), now),
  ];
}

/** Ages count on a logarithmic scale, so that among pods of about the same age the choice is not always the newest. */
function ageScale(since: number, now: number): number {
  return Math.floor(Math.log2(Math.max(1, now - since)));
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let at = 0; at < left.length; at += 1) {
    const difference = left[at]! - right[at]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

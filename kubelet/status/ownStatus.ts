import type { V1Pod, V1PodStatus } from '../../api/generated/types.ts';
import { isOwnCondition } from './podConditions.ts';

/**
 * The pod with the status that this kubelet found last instead of the one in the API, which may lag behind; the conditions that
 * others own are the API's.
 */
export function withOwnStatus(pod: V1Pod, own: V1PodStatus | undefined): V1Pod {
  if (!own) return pod;
  const ours = (own.conditions ?? []).filter(isOwnCondition);
  const conditions = [...ours, ...(pod.status?.conditions ?? []).filter((condition) => !isOwnCondition(condition) && !ours.some(({ type }) => type === condition.type))];
  return { ...pod, status: { ...own, conditions } };
}

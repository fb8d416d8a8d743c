import type { V1Pod, V1PodStatus } from '../../api/generated/types.ts';
import { OWNED_CONDITIONS } from './podConditions.ts';

/**
 * The pod with the status that this kubelet found last instead of the one in the API, which may lag behind; the conditions that
 * others own are the API's.
 */
export function withOwnStatus(pod: V1Pod, own: V1PodStatus | undefined): V1Pod {
  if (!own) return pod;
  const isOwned = (type: string): boolean => OWNED_CONDITIONS.some((each) => each === type);
  const conditions = [...(own.conditions ?? []).filter(({ type }) => isOwned(type)), ...(pod.status?.conditions ?? []).filter(({ type }) => !isOwned(type))];
  return { ...pod, status: { ...own, conditions } };
}

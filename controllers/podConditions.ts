import type { V1Pod, V1PodCondition } from '../api/generated/types.ts';

export function podCondition(pod: V1Pod, type: string): V1PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** Neither finished nor being deleted. */
export function isActive(pod: V1Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Being deleted, and not yet finished. */
export function isTerminating(pod: V1Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
}

function isFinished(pod: V1Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isReady(pod: V1Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** When a ready pod counts as available, in milliseconds since the epoch: `minReadySeconds` after it became ready. */
export function availableAt(pod: V1Pod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  return ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 : undefined;
}

/** `now` is wall-clock milliseconds, the clock that the condition's stamp was written by. */
export function isAvailable(pod: V1Pod, minReadySeconds: number, now: number): boolean {
  const at = availableAt(pod, minReadySeconds);
  return at !== undefined && at <= now;
}

/** Milliseconds until the next of these pods becomes available; undefined when none is on its way. */
export function nextAvailability(pods: readonly V1Pod[], minReadySeconds: number, now: number): number | undefined {
  const waits = pods.flatMap((pod) => {
    const at = availableAt(pod, minReadySeconds);
    return at !== undefined && at > now ? [at - now] : [];
  });
  return waits.length === 0 ? undefined : Math.min(...waits);
}

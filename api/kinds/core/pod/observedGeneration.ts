import type { V1PodStatus } from '../../../generated/types.ts';

/** A client that does not know of `observedGeneration` takes none away: where it writes none, the former stays, in place (`preserveOldObservedGeneration`). */
export function preserveObservedGeneration(status: V1PodStatus, previous: V1PodStatus): void {
  if (!status.observedGeneration && previous.observedGeneration) status.observedGeneration = previous.observedGeneration;
  // More than one condition may be of the same type: they are taken in their order.
  const former = new Map<string, (number | undefined)[]>();
  for (const { type, observedGeneration } of previous.conditions ?? []) former.set(type, [...(former.get(type) ?? []), observedGeneration]);
  for (const condition of status.conditions ?? []) {
    const generation = former.get(condition.type)?.shift();
    if (!condition.observedGeneration && generation) condition.observedGeneration = generation;
  }
}

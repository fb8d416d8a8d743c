import type { PodInfo } from '../cache/podInfo.ts';
import type { Plugin } from '../framework/types.ts';

const NAME = 'SchedulingGates';

const gated = (gates: readonly string[]): string => `waiting for scheduling gates: [${gates.join(' ')}]`;

/** Holds pods back until their `schedulingGates` are gone. */
export const schedulingGates: Plugin = {
  name: NAME,
  preEnqueue: (pod) => (isOpen(pod) ? undefined : gated((pod.spec.schedulingGates ?? []).map(({ name }) => name))),
};

function isOpen({ spec }: PodInfo): boolean {
  return (spec.schedulingGates ?? []).length === 0;
}

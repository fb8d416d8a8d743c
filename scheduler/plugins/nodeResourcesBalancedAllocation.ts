import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { MAXIMUM_SCORE, type Plugin } from '../framework/types.ts';

const NAME = 'NodeResourcesBalancedAllocation';

/** Prefers nodes whose CPU and memory would be used to a like degree. Pods that ask for neither leave the balance as it is. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: NAME,
  preScore: (pod) => (pod.requests.milliCPU === 0 && pod.requests.memory === 0 ? undefined : { score: (node) => balance(pod, node) }),
};

/** 100 minus the standard deviation of the used shares, in percent. */
export function balance({ requests }: PodInfo, { requested, allocatable }: NodeInfo): number {
  const shares: number[] = [];
  if (allocatable.milliCPU > 0) shares.push(Math.min(1, (requested.milliCPU + requests.milliCPU) / allocatable.milliCPU));
  if (allocatable.memory > 0) shares.push(Math.min(1, (requested.memory + requests.memory) / allocatable.memory));
  const deviation = shares.length === 2 ? Math.abs(shares[0]! - shares[1]!) / 2 : 0;
  return Math.floor((1 - deviation) * MAXIMUM_SCORE);
}

import type { V1PodSpec, V1ResourceRequirements } from '../generated/types.ts';
import { addQuantities, quantityOrZero, type Quantity } from './quantity.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COUNTED = ['cpu', 'memory'] as const;

/** How a pod is treated when a node runs short (`qos.ComputePodQOS`): only cpu and memory count, and zero is none. What is said of the pod as a whole goes before its containers, even where it is of other resources only. */
export function qosClassOf(spec: V1PodSpec): QosClass {
  const podLevel = spec.resources;
  const all = podLevel ? [podLevel] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((each): V1ResourceRequirements => each.resources ?? {});
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let everyLimit = true;
  for (const resources of all) {
    for (const name of COUNTED) {
      add(requests, name, resources.requests?.[name]);
      if (!add(limits, name, resources.limits?.[name])) everyLimit = false;
    }
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const isGuaranteed = everyLimit && requests.size === limits.size && COUNTED.every((name) => requests.get(name)?.nanos === limits.get(name)?.nanos);
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** Adds what is there; says whether there was anything. */
function add(sums: Map<string, Quantity>, name: string, text: string | undefined): boolean {
  const quantity = quantityOrZero(text);
  if (quantity.nanos <= 0n) return false;
  const sum = sums.get(name);
  sums.set(name, sum ? addQuantities(sum, quantity) : quantity);
  return true;
}

import type { V1Container, V1Pod } from '../api/generated/types.ts';
import { parseQuantity, sameQuantity } from '../api/values/quantity.ts';
import { specOf } from './podContainers.ts';

export type QOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COMPUTE = ['cpu', 'memory'] as const;

/** The pod's quality of service: what the API server wrote, else by its requests and limits (`qos.ComputePodQOS`). */
export function qosClass(pod: V1Pod): QOSClass {
  const written = pod.status?.qosClass;
  if (written === 'Guaranteed' || written === 'Burstable' || written === 'BestEffort') return written;
  const spec = specOf(pod);
  const containers = spec.resources ? [spec] : [...(spec.initContainers ?? []), ...spec.containers];
  if (containers.every((container) => !COMPUTE.some((name) => positive(container.resources?.requests?.[name]) || positive(container.resources?.limits?.[name])))) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function isGuaranteed({ resources }: Pick<V1Container, 'resources'>): boolean {
  return COMPUTE.every((name) => {
    const limit = resources?.limits?.[name];
    const request = resources?.requests?.[name] ?? limit;
    return limit !== undefined && positive(limit) && request !== undefined && sameQuantity(limit, request);
  });
}

function positive(quantity: string | undefined): boolean {
  return quantity !== undefined && parseQuantity(quantity).nanos > 0n;
}

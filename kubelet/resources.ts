import type { V1Container, V1Pod, V1ResourceRequirements } from '../api/generated/types.ts';
import { podLimits, podRequests } from '../api/values/podResources.ts';
import { milliValue, parseQuantity, type Quantity, quantityValue, ZERO_QUANTITY } from '../api/values/quantity.ts';
import { specOf } from './podContainers.ts';
import { qosClass } from './qosClass.ts';
import type { LinuxResources } from './runtime/types.ts';
import { ownField } from '../api/values/ownField.ts';

/** Microseconds. */
const CPU_PERIOD = 100_000;
const MIN_QUOTA = 1000;
const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const GUARANTEED_OOM_SCORE = -997;
const BEST_EFFORT_OOM_SCORE = 1000;
/** `system-node-critical`: such pods are ended as late as guaranteed ones. */
const NODE_CRITICAL_PRIORITY = 2_000_001_000;

/** cgroup v1 `cpu.shares` of a request in thousandths of a CPU (`MilliCPUToShares`). */
export function sharesOf(milliCPU: number): number {
  return milliCPU === 0 ? MIN_SHARES : Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((milliCPU * 1024) / 1000)));
}

/** CFS quota in microseconds of a limit in thousandths of a CPU; 0 for none (`MilliCPUToQuota`). */
export function quotaOf(milliCPU: number): number {
  return milliCPU === 0 ? 0 : Math.max(MIN_QUOTA, Math.floor((milliCPU * CPU_PERIOD) / 1000));
}

/** The cgroup settings of one container. */
export function containerResources(pod: V1Pod, container: V1Container, nodeMemoryBytes: number): LinuxResources {
  const cpuLimit = milli(container.resources?.limits, 'cpu');
  // With a limit and no request, the API defaults the request to the limit; a pod from a file may lack it.
  const cpuRequest = container.resources?.requests?.['cpu'] === undefined ? cpuLimit : milli(container.resources.requests, 'cpu');
  return {
    cpuShares: sharesOf(cpuRequest),
    cpuQuota: quotaOf(cpuLimit),
    cpuPeriod: CPU_PERIOD,
    memoryLimit: bytes(container.resources?.limits, 'memory'),
    oomScoreAdj: oomScore(pod, container, nodeMemoryBytes),
  };
}

/** `qos.GetContainerOOMScoreAdjust`: the more of the node's memory a burstable container asked for, the later it is ended. */
function oomScore(pod: V1Pod, container: V1Container, nodeMemoryBytes: number): number {
  if ((specOf(pod).priority ?? 0) >= NODE_CRITICAL_PRIORITY) return GUARANTEED_OOM_SCORE;
  const qos = qosClass(pod);
  if (qos === 'Guaranteed') return GUARANTEED_OOM_SCORE;
  if (qos === 'BestEffort') return BEST_EFFORT_OOM_SCORE;
  const score = 1000 - Math.floor((1000 * bytes(container.resources?.requests, 'memory')) / nodeMemoryBytes);
  const lowest = 1000 + GUARANTEED_OOM_SCORE;
  return Math.max(lowest, Math.min(score, BEST_EFFORT_OOM_SCORE - 1));
}

/** Limits of a whole pod's cgroup; 0 for none. */
export interface PodResources {
  readonly cpuShares: number;
  readonly cpuQuota: number;
  readonly cpuPeriod: number;
  readonly memoryLimit: number;
}

/** A pod is limited as a whole where its spec says so or each of its containers is limited (`ResourceConfigForPod`). */
export function podResources(pod: V1Pod): PodResources {
  const spec = specOf(pod);
  const [requests, limits] = [podRequests(spec), podLimits(spec)];
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const limit = (name: 'cpu' | 'memory'): Quantity => {
    const limited = spec.resources?.limits?.[name] !== undefined || containers.every(({ resources }) => resources?.limits?.[name] !== undefined);
    return (limited ? limits.get(name) : undefined) ?? ZERO_QUANTITY;
  };
  const cpuLimit = milliValue(limit('cpu'));
  // With a limit and no request, the API defaults the request to the limit; a pod from a file may lack it.
  const cpuRequest = milliValue(requests.get('cpu') ?? limits.get('cpu') ?? ZERO_QUANTITY);
  return { cpuShares: sharesOf(cpuRequest), cpuQuota: quotaOf(cpuLimit), cpuPeriod: CPU_PERIOD, memoryLimit: quantityValue(limit('memory')) };
}

function milli(list: V1ResourceRequirements['limits'], name: string): number {
  const text = ownField(list, name);
  return text === undefined ? 0 : milliValue(parseQuantity(text));
}

function bytes(list: V1ResourceRequirements['limits'], name: string): number {
  const text = ownField(list, name);
  return text === undefined ? 0 : quantityValue(parseQuantity(text));
}

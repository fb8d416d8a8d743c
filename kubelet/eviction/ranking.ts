import type { V1Pod } from '../../api/generated/types.ts';
import { podRequests } from '../../api/values/podResources.ts';
import { formatQuantity, quantityOf, quantityValue, ZERO_QUANTITY } from '../../api/values/quantity.ts';
import { untoleratedTaint } from '../../api/values/taints.ts';
import type { Rejection } from '../admission/admitPod.ts';
import { specOf } from '../podContainers.ts';
import { isStatic } from '../podSources/staticPod.ts';
import { qosClass } from '../qosClass.ts';
import type { CrossedThreshold, Pressure } from './nodePressure.ts';

/** `scheduling.SystemCriticalPriority`: what the node needs to work is never driven away. */
const SYSTEM_CRITICAL_PRIORITY = 2_000_000_000;

export interface ContainerUsage {
  readonly name: string;
  /** Bytes of its working set. */
  readonly memory: number;
}

export interface RankedPod {
  readonly pod: V1Pod;
  readonly usage: readonly ContainerUsage[];
}

export function isCritical(pod: V1Pod): boolean {
  return isStatic(pod) || (specOf(pod).priority ?? 0) >= SYSTEM_CRITICAL_PRIORITY;
}

/** Who has to go first where memory is short: those over their request, the least important, the furthest above it (`rankMemoryPressure`). */
export function rankForMemory(pods: readonly RankedPod[]): readonly RankedPod[] {
  const keyed = pods
    .filter(({ pod }) => !isCritical(pod))
    .map((ranked) => {
      const used = ranked.usage.reduce((total, { memory }) => total + memory, 0);
      const over = used - quantityValue(podRequests(specOf(ranked.pod)).get('memory') ?? ZERO_QUANTITY);
      return { ranked, over, priority: specOf(ranked.pod).priority ?? 0 };
    });
  return keyed.sort((a, b) => Number(b.over > 0) - Number(a.over > 0) || a.priority - b.priority || b.over - a.over).map(({ ranked }) => ranked);
}

/** The message of an evicted pod's status and event (`evictionMessage`). */
export function evictionMessage({ resource, threshold, available }: CrossedThreshold, { pod, usage }: RankedPod): string {
  const text = (bytes: number): string => formatQuantity(quantityOf(bytes, 'BinarySI'));
  const containers = usage.flatMap(({ name, memory }) => {
    const request = specOf(pod).containers.find((container) => container.name === name)?.resources?.requests?.['memory'];
    const requested = request === undefined ? 0 : quantityValue(podRequests({ containers: [{ name, resources: { requests: { memory: request } } }] }).get('memory') ?? ZERO_QUANTITY);
    return memory > requested ? [`Container ${name} was using ${text(memory)}, request is ${request ?? '0'}, has larger consumption of ${resource}. `] : [];
  });
  return `The node was low on resource: ${resource}. Threshold quantity: ${text(threshold)}, available: ${text(available)}. ${containers.join('')}`;
}

/** What a node under pressure says to a new pod; undefined where it may come all the same (`managerImpl.Admit`). */
export function admitUnderPressure(pod: V1Pod, pressures: readonly Pressure[]): Rejection | undefined {
  if (pressures.length === 0 || isCritical(pod)) return undefined;
  if (pressures.every((each) => each === 'MemoryPressure')) {
    const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };
    if (qosClass(pod) !== 'BestEffort' || !untoleratedTaint([taint], specOf(pod).tolerations, ['NoSchedule'])) return undefined;
  }
  return { reason: 'Evicted', message: `The node had condition: [${pressures.join(' ')}]. ` };
}

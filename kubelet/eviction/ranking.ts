import type { V1Pod } from '../../api/generated/types.ts';
import { podRequests } from '../../api/values/podResources.ts';
import { quantityValue, ZERO_QUANTITY } from '../../api/values/quantity.ts';
import { untoleratedTaint } from '../../api/values/taints.ts';
import type { Rejection } from '../admission/admitPod.ts';
import { specOf } from '../podContainers.ts';
import { isStatic } from '../podSources/staticPod.ts';
import { qosClass } from '../qosClass.ts';
import { resourceOf, type Pressure } from './nodePressure.ts';
import { type DiskPart, diskUsed, type Measure, type PodUsage } from './podUsage.ts';
import type { Signal } from './thresholds.ts';

/** `scheduling.SystemCriticalPriority`: what the node needs to work is never driven away. */
const SYSTEM_CRITICAL_PRIORITY = 2_000_000_000;

export function isCritical(pod: V1Pod): boolean {
  return isStatic(pod) || (specOf(pod).priority ?? 0) >= SYSTEM_CRITICAL_PRIORITY;
}

/** What has to be measured for a ranking. */
export function measureFor(signal: Signal): Measure {
  if (signal === 'memory.available') return 'memory';
  return signal === 'pid.available' ? 'processes' : 'disk';
}

/** Who has to go first where a signal is short, the first of all first (`buildSignalToRankFunc`). */
export function rankFor(signal: Signal, pods: readonly PodUsage[], dedicatedImagefs: boolean): readonly PodUsage[] {
  if (signal === 'memory.available') return rankForMemory(pods);
  return signal === 'pid.available' ? rankForProcesses(pods) : rankForDisk(pods, diskParts(signal, dedicatedImagefs), resourceOf(signal) === 'inodes' ? 'inodes' : 'bytes');
}

/** The parts of a pod that lie on the signal's file system. The engine keeps the logs beside the containers, not where the kubelet has its volumes. */
function diskParts(signal: Signal, dedicatedImagefs: boolean): readonly DiskPart[] {
  if (!dedicatedImagefs) return ['root', 'logs', 'volumes'];
  return signal.startsWith('imagefs.') ? ['root', 'logs'] : ['volumes'];
}

interface Rank {
  readonly usage: PodUsage;
  /** Uses more than it asked for. */
  readonly exceeds: boolean;
  readonly priority: number;
  /** How much it uses; above its request where there is one. */
  readonly weight: number;
}

/** Those over their request, the least important, the greediest. */
function ranked(pods: readonly PodUsage[], of: (usage: PodUsage) => Pick<Rank, 'exceeds' | 'weight'>): readonly PodUsage[] {
  return pods
    .filter(({ pod }) => !isCritical(pod))
    .map((usage): Rank => ({ usage, ...of(usage), priority: specOf(usage.pod).priority ?? 0 }))
    .toSorted((a, b) => Number(b.exceeds) - Number(a.exceeds) || a.priority - b.priority || b.weight - a.weight)
    .map(({ usage }) => usage);
}

/** `rankMemoryPressure`. */
function rankForMemory(pods: readonly PodUsage[]): readonly PodUsage[] {
  return ranked(pods, ({ pod, containers }) => {
    const over = containers.reduce((total, { memory }) => total + memory, 0) - requestOf(pod, 'memory');
    return { exceeds: over > 0, weight: over };
  });
}

/** `rankPIDPressure`: nobody asks for processes. */
function rankForProcesses(pods: readonly PodUsage[]): readonly PodUsage[] {
  return ranked(pods, ({ containers }) => ({ exceeds: false, weight: containers.reduce((total, { processes }) => total + processes, 0) }));
}

/** `rankDiskPressureFunc`; nobody asks for inodes. */
function rankForDisk(pods: readonly PodUsage[], parts: readonly DiskPart[], what: 'bytes' | 'inodes'): readonly PodUsage[] {
  return ranked(pods, (usage) => {
    const over = diskUsed(usage, parts)[what] - (what === 'bytes' ? requestOf(usage.pod, 'ephemeral-storage') : 0);
    return { exceeds: over > 0, weight: over };
  });
}

function requestOf(pod: V1Pod, resource: string): number {
  return quantityValue(podRequests(specOf(pod)).get(resource) ?? ZERO_QUANTITY);
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

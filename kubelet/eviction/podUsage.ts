import type { V1Pod } from '../../api/generated/types.ts';
import type { SpaceUsed } from '../usedSpace.ts';
import { NO_SPACE, sumOfSpace } from '../usedSpace.ts';

/** What a running container uses; what was not measured is nothing. */
export interface ContainerUsage {
  readonly name: string;
  /** Bytes of its working set. */
  readonly memory: number;
  readonly processes: number;
  /** What it wrote into its own file system. */
  readonly rootfs: SpaceUsed;
  readonly logs: SpaceUsed;
}

export interface PodUsage {
  readonly pod: V1Pod;
  readonly containers: readonly ContainerUsage[];
  /** By the volume's name: those which take from the node's disk, and the emptyDirs in memory. */
  readonly volumes: ReadonlyMap<string, SpaceUsed>;
}

/** What a look is to measure: the disk's part takes a walk through the pods' files. */
export type Measure = 'memory' | 'processes' | 'disk';

/** What takes from a node's disk (`fsStatsType`). */
export type DiskPart = 'root' | 'logs' | 'volumes';

/** What a pod takes of the disk by these parts (`podDiskUsage`). */
export function diskUsed({ pod, containers, volumes }: PodUsage, parts: readonly DiskPart[]): SpaceUsed {
  const inMemory = new Set((pod.spec?.volumes ?? []).filter(({ emptyDir }) => emptyDir?.medium === 'Memory').map(({ name }) => name));
  return sumOfSpace([
    ...(parts.includes('root') ? containers.map(({ rootfs }) => rootfs) : []),
    ...(parts.includes('logs') ? containers.map(({ logs }) => logs) : []),
    ...(parts.includes('volumes') ? [...volumes].map(([name, space]) => (inMemory.has(name) ? NO_SPACE : space)) : []),
  ]);
}

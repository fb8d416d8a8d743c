/** What is left of the node's resources; undefined where the host does not tell. */
export interface NodeSignals {
  /** Bytes. */
  readonly memoryAvailable: number;
  readonly nodefs: FileSystemSignal;
  /** Where the engine keeps its images and containers. */
  readonly imagefs: FileSystemSignal;
}

/** Bytes and inodes; a capacity of 0 means that the file system does not count them. */
export interface FileSystemSignal {
  readonly available: number;
  readonly capacity: number;
  readonly inodesFree: number;
  readonly inodes: number;
}

/** The kubelet's default `evictionHard`: bytes, and parts of the whole. */
export const EVICTION_HARD = { memoryAvailable: 100 * 1024 * 1024, nodefsAvailable: 0.1, imagefsAvailable: 0.15, inodesFree: 0.05 };

export type Pressure = 'MemoryPressure' | 'DiskPressure';

/** A threshold that was crossed, as messages tell it. Quantities are bytes, or a number of inodes. */
export interface CrossedThreshold {
  readonly pressure: Pressure;
  /** `memory`, `ephemeral-storage` or `inodes`. */
  readonly resource: string;
  readonly threshold: number;
  readonly available: number;
}

/** Which thresholds the node has crossed, memory first (`thresholdsMet`). */
export function crossedThresholds({ memoryAvailable, nodefs, imagefs }: NodeSignals): readonly CrossedThreshold[] {
  const disk = (resource: string, available: number, capacity: number, part: number): readonly CrossedThreshold[] =>
    capacity > 0 && available < capacity * part ? [{ pressure: 'DiskPressure', resource, threshold: Math.floor(capacity * part), available }] : [];
  return [
    ...(memoryAvailable < EVICTION_HARD.memoryAvailable ? [{ pressure: 'MemoryPressure' as const, resource: 'memory', threshold: EVICTION_HARD.memoryAvailable, available: memoryAvailable }] : []),
    ...disk('ephemeral-storage', nodefs.available, nodefs.capacity, EVICTION_HARD.nodefsAvailable),
    ...disk('ephemeral-storage', imagefs.available, imagefs.capacity, EVICTION_HARD.imagefsAvailable),
    ...disk('inodes', nodefs.inodesFree, nodefs.inodes, EVICTION_HARD.inodesFree),
    ...disk('inodes', imagefs.inodesFree, imagefs.inodes, EVICTION_HARD.inodesFree),
  ];
}

/** When each pressure was last seen, in milliseconds of a clock that never jumps. */
export type PressureTimes = ReadonlyMap<Pressure, number>;

/** The times after another look. */
export function notePressures(before: PressureTimes, crossed: readonly CrossedThreshold[], now: number): PressureTimes {
  return new Map([...before, ...crossed.map(({ pressure }) => [pressure, now] as const)]);
}

/** A pressure counts until it has not been seen for the transition period, lest the node's condition flaps. */
export function isUnder(pressure: Pressure, times: PressureTimes, transitionPeriod: number, now: number): boolean {
  const seen = times.get(pressure);
  return seen !== undefined && now - seen < transitionPeriod;
}

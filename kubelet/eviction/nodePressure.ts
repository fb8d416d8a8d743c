import { compareQuantities, type Quantity, quantityOf } from '../../api/values/quantity.ts';
import { amountOf, amountToReclaim, type Signal, type Threshold } from './thresholds.ts';

/** What the node has, and what of it is left. A capacity of 0: it does not count such a thing. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

export interface NodeSignals {
  /** Memory and file systems in bytes, inodes and process ids in numbers. */
  readonly observations: Readonly<Record<Signal, Observation>>;
  /** Whether the engine keeps images and containers on another file system than the kubelet keeps volumes. */
  readonly dedicatedImagefs: boolean;
}

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';
export const PRESSURES: readonly Pressure[] = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** What a signal counts, as messages name it. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

export function resourceOf(signal: Signal): StarvedResource {
  if (signal === 'memory.available') return 'memory';
  if (signal === 'pid.available') return 'pids';
  return signal.endsWith('.inodesFree') ? 'inodes' : 'ephemeral-storage';
}

export function pressureOf(signal: Signal): Pressure {
  if (signal === 'memory.available') return 'MemoryPressure';
  return signal === 'pid.available' ? 'PIDPressure' : 'DiskPressure';
}

/** A threshold that was crossed, with the amounts that messages tell. */
export interface CrossedThreshold {
  readonly threshold: Threshold;
  readonly quantity: Quantity;
  readonly available: Quantity;
}

/** Which of the thresholds the node has crossed, memory first (`thresholdsMet`, `byEvictionPriority`). With `reclaiming`, those count that have not got back what is to be reclaimed. */
export function crossedThresholds(thresholds: readonly Threshold[], { observations }: NodeSignals, reclaiming = false): readonly CrossedThreshold[] {
  const crossed = thresholds.flatMap((threshold) => {
    const { available, capacity } = observations[threshold.signal];
    const quantity = amountOf(threshold.value, capacity);
    const left = quantityOf(available, ['inodes', 'pids'].includes(resourceOf(threshold.signal)) ? 'DecimalSI' : 'BinarySI');
    const least = reclaiming ? amountToReclaim(threshold, capacity) : quantity;
    return capacity > 0 && compareQuantities(left, least) < 0 ? [{ threshold, quantity, available: left }] : [];
  });
  return crossed.toSorted((a, b) => Number(b.threshold.signal === 'memory.available') - Number(a.threshold.signal === 'memory.available'));
}

/** What is crossed now, together with what was before and has not been made good yet. */
export function stillCrossed(thresholds: readonly Threshold[], before: readonly CrossedThreshold[], signals: NodeSignals): readonly CrossedThreshold[] {
  const now = crossedThresholds(thresholds, signals);
  const unresolved = crossedThresholds(before.map(({ threshold }) => threshold), signals, true);
  return crossedOnce([...now, ...unresolved]);
}

function crossedOnce(list: readonly CrossedThreshold[]): readonly CrossedThreshold[] {
  return list.filter(({ threshold }, at) => list.findIndex((each) => each.threshold.signal === threshold.signal) === at);
}

/** When each pressure was last seen, in milliseconds of a clock that never jumps. */
export type PressureTimes = ReadonlyMap<Pressure, number>;

/** The times after another look. */
export function notePressures(before: PressureTimes, crossed: readonly CrossedThreshold[], now: number): PressureTimes {
  return new Map([...before, ...crossed.map(({ threshold }) => [pressureOf(threshold.signal), now] as const)]);
}

/** A pressure counts until it has not been seen for the transition period, lest the node's condition flaps. */
export function isUnder(pressure: Pressure, times: PressureTimes, transitionPeriod: number, now: number): boolean {
  const seen = times.get(pressure);
  return seen !== undefined && now - seen < transitionPeriod;
}

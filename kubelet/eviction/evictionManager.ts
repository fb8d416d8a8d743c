import type { V1Pod } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { PodFailure } from '../status/podStatus.ts';
import { type CrossedThreshold, crossedThresholds, isUnder, type NodeSignals, notePressures, type Pressure, type PressureTimes } from './nodePressure.ts';
import { evictionMessage, type RankedPod, rankForMemory } from './ranking.ts';

export interface EvictionOptions {
  readonly signals: () => Promise<NodeSignals>;
  /** Pods that run here, with what they use. */
  readonly usage: () => Promise<readonly RankedPod[]>;
  /** Removes unused images; resolves to the bytes freed. */
  readonly freeImages: () => Promise<number>;
  readonly evict: (pod: V1Pod, failure: PodFailure) => void;
  /** The node's conditions have changed. */
  readonly changed: () => void;
  /** Milliseconds. */
  readonly transitionPeriod: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `evictionMonitoringPeriod`. */
const PERIOD_MILLISECONDS = 10_000;
const ALL: readonly Pressure[] = ['MemoryPressure', 'DiskPressure'];

/** Watches what the node has left, tells of pressure, and makes room: unused images first, then one pod at a time. */
export class EvictionManager {
  readonly #options: EvictionOptions;
  #times: PressureTimes = new Map();
  #told = '';

  constructor(options: EvictionOptions) {
    this.#options = options;
  }

  /** The pressures that the node is under. */
  get pressures(): readonly Pressure[] {
    const { clock, transitionPeriod } = this.#options;
    return ALL.filter((each) => isUnder(each, this.#times, transitionPeriod, clock.monotonic()));
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => logger.error("the node's resources could not be looked at", { error }));
      await clock.sleep(PERIOD_MILLISECONDS, signal);
    }
  }

  /** One look, and what it makes necessary. */
  async look(): Promise<void> {
    const { signals, freeImages, clock, changed, logger } = this.#options;
    let crossed = crossedThresholds(await signals());
    this.#times = notePressures(this.#times, crossed, clock.monotonic());
    const now = this.pressures.join(' ');
    if (now !== this.#told) changed();
    this.#told = now;
    if (crossed.some(({ pressure }) => pressure === 'DiskPressure') && (await freeImages()) > 0) crossed = crossedThresholds(await signals());
    const memory = crossed.find(({ pressure }) => pressure === 'MemoryPressure');
    if (memory) await this.#evictOne(memory);
    else if (crossed.length > 0) logger.warn('the disk is full and no unused image is left', { resource: crossed[0]?.resource });
  }

  async #evictOne(threshold: CrossedThreshold): Promise<void> {
    const { usage, evict, logger } = this.#options;
    const first = rankForMemory(await usage())[0];
    if (!first) return logger.warn('the node is short of memory and has no pod that may be evicted');
    evict(first.pod, { reason: 'Evicted', message: evictionMessage(threshold, first) });
  }
}

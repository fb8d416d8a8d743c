import type { V1Pod } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { PodFailure } from '../status/podStatus.ts';
import { evictionMessage } from './evictionMessage.ts';
import { limitsStorage, storageExcess } from './localStorage.ts';
import { type CrossedThreshold, crossedThresholds, isUnder, type NodeSignals, notePressures, type Pressure, PRESSURES, type PressureTimes, resourceOf, stillCrossed } from './nodePressure.ts';
import type { Measure, PodUsage } from './podUsage.ts';
import { isCritical, measureFor, rankFor } from './ranking.ts';
import type { Signal, Threshold } from './thresholds.ts';

export interface EvictionOptions {
  readonly thresholds: readonly Threshold[];
  readonly signals: () => Promise<NodeSignals>;
  /** The pods that go on. */
  readonly pods: () => readonly V1Pod[];
  readonly usage: (pods: readonly V1Pod[], measure: Measure) => Promise<readonly PodUsage[]>;
  /** Removes ended containers, and unused images. */
  readonly freeContainers: () => Promise<void>;
  readonly freeImages: () => Promise<void>;
  /** Ends a pod; resolves when what it used is free, or that takes too long. */
  readonly evict: (pod: V1Pod, failure: PodFailure) => Promise<void>;
  /** A warning event about the node. */
  readonly warn: (reason: string, message: string) => void;
  /** The node's conditions have changed. */
  readonly changed: () => void;
  /** Milliseconds. */
  readonly transitionPeriod: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `evictionMonitoringPeriod`. */
const PERIOD_MILLISECONDS = 10_000;

/**
 * Watches what the node has left and what its pods take of the disk. Pods over their own limits end at once. Under pressure it frees what no pod
 * needs, then evicts one pod at each look, by rank.
 */
export class EvictionManager {
  readonly #options: EvictionOptions;
  #crossed: readonly CrossedThreshold[] = [];
  #times: PressureTimes = new Map();
  #told = '';

  constructor(options: EvictionOptions) {
    this.#options = options;
  }

  /** The pressures that the node is under. */
  get pressures(): readonly Pressure[] {
    const { clock, transitionPeriod } = this.#options;
    return PRESSURES.filter((each) => isUnder(each, this.#times, transitionPeriod, clock.monotonic()));
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
    const { thresholds, clock, changed } = this.#options;
    const signals = await this.#options.signals();
    this.#crossed = stillCrossed(thresholds, this.#crossed, signals);
    this.#times = notePressures(this.#times, this.#crossed, clock.monotonic());
    const now = this.pressures.join(' ');
    if (now !== this.#told) changed();
    this.#told = now;
    if (await this.#evictExcessive(signals)) return;
    const worst = this.#crossed[0];
    if (!worst) return;
    this.#options.warn('EvictionThresholdMet', `Attempting to reclaim ${resourceOf(worst.threshold.signal)}`);
    if (await this.#reclaim(worst.threshold.signal, signals.dedicatedImagefs)) return;
    await this.#evictOne(worst, signals);
  }

  /** Pods that use more of the disk than they may. */
  async #evictExcessive({ dedicatedImagefs }: NodeSignals): Promise<boolean> {
    const { pods, usage, evict } = this.#options;
    const limited = pods().filter((pod) => !isCritical(pod) && limitsStorage(pod));
    if (limited.length === 0) return false;
    const excessive = (await usage(limited, 'disk')).flatMap((each) => {
      const message = storageExcess(each, dedicatedImagefs);
      return message === undefined ? [] : [{ pod: each.pod, message }];
    });
    await Promise.all(excessive.map(({ pod, message }) => evict(pod, { reason: 'Evicted', message })));
    return excessive.length > 0;
  }

  /** Frees what no pod needs; whether that was enough (`reclaimNodeLevelResources`). */
  async #reclaim(signal: Signal, dedicatedImagefs: boolean): Promise<boolean> {
    const { thresholds, signals, freeContainers, freeImages } = this.#options;
    const isDisk = signal.startsWith('imagefs.') || (signal.startsWith('nodefs.') && !dedicatedImagefs);
    if (!isDisk) return false;
    await freeContainers();
    await freeImages();
    return crossedThresholds(thresholds, await signals(), true).length === 0;
  }

  async #evictOne(worst: CrossedThreshold, { dedicatedImagefs }: NodeSignals): Promise<void> {
    const { pods, usage, evict, logger } = this.#options;
    const { signal } = worst.threshold;
    const first = rankFor(signal, await usage(pods(), measureFor(signal)), dedicatedImagefs)[0];
    if (!first) return logger.warn('the node is under pressure and has no pod that may be evicted', { resource: resourceOf(signal) });
    logger.warn('evicting a pod', { pod: `${first.pod.metadata.namespace}/${first.pod.metadata.name}`, signal });
    const message = evictionMessage(worst, first);
    await evict(first.pod, { reason: 'Evicted', message, disruption: 'TerminationByKubelet' });
  }
}

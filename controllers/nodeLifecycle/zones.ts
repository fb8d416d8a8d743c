import type { V1Node } from '../../api/generated/types.ts';
import { LABEL_EXCLUDE_DISRUPTION, LABEL_REGION, LABEL_ZONE } from '../../api/wellKnown.ts';
import { readyStatus } from './health.ts';

/** How fast nodes are emptied, in nodes per second and zone; Kubernetes' flags of these names. */
export interface EvictionRates {
  readonly nodeEvictionRate: number;
  readonly secondaryNodeEvictionRate: number;
  /** The part of a zone's nodes that must be lost for the zone to count as partly disrupted. */
  readonly unhealthyZoneThreshold: number;
  /** Zones of at most so many nodes are not emptied at all while they are partly disrupted. */
  readonly largeClusterSizeThreshold: number;
}

export type ZoneState = 'normal' | 'partialDisruption' | 'fullDisruption';

/** A key of region and zone; '' for nodes without either. */
export function zoneOf({ metadata }: V1Node): string {
  const region = metadata.labels?.[LABEL_REGION] ?? '';
  const zone = metadata.labels?.[LABEL_ZONE] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\x00:${zone}`;
}

/** `ComputeZoneState`. */
export function zoneState(ready: number, notReady: number, threshold: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'fullDisruption';
  return notReady > 2 && notReady / (notReady + ready) >= threshold ? 'partialDisruption' : 'normal';
}

/**
 * Says when a lost node may be given up. Nodes that are lost one by one are emptied at a steady rate; when much of a zone is lost at once,
 * rather the network or the control plane is at fault, and it goes slower, or stops. When no node of the cluster is ready, none is given up.
 */
export class EvictionPacer {
  readonly #rates: EvictionRates;
  /** Per zone: nodes per second. */
  readonly #rateOf = new Map<string, number>();
  /** Per zone: when (monotonic milliseconds) a node was last given up. */
  readonly #lastAt = new Map<string, number>();
  #fullyDisrupted = false;

  constructor(rates: EvictionRates) {
    this.#rates = rates;
  }

  /** No node at all is ready: all are to be left alone. */
  get fullyDisrupted(): boolean {
    return this.#fullyDisrupted;
  }

  /** Looks at all nodes; true when `fullyDisrupted` has changed. */
  assess(nodes: readonly V1Node[]): boolean {
    const counts = new Map<string, { ready: number; notReady: number }>();
    for (const node of nodes) {
      if (node.metadata.labels?.[LABEL_EXCLUDE_DISRUPTION] !== undefined) continue;
      const count = counts.get(zoneOf(node)) ?? { ready: 0, notReady: 0 };
      counts.set(zoneOf(node), readyStatus(node) === 'True' ? { ...count, ready: count.ready + 1 } : { ...count, notReady: count.notReady + 1 });
    }
    this.#rateOf.clear();
    const states = [...counts].map(([zone, { ready, notReady }]) => {
      const state = zoneState(ready, notReady, this.#rates.unhealthyZoneThreshold);
      this.#rateOf.set(zone, this.#rate(state, ready + notReady));
      return state;
    });
    const before = this.#fullyDisrupted;
    this.#fullyDisrupted = states.length > 0 && states.every((state) => state === 'fullDisruption');
    return this.#fullyDisrupted !== before;
  }

  /** 0 when a node of the zone may be given up now, which then counts as done; else how many milliseconds to wait (Infinity: until something changes). */
  take(zone: string, now: number): number {
    const rate = this.#fullyDisrupted ? 0 : (this.#rateOf.get(zone) ?? this.#rates.nodeEvictionRate);
    const wait = rate <= 0 ? Infinity : (this.#lastAt.get(zone) ?? -Infinity) + 1000 / rate - now;
    if (wait > 0) return wait;
    this.#lastAt.set(zone, now);
    return 0;
  }

  #rate(state: ZoneState, size: number): number {
    if (state !== 'partialDisruption') return this.#rates.nodeEvictionRate;
    return size > this.#rates.largeClusterSizeThreshold ? this.#rates.secondaryNodeEvictionRate : 0;
  }
}

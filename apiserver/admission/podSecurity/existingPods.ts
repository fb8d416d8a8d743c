import type { V1Pod } from '../../../api/generated/types.ts';
import { evaluatePod, summarize } from './evaluate.ts';
import { formatLevel, type LevelVersion } from './levels.ts';

/** Kubernetes' bound on the pods of a namespace that are looked at when its level changes. */
export const MOST_PODS = 3_000;

/** One pod of each controller first: the others are mostly like it. */
export function prioritize(pods: readonly V1Pod[]): readonly V1Pod[] {
  const seen = new Set<string>();
  const first: V1Pod[] = [];
  const others: V1Pod[] = [];
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
    (owner && seen.has(owner.uid) ? others : first).push(pod);
    if (owner) seen.add(owner.uid);
  }
  return [...first, ...others];
}

/** Gathers what the pods of a namespace do against a new level; pods with the same faults share one line. */
export class ExistingPods {
  readonly #enforce: LevelVersion;
  readonly #byFaults = new Map<string, { first: string; count: number }>();
  #checked = 0;

  constructor(enforce: LevelVersion) {
    this.#enforce = enforce;
  }

  add({ metadata, spec }: V1Pod): void {
    this.#checked += 1;
    const violations = spec === undefined ? [] : evaluatePod(this.#enforce, { metadata, spec });
    if (violations.length === 0) return;
    const faults = summarize(violations);
    const entry = this.#byFaults.get(faults);
    if (!entry) this.#byFaults.set(faults, { first: metadata.name, count: 1 });
    else {
      entry.count += 1;
      if (metadata.name < entry.first) entry.first = metadata.name;
    }
  }

  /** The warnings, given how many pods there were to look at. */
  warnings(namespace: string, total: number): readonly string[] {
    const lines = [...this.#byFaults].map(([faults, { first, count }]) => (count === 1 ? `${first}: ${faults}` : `${first} (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'}): ${faults}`));
    return [
      ...(this.#checked < total ? [`new PodSecurity enforce level only checked against the first ${this.#checked} of ${total} existing pods`] : []),
      ...(lines.length > 0 ? [`existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(formatLevel(this.#enforce))}`] : []),
      ...lines.sort(),
    ];
  }
}

import type { PodInfo } from './podInfo.ts';

export type PodPredicate = (pod: PodInfo) => boolean;

interface Counted {
  readonly predicate: PodPredicate;
  /** Pods that match, by node; nodes without any are absent. */
  readonly byNode: Map<string, number>;
}

/** So many questions are kept answered; one that has not been asked for longest makes room. */
const CAPACITY = 256;

/**
 * How many pods on each node match a predicate, without counting them for each pod that is scheduled: the first question
 * counts, then each pod that comes or goes adjusts the answers.
 */
export class PredicateCounts {
  /** From the least to the most recently asked. */
  readonly #counted = new Map<string, Counted>();
  readonly #everyPod: () => Iterable<readonly [node: string, pod: PodInfo]>;

  constructor(everyPod: () => Iterable<readonly [node: string, pod: PodInfo]>) {
    this.#everyPod = everyPod;
  }

  /** `id` is the same for predicates that say the same. */
  count(id: string, predicate: PodPredicate): ReadonlyMap<string, number> {
    let counted = this.#counted.get(id);
    if (counted) this.#counted.delete(id);
    else {
      counted = { predicate, byNode: new Map() };
      for (const [node, pod] of this.#everyPod()) adjust(counted, node, pod, 1);
      if (this.#counted.size >= CAPACITY) this.#counted.delete(this.#counted.keys().next().value ?? '');
    }
    this.#counted.set(id, counted);
    return counted.byNode;
  }

  podAdded(node: string, pod: PodInfo): void {
    for (const counted of this.#counted.values()) adjust(counted, node, pod, 1);
  }

  podRemoved(node: string, pod: PodInfo): void {
    for (const counted of this.#counted.values()) adjust(counted, node, pod, -1);
  }

  /** Forgets all answers: something that predicates read besides the pod has changed (labels of a namespace). */
  clear(): void {
    this.#counted.clear();
  }
}

function adjust({ predicate, byNode }: Counted, node: string, pod: PodInfo, by: 1 | -1): void {
  if (!predicate(pod)) return;
  const count = (byNode.get(node) ?? 0) + by;
  if (count > 0) byNode.set(node, count);
  else byNode.delete(node);
}

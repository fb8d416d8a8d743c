import type { AffinityTerm } from './affinityTerm.ts';
import type { PodInfo } from './podInfo.ts';

/** The terms that running pods carry, which speak about pods that come. */
export type TermKind = 'requiredAffinity' | 'requiredAntiAffinity' | 'preferredAffinity';

/** One term, and how many pods on each node carry it. */
export interface ExistingTerm {
  readonly term: AffinityTerm;
  /** 1 for required terms. */
  readonly weight: number;
  readonly byNode: ReadonlyMap<string, number>;
}

interface MutableTerm extends ExistingTerm {
  readonly byNode: Map<string, number>;
}

/** Terms of all running pods, each different one once: a hundred replicas with one anti-affinity cost what one does. */
export class ExistingTerms {
  readonly #terms: Readonly<Record<TermKind, Map<string, MutableTerm>>> = { requiredAffinity: new Map(), requiredAntiAffinity: new Map(), preferredAffinity: new Map() };

  of(kind: TermKind): Iterable<ExistingTerm> {
    return this.#terms[kind].values();
  }

  podAdded(node: string, pod: PodInfo): void {
    this.#adjust(node, pod, 1);
  }

  podRemoved(node: string, pod: PodInfo): void {
    this.#adjust(node, pod, -1);
  }

  #adjust(node: string, pod: PodInfo, by: 1 | -1): void {
    for (const term of pod.requiredAffinity) adjust(this.#terms.requiredAffinity, term, 1, node, by);
    for (const term of pod.requiredAntiAffinity) adjust(this.#terms.requiredAntiAffinity, term, 1, node, by);
    for (const { term, weight } of pod.preferredAffinity) adjust(this.#terms.preferredAffinity, term, weight, node, by);
  }
}

function adjust(terms: Map<string, MutableTerm>, term: AffinityTerm, weight: number, node: string, by: 1 | -1): void {
  const id = `${weight}|${term.id}`;
  const known = terms.get(id) ?? { term, weight, byNode: new Map<string, number>() };
  const count = (known.byNode.get(node) ?? 0) + by;
  if (count > 0) known.byNode.set(node, count);
  else known.byNode.delete(node);
  if (known.byNode.size === 0) terms.delete(id);
  else terms.set(id, known);
}

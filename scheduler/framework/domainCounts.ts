import type { ClusterView } from '../cache/clusterView.ts';
import { ownField } from '../../api/values/ownField.ts';

/** Numbers by topology domain: by a node label's key, then its value. */
export class DomainCounts {
  readonly #byKey = new Map<string, Map<string, number>>();

  /** Adds numbers that are known by node, times `weight`, to the domains of these nodes. */
  add(topologyKey: string, byNode: ReadonlyMap<string, number>, view: ClusterView, weight = 1): void {
    for (const [name, count] of byNode) {
      const domain = ownField(view.node(name)?.labels, topologyKey);
      if (domain === undefined) continue;
      let domains = this.#byKey.get(topologyKey);
      if (!domains) {
        domains = new Map();
        this.#byKey.set(topologyKey, domains);
      }
      domains.set(domain, (domains.get(domain) ?? 0) + count * weight);
    }
  }

  /** The number of topology keys that have any domain. */
  get size(): number {
    return this.#byKey.size;
  }

  /** 0 where the node has no such label. */
  at(topologyKey: string, labels: Readonly<Record<string, string>>): number {
    const domain = ownField(labels, topologyKey);
    return domain === undefined ? 0 : (this.#byKey.get(topologyKey)?.get(domain) ?? 0);
  }

  /** Over all keys that the node has. */
  sum(labels: Readonly<Record<string, string>>): number {
    let sum = 0;
    for (const key of this.#byKey.keys()) sum += this.at(key, labels);
    return sum;
  }
}

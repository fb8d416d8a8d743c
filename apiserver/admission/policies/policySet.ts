import type { KubeObject } from '../../../api/meta.ts';
import { resourcePrefix, type StorageResource, type WatchCache } from '../../storage/types.ts';

/** A policy with the bindings that put it in force; both in the order of their names. */
export interface BoundPolicy<P extends KubeObject, B extends KubeObject> {
  readonly policy: P;
  readonly bindings: readonly B[];
}

type Named = KubeObject & { readonly spec?: { readonly policyName?: string } };

/**
 * The policies of one sort that some binding names; read anew only after one of them or of their bindings changed, and in force from the moment in which
 * they reach this server's memory. The objects are the same until they change, so that what is derived from them may be kept beside them.
 */
export class PolicySet<P extends KubeObject, B extends KubeObject & Named> {
  readonly #cache: WatchCache;
  readonly #resources: readonly [policies: StorageResource, bindings: StorageResource];
  #bound: readonly BoundPolicy<P, B>[] | undefined;

  constructor(cache: WatchCache, policies: StorageResource, bindings: StorageResource, signal: AbortSignal) {
    this.#cache = cache;
    this.#resources = [policies, bindings];
    for (const resource of this.#resources) {
      const unsubscribe = cache.subscribe(resource, () => {
        this.#bound = undefined;
      });
      signal.addEventListener('abort', unsubscribe, { once: true });
    }
  }

  all(): readonly BoundPolicy<P, B>[] {
    return (this.#bound ??= this.#read());
  }

  #read(): BoundPolicy<P, B>[] {
    const [policies, bindings] = this.#resources.map((resource) => this.#cache.list(resourcePrefix(resource)).map(({ object }) => object)) as [P[], B[]];
    const byPolicy = Map.groupBy(bindings, ({ spec }) => spec?.policyName ?? '');
    return policies.flatMap((policy) => {
      const own = byPolicy.get(policy.metadata.name);
      return own ? [{ policy, bindings: own }] : [];
    });
  }
}

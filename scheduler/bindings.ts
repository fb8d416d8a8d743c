import { ApiError } from '../api/apiError.ts';
import { Pods } from '../client/resources.ts';
import type { KubeClient } from '../client/types.ts';
import type { PodInfo } from './cache/podInfo.ts';
import { defaultBinder } from './plugins/defaultBinder.ts';

/** What became of a binding. `Gone`: the pod is deleted, replaced, or bound elsewhere; there is nothing left to schedule. */
export type BindingOutcome = { readonly kind: 'Bound' } | { readonly kind: 'Gone' } | { readonly kind: 'Failed'; readonly error: Error };

/** So many are under way at once; then the scheduling of the next pods waits. */
const IN_FLIGHT = 128;

/** Carries decisions to the API server, many at a time. */
export class Bindings {
  readonly #client: KubeClient;
  readonly #underWay = new Set<Promise<void>>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  get inFlight(): number {
    return this.#underWay.size;
  }

  /** Resolves when another binding may begin. */
  async slot(): Promise<void> {
    while (this.#underWay.size >= IN_FLIGHT) await Promise.race(this.#underWay);
  }

  /** Starts one; `done` is told of its end and must not throw. */
  start(info: PodInfo, node: string, done: (outcome: BindingOutcome) => void): void {
    const run = this.#bind(info, node)
      .then(done)
      .finally(() => this.#underWay.delete(run));
    this.#underWay.add(run);
  }

  /** Resolves when none is under way any more. */
  async drained(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.race(this.#underWay);
  }

  async #bind(info: PodInfo, node: string): Promise<BindingOutcome> {
    try {
      await defaultBinder(this.#client, info, node);
      return { kind: 'Bound' };
    } catch (error) {
      return this.#find(info, node, error as Error);
    }
  }

  /** After an error the binding may have happened all the same (the answer was lost): the pod itself tells. */
  async #find(info: PodInfo, node: string, error: Error): Promise<BindingOutcome> {
    try {
      const pod = await this.#client.get(Pods, info.pod.metadata.name, info.namespace);
      if (pod.metadata.uid !== info.uid || pod.metadata.deletionTimestamp !== undefined) return { kind: 'Gone' };
      if (!pod.spec?.nodeName) return { kind: 'Failed', error };
      return { kind: pod.spec.nodeName === node ? 'Bound' : 'Gone' };
    } catch (lookup) {
      return lookup instanceof ApiError && lookup.reason === 'NotFound' ? { kind: 'Gone' } : { kind: 'Failed', error };
    }
  }
}

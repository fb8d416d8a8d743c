import { parseFieldSelector } from '../../api/values/fieldSelector.ts';
import { SelectorError } from '../../api/values/parseLabelSelector.ts';
import type { RequestInfo } from '../types.ts';

type Watched = Pick<RequestInfo, 'group' | 'resource' | 'namespace' | 'name'>;

/** How many watch what, in this process (`WatchTracker` of Kubernetes): a write costs more, the more hear of it. */
export class WatchTracker {
  readonly #counts = new Map<string, number>();

  /** Counts a watch; what comes back forgets it, once. */
  register(info: RequestInfo, query: URLSearchParams): () => void {
    if (isOfOneNode(info, query)) return () => undefined;
    const key = keyOf(info);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    let isForgotten = false;
    return () => {
      if (isForgotten) return;
      isForgotten = true;
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    };
  }

  /** Watches of the whole resource, of the namespace and of the object that a request names. */
  interested({ group, resource, namespace, name }: Watched): number {
    if (this.#counts.size === 0) return 0;
    let count = this.#of({ group, resource, namespace: '', name: '' });
    if (namespace !== '') count += this.#of({ group, resource, namespace, name: '' });
    if (name !== '') count += this.#of({ group, resource, namespace, name });
    return count;
  }

  #of(watched: Watched): number {
    return this.#counts.get(keyOf(watched)) ?? 0;
  }
}

const keyOf = ({ group, resource, namespace, name }: Watched): string => `${group}/${resource}/${namespace}/${name}`;

/** Kubelets watch the pods of their node: by the index on that field, a write reaches one of them at most. */
function isOfOneNode({ resource }: Watched, query: URLSearchParams): boolean {
  const selector = query.get('fieldSelector') ?? '';
  if (resource !== 'pods' || selector === '') return false;
  try {
    return parseFieldSelector(selector).some(({ field, equal, value }) => field === 'spec.nodeName' && equal && value !== '');
  } catch (error) {
    // The handler refuses it.
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

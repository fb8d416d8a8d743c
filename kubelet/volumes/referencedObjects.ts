import { ApiError } from '../../api/apiError.ts';
import type { V1ConfigMap, V1Secret } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { InformerImpl } from '../../client/informer.ts';
import { ConfigMaps, Secrets } from '../../client/resources.ts';
import type { KubeClient, Resource } from '../../client/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';

export interface ReferencedObjectsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An object that this pod refers to has changed. */
  readonly changed: (podUid: string) => void;
  /** Ends every watch. */
  readonly signal: AbortSignal;
}

interface Watched {
  readonly informer: InformerImpl<KubeObject>;
  readonly pods: Set<string>;
  readonly stop: AbortController;
}

/**
 * The ConfigMaps and Secrets that volumes of this node's pods come from. Each is watched by its name while a pod refers to it (the
 * kubelet's watch-based manager); nothing else of the kind is ever read.
 */
export class ReferencedObjects {
  readonly #options: ReferencedObjectsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: ReferencedObjectsOptions) {
    this.#options = options;
  }

  /**
   * The object, or undefined where there is none.
   * @param fresh ask the API server, as a pod that starts must see what was written before it
   */
  configMap(podUid: string, namespace: string, name: string, fresh: boolean): Promise<V1ConfigMap | undefined> {
    return this.#read(ConfigMaps, podUid, namespace, name, fresh);
  }

  secret(podUid: string, namespace: string, name: string, fresh: boolean): Promise<V1Secret | undefined> {
    return this.#read(Secrets, podUid, namespace, name, fresh);
  }

  /** The pod refers to nothing any more. */
  release(podUid: string): void {
    for (const [key, { pods, stop }] of this.#watched) {
      if (!pods.delete(podUid) || pods.size > 0) continue;
      this.#watched.delete(key);
      stop.abort();
    }
  }

  async #read<T extends KubeObject>(resource: Resource<T>, podUid: string, namespace: string, name: string, fresh: boolean): Promise<T | undefined> {
    const informer = this.#watch(resource, podUid, namespace, name);
    if (!fresh && informer.hasSynced) return informer.get(`${namespace}/${name}`);
    try {
      return await this.#options.client.get(resource, name, namespace);
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  #watch<T extends KubeObject>(resource: Resource<T>, podUid: string, namespace: string, name: string): InformerImpl<T> {
    const { client, clock, logger, changed, signal } = this.#options;
    const key = `${resource.plural}/${namespace}/${name}`;
    let watched = this.#watched.get(key);
    if (!watched) {
      const pods = new Set<string>();
      const tell = (): void => pods.forEach(changed);
      const informer = new InformerImpl<KubeObject>(resource, { namespace, fieldSelector: `metadata.name=${name}` }, { client, clock, logger });
      // What the first list brings was just read by whoever asked; it is told all the same, as it may be newer.
      informer.addHandler({ added: tell, updated: tell, deleted: tell });
      const stop = new AbortController();
      watched = { informer, pods, stop };
      this.#watched.set(key, watched);
      informer.run(AbortSignal.any([stop.signal, signal])).catch((error: unknown) => logger.error('a watch of a referenced object ended', { key, error }));
    }
    watched.pods.add(podUid);
    // The key names the resource, so that the informer under it holds objects of this type.
    return watched.informer as unknown as InformerImpl<T>;
  }
}

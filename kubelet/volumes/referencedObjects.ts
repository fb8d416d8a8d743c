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
  /** Those of the pods that have read it from the API server. */
  readonly readers: Set<string>;
  readonly stop: AbortController;
}

/**
 * The ConfigMaps and Secrets that volumes, environments and pull secrets of this node's pods come from. Each is watched by its name
 * while a pod refers to it (the kubelet's watch-based manager); nothing else of the kind is ever read.
 */
export class ReferencedObjects {
  readonly #options: ReferencedObjectsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: ReferencedObjectsOptions) {
    this.#options = options;
  }

  /**
   * The object, or undefined where there is none.
   * @param fresh ask the API server, as a pod that starts must see what was written before it; its containers that start again do
   * not, lest one that crashes over and over is felt there
   */
  configMap(podUid: string, namespace: string, name: string, fresh: boolean): Promise<V1ConfigMap | undefined> {
    return this.#read(ConfigMaps, podUid, namespace, name, fresh);
  }

  secret(podUid: string, namespace: string, name: string, fresh: boolean): Promise<V1Secret | undefined> {
    return this.#read(Secrets, podUid, namespace, name, fresh);
  }

  /** The pod refers to nothing any more. */
  release(podUid: string): void {
    for (const [key, { pods, readers, stop }] of this.#watched) {
      readers.delete(podUid);
      if (!pods.delete(podUid) || pods.size > 0) continue;
      this.#watched.delete(key);
      stop.abort();
    }
  }

  async #read<T extends KubeObject>(resource: Resource<T>, podUid: string, namespace: string, name: string, fresh: boolean): Promise<T | undefined> {
    const { informer, readers } = this.#watch(resource, podUid, namespace, name);
    if (informer.hasSynced && (!fresh || readers.has(podUid))) return informer.get(`${namespace}/${name}`);
    const found = await this.#ask(resource, namespace, name);
    readers.add(podUid);
    return found;
  }

  async #ask<T extends KubeObject>(resource: Resource<T>, namespace: string, name: string): Promise<T | undefined> {
    try {
      return await this.#options.client.get(resource, name, namespace);
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  #watch<T extends KubeObject>(resource: Resource<T>, podUid: string, namespace: string, name: string): { readonly informer: InformerImpl<T>; readonly readers: Set<string> } {
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
      watched = { informer, pods, readers: new Set(), stop };
      this.#watched.set(key, watched);
      informer.run(AbortSignal.any([stop.signal, signal])).catch((error: unknown) => logger.error('a watch of a referenced object ended', { key, error }));
    }
    watched.pods.add(podUid);
    // The key names the resource, so that the informer under it holds objects of this type.
    return { informer: watched.informer as unknown as InformerImpl<T>, readers: watched.readers };
  }
}

import type { KubeObject } from '../api/meta.ts';
import { InformerImpl, type InformerDependencies, type InformerSelector } from './informer.ts';
import type { Informer, InformerFactory, Resource } from './types.ts';

/** The informers of one process: who asks for the same resource and selector shares one list, watch and store. */
export class InformerFactoryImpl implements InformerFactory {
  readonly #dependencies: InformerDependencies;
  readonly #informers = new Map<string, InformerImpl<KubeObject>>();
  readonly #running = new Map<InformerImpl<KubeObject>, Promise<void>>();

  constructor(dependencies: InformerDependencies) {
    this.#dependencies = dependencies;
  }

  informer<T extends KubeObject>(resource: Resource<T>, selector: InformerSelector = {}): Informer<T> {
    const { namespace = '', labelSelector = '', fieldSelector = '' } = selector;
    const whole = [resource.group, resource.version, resource.plural, namespace, labelSelector, fieldSelector].join('|');
    // Whoever wants metadata only is served as well by an informer that brings the whole objects anyway.
    const id = resource.metadataOnly && !this.#informers.has(whole) ? `${whole}|metadata` : whole;
    let informer = this.#informers.get(id);
    if (!informer) {
      informer = new InformerImpl<KubeObject>(resource, selector, this.#dependencies);
      this.#informers.set(id, informer);
    }
    // The key names the resource, so that the informer under it holds this resource's objects.
    return informer as unknown as Informer<T>;
  }

  start(signal: AbortSignal): void {
    for (const informer of this.#informers.values()) {
      if (this.#running.has(informer)) continue;
      const run = informer.run(signal).finally(() => this.#running.delete(informer));
      this.#running.set(informer, run);
    }
  }

  /** Resolves, too, when the signal comes first. */
  async synced(signal?: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.synced(signal)));
  }

  /** Resolves when every informer that was started has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}

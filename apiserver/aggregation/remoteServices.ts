import type { V1APIService } from '../../api/generated/types.ts';
import type { RequestInfo } from '../types.ts';
import { resourcePrefix, type CacheEvent, type StorageResource, type WatchCache } from '../storage/types.ts';

export const API_SERVICES: StorageResource = { group: 'apiregistration.k8s.io', resource: 'apiservices' };

/** The APIServices whose group and version another server serves, by `group/version`, as memory has them. */
export class RemoteServices {
  readonly #byVersion = new Map<string, V1APIService>();
  #generation = 0;

  /** Follows the cache until the signal is aborted. */
  static following(cache: WatchCache, signal: AbortSignal): RemoteServices {
    const services = new RemoteServices();
    for (const { object } of cache.list(resourcePrefix(API_SERVICES))) services.#put(object);
    const unsubscribe = cache.subscribe(API_SERVICES, (event) => services.#observe(event));
    signal.addEventListener('abort', unsubscribe, { once: true });
    return services;
  }

  /** Raised by every change of which there are, and of what their order in discovery hangs on. */
  get generation(): number {
    return this.#generation;
  }

  all(): readonly V1APIService[] {
    return [...this.#byVersion.values()];
  }

  find(group: string, version: string): V1APIService | undefined {
    return this.#byVersion.size === 0 ? undefined : this.#byVersion.get(`${group}/${version}`);
  }

  /** Whose a request is: all below `/apis/GROUP/VERSION`, and below `/api/v1` for the group without a name. */
  ofRequest(info: RequestInfo): V1APIService | undefined {
    if (this.#byVersion.size === 0) return undefined;
    if (info.isResourceRequest) return this.find(info.group, info.version);
    const [root, first = '', second = ''] = info.path.split('/').filter((part) => part !== '');
    if (root === 'api') return this.find('', first);
    return root === 'apis' ? this.find(first, second) : undefined;
  }

  #observe(event: CacheEvent): void {
    if (event.type === 'put') this.#put(event.current.object);
    else this.#remove(event.last.object);
  }

  #put(service: V1APIService): void {
    if (!service.spec?.service) return this.#remove(service);
    const key = keyOf(service);
    const before = this.#byVersion.get(key);
    this.#byVersion.set(key, service);
    if (before?.metadata.generation !== service.metadata.generation || before?.metadata.uid !== service.metadata.uid) this.#generation += 1;
  }

  #remove(service: V1APIService): void {
    if (this.#byVersion.delete(keyOf(service))) this.#generation += 1;
  }
}

export const keyOf = ({ spec }: V1APIService): string => `${spec?.group ?? ''}/${spec?.version ?? ''}`;

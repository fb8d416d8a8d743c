import { ApiError } from '../../api/apiError.ts';
import type { V1APIService, V1EndpointSlice } from '../../api/generated/types.ts';
import { apiService as definition } from '../../api/kinds/apiregistration/apiService.ts';
import { LABEL_SERVICE_NAME } from '../../api/wellKnown.ts';
import type { Loopback } from '../bootstrap/loopback.ts';
import { formatTime, type Clock, type Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { objectKey, resourcePrefix, type WatchCache } from '../storage/types.ts';
import type { AvailabilityMetrics } from './availabilityMetrics.ts';
import { checkService, failedDiscovery, LOCAL, PASSED, withVerdict, type Verdict } from './availability.ts';
import { pathOf, type RemoteDocuments } from './remoteDocuments.ts';
import { ENDPOINT_SLICES, messageOf, SERVICES, UnreachableError, type RemoteServers } from './remoteServers.ts';
import { API_SERVICES } from './remoteServices.ts';

export interface AvailabilityParts {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly client: Loopback;
  readonly servers: RemoteServers;
  readonly documents: RemoteDocuments;
  readonly metrics: AvailabilityMetrics;
}

/** What cannot be watched (the network) is looked at so often. */
const RESYNC_MS = 30_000;
/** Kubernetes' backoff of the same queue. */
const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 30_000;

/**
 * Keeps the condition `Available` of every APIService, and reads the documents of those that are. Level-based: each round looks at what is; a round
 * follows every change of an APIService, of its Service and of that Service's slices.
 */
export class AvailabilityKeeper {
  readonly #parts: AvailabilityParts;
  readonly #timers = new Map<string, Timer>();
  readonly #failures = new Map<string, number>();
  readonly #busy = new Set<string>();
  readonly #again = new Set<string>();
  #stopped = false;

  constructor(parts: AvailabilityParts) {
    this.#parts = parts;
  }

  /** Begins, until the signal is aborted. */
  start(signal: AbortSignal): void {
    const { cache } = this.#parts;
    const unsubscribe = [
      cache.subscribe(API_SERVICES, (event) => this.#look((event.type === 'put' ? event.current : event.last).object.metadata.name)),
      cache.subscribe(SERVICES, (event) => this.#lookBehind((event.type === 'put' ? event.current : event.last).object.metadata)),
      cache.subscribe(ENDPOINT_SLICES, (event) => {
        const { metadata } = (event.type === 'put' ? event.current : event.last).object as V1EndpointSlice;
        this.#lookBehind({ namespace: metadata.namespace, name: metadata.labels?.[LABEL_SERVICE_NAME] ?? '' });
      }),
    ];
    for (const { metadata } of this.#all()) this.#look(metadata.name);
    signal.addEventListener(
      'abort',
      () => {
        this.#stopped = true;
        for (const stop of unsubscribe) stop();
        for (const timer of this.#timers.values()) timer.cancel();
      },
      { once: true },
    );
  }

  #all(): V1APIService[] {
    return this.#parts.cache.list(resourcePrefix(API_SERVICES)).map(({ object }) => object as V1APIService);
  }

  /** At those whose Service this is. */
  #lookBehind({ namespace, name }: { readonly namespace?: string; readonly name: string }): void {
    if (name === '') return;
    for (const { metadata, spec } of this.#all()) if (spec?.service?.name === name && spec.service.namespace === namespace) this.#look(metadata.name);
  }

  #look(name: string): void {
    if (this.#stopped) return;
    if (this.#busy.has(name)) {
      this.#again.add(name);
      return;
    }
    this.#busy.add(name);
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    void this.#round(name);
  }

  async #round(name: string): Promise<void> {
    let pause: number | undefined;
    try {
      const isWell = await this.#check(name);
      const failures = isWell === false ? (this.#failures.get(name) ?? 0) + 1 : 0;
      if (failures > 0) this.#failures.set(name, failures);
      else this.#failures.delete(name);
      if (isWell !== undefined) pause = failures === 0 ? RESYNC_MS : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
    } catch (error) {
      pause = FIRST_RETRY_MS * 20;
      // Another API server was faster, or it has been deleted.
      if (!this.#stopped && !(error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'NotFound'))) this.#parts.logger.warn('the availability of an API service was not written', { name, error });
    }
    this.#busy.delete(name);
    if (this.#again.delete(name)) return this.#look(name);
    if (pause !== undefined && !this.#stopped) this.#timers.set(name, this.#parts.clock.setTimeout(() => this.#look(name), pause));
  }

  /** Undefined: nothing to look at again by itself. */
  async #check(name: string): Promise<boolean | undefined> {
    const { cache, client, clock, documents, metrics, servers } = this.#parts;
    const present: V1APIService | undefined = cache.get(objectKey(API_SERVICES, '', name))?.object;
    if (!present) {
      documents.keepOnly(this.#all());
      metrics.forget(name);
      return undefined;
    }
    const isRemote = present.spec?.service !== undefined;
    const verdict: Verdict = !isRemote ? LOCAL : (checkService(present, servers.service(present), servers.slices(present)) ?? (await this.#discoveryCheck(present)));
    const next = withVerdict(present, verdict, formatTime(clock.now()));
    metrics.observe(present, next);
    if (next !== present) await client.update(definition, next, 'status');
    if (!isRemote) return undefined;
    if (verdict.status !== 'True') documents.markStale(present);
    return verdict.reason !== 'FailedDiscoveryCheck' && (verdict.status !== 'True' || (await this.#read(present)));
  }

  /** Asks for what every extension server must serve. Whether its certificate is right does not matter here, as in Kubernetes. */
  async #discoveryCheck(apiService: V1APIService): Promise<Verdict> {
    try {
      const { status, url } = await this.#parts.servers.fetch(apiService, { path: `/${pathOf(apiService)}`, accept: '*/*', verified: false });
      if (status >= 200 && status < 300) return PASSED;
      return failedDiscovery(`failing or missing response from ${url}: bad status from ${url}: ${status}`);
    } catch (error) {
      if (error instanceof UnreachableError) return failedDiscovery(`failing or missing response from ${error.url}: ${error.message}`);
      if (error instanceof ApiError) return failedDiscovery(messageOf(error));
      throw error;
    }
  }

  async #read(apiService: V1APIService): Promise<boolean> {
    try {
      await this.#parts.documents.refresh(apiService);
      return true;
    } catch (error) {
      if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error;
      const { name } = apiService.metadata;
      this.#parts.logger[this.#failures.has(name) ? 'debug' : 'warn']('the documents of an API service were not read', { name, error: error.message });
      return false;
    }
  }
}

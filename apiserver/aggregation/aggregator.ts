import type { Loopback } from '../bootstrap/loopback.ts';
import type { RemoteVersions, ServedVersion } from '../discovery/discovery.ts';
import type { RemoteOpenApi } from '../openapi/openApi.ts';
import type { Clock } from '../../process/clock.ts';
import type { Dial } from '../../process/dial.ts';
import type { Logger } from '../../process/log.ts';
import type { Registry } from '../registry.ts';
import type { WatchCache } from '../storage/types.ts';
import type { ApiResponse, ConnectCall, RemoteHandler, RequestInfo, UpgradeConnection } from '../types.ts';
import type { Metrics } from '../../process/metrics.ts';
import { AvailabilityKeeper } from './availabilityKeeper.ts';
import { AvailabilityMetrics } from './availabilityMetrics.ts';
import type { OpenApiV2 } from './mergeOpenApi.ts';
import { mergeOpenApi } from './mergeOpenApi.ts';
import { RegistrationKeeper } from './registrationKeeper.ts';
import { pathOf, RemoteDocuments } from './remoteDocuments.ts';
import { proxyRequest, proxyUpgrade } from './remoteProxy.ts';
import { RemoteServers, type ProxyClient } from './remoteServers.ts';
import { RemoteServices } from './remoteServices.ts';

export interface AggregatorOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly proxyClient?: ProxyClient;
  readonly routesToEndpoints: boolean;
  /** `--aggregator-reject-forwarding-redirect`: redirections by extension servers are no answers. */
  readonly rejectsRedirects: boolean;
  /** In [0, 1). */
  readonly random: () => number;
  /** How extension servers are reached, unless directly. */
  readonly dial?: Dial | undefined;
}

/**
 * Makes one API of this server's and those of extension servers, which APIServices name.
 * 1. A request below `/apis/GROUP/VERSION` of such a server is authenticated, limited and authorised here, and answered there, in its user's name.
 * 2. Discovery and OpenAPI tell of all of them; what a server that is away told last is kept, and marked as stale.
 * 3. What this server serves itself has APIServices, too, which it keeps; every one has the condition `Available`.
 */
export class Aggregator implements RemoteVersions, RemoteOpenApi {
  readonly #options: AggregatorOptions;
  readonly #services: RemoteServices;
  readonly #servers: RemoteServers;
  readonly #documents: RemoteDocuments;
  readonly #metrics = new AvailabilityMetrics();
  #registrations: RegistrationKeeper | undefined;

  /** Follows the cache until the signal is aborted. */
  constructor(options: AggregatorOptions, signal: AbortSignal) {
    this.#options = options;
    this.#services = RemoteServices.following(options.cache, signal);
    this.#servers = new RemoteServers(options);
    this.#documents = new RemoteDocuments(this.#servers, options.clock);
  }

  /** Begins to keep registrations and conditions, as the client `client`, until the signal is aborted. */
  start(client: Loopback, registry: Registry, signal: AbortSignal): void {
    const { cache, clock, logger } = this.#options;
    new AvailabilityKeeper({ cache, clock, logger, client, servers: this.#servers, documents: this.#documents, metrics: this.#metrics }).start(signal);
    this.#registrations = new RegistrationKeeper({ cache, clock, logger, client, registry });
    this.#registrations.start(signal);
  }

  /** Adds its figures to a server's. */
  figures(metrics: Metrics): void {
    this.#metrics.register(metrics);
  }

  /** For `/readyz`. */
  trouble(): string | undefined {
    return this.#registrations ? this.#registrations.trouble() : 'not started';
  }

  /** Who answers a request, where that is another server. */
  handlerOf(info: RequestInfo): RemoteHandler | undefined {
    const service = this.#services.ofRequest(info);
    if (!service) return undefined;
    return {
      connect: (call: ConnectCall): Promise<ApiResponse> => proxyRequest(this.#servers, service, call),
      upgrade: (call: ConnectCall, connection: UpgradeConnection) => proxyUpgrade(this.#servers, service, call, connection),
    };
  }

  get generation(): number {
    return this.#services.generation + this.#documents.generation;
  }

  versions(): ServedVersion[] {
    return this.#services.all().map((service) => {
      const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = service.spec ?? {};
      return { group, version, priority: { group: groupPriorityMinimum, version: versionPriority }, entry: this.#documents.entry(service) };
    });
  }

  mergeV2<T extends OpenApiV2>(document: T): T {
    return this.#services.all().reduce((merged, service) => {
      const other = this.#documents.openApiV2(service);
      return other ? mergeOpenApi(merged, other, [`/${pathOf(service)}`]) : merged;
    }, document);
  }

  v2Hash(): string {
    return this.#services.all().map((service) => `${pathOf(service)} ${this.#documents.openApiV2Hash(service)}`).join();
  }

  v3Paths(): ReadonlyMap<string, string> {
    return new Map(
      this.#services.all().flatMap((service) => {
        const url = this.#documents.openApiV3(service);
        return url === undefined ? [] : [[pathOf(service), url] as const];
      }),
    );
  }

  async v3(path: string, call: ConnectCall): Promise<ApiResponse | undefined> {
    const service = this.#services.all().find((each) => pathOf(each) === path);
    return service && proxyRequest(this.#servers, service, call);
  }
}

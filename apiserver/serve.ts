import { randomUUID } from 'node:crypto';
import type { Schema } from '../api/schema/schema.ts';
import type { ResourceDefinition } from '../api/resourceDefinition.ts';
import type { ComponentContext } from '../process/component.ts';
import type { Metrics } from '../process/metrics.ts';
import type { Aggregator } from './aggregation/aggregator.ts';
import { conversionsBy } from './customResources/conversion.ts';
import { CustomResources } from './customResources/customResources.ts';
import { discoveryHandlers } from './discovery/handlers.ts';
import type { VersionInfo } from './discovery/handlers.ts';
import type { Engine } from './handlers/call.ts';
import { LastChanges } from './handlers/lastChanges.ts';
import { respondText } from './handlers/respond.ts';
import { healthHandlers } from './health.ts';
import type { HealthCheck } from './health.ts';
import { serveHttps } from './http/httpServer.ts';
import type { HttpConfig } from './http/httpServer.ts';
import { ApiMetrics } from './metrics.ts';
import { Pipeline } from './pipeline.ts';
import { Registry } from './registry.ts';
import { InFlightLimit } from './request/inFlightLimit.ts';
import type { OpenedStorage } from './storage/openStorage.ts';
import { WebhookClient } from './webhooks/webhookClient.ts';
import type { AdmissionPlugin, Authenticator, Authorizer, ConnectHandler, PathHandler, VirtualResource, WriteCompanion } from './types.ts';

/** Everything that an API server is put together from. */
export interface ServerParts {
  readonly opened: OpenedStorage;
  readonly schema: Schema;
  readonly definitions: readonly ResourceDefinition[];
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly admission: readonly AdmissionPlugin[];
  readonly companions: readonly WriteCompanion[];
  readonly virtual: readonly VirtualResource[];
  readonly connectHandlers: readonly ConnectHandler[];
  /** Paths besides discovery, health and metrics, given what is served. */
  readonly pathHandlers: (registry: Registry) => readonly PathHandler[];
  /** Further conditions of `/readyz`. */
  readonly readyChecks: readonly HealthCheck[];
  readonly version: VersionInfo;
  /** What other servers serve; absent: nothing. */
  readonly aggregator?: Pick<Aggregator, 'handlerOf' | 'generation' | 'versions'>;
  /** Adds further figures to `/metrics`. */
  readonly figures?: (metrics: Metrics) => void;
}

export interface ServeConfig extends HttpConfig {
  /** `host:port` that clients are told in discovery. */
  readonly advertised: string;
  readonly maxRequestsInFlight: number;
  readonly maxMutatingRequestsInFlight: number;
  readonly eventTtlSeconds: number;
  /** How long answers may take to finish when the server stops. */
  readonly shutdownMilliseconds: number;
}

export interface Serving {
  readonly port: number;
  readonly registry: Registry;
  readonly engine: Engine;
  readonly pipeline: Pipeline;
  /** Shows these certificates to those who connect from now on; throws where they do not fit together. */
  renew(certificates: Pick<HttpConfig, 'certificate' | 'key' | 'clientAuthority' | 'proxyAuthority'>): void;
  /** Ends watches, lets other answers be finished, and closes the port. */
  stop(): Promise<void>;
}

/** Puts the parts together and serves them. */
export async function serveApi(parts: ServerParts, config: ServeConfig, context: ComponentContext): Promise<Serving> {
  const { clock, logger } = context;
  const stopping = new AbortController();
  const registry = new Registry(parts.definitions);
  const engine = createEngine(parts, registry, config, context, stopping.signal);
  const conversionFor = conversionsBy({ client: new WebhookClient({ cache: engine.cache, clock, random: Math.random }), uid: randomUUID });
  for (const plugin of parts.admission) plugin.attach?.(registry);
  const customResources = new CustomResources({ storage: engine.storage, cache: engine.cache, registry, conversionFor, clock, logger });
  customResources.start(stopping.signal);
  const limit = new InFlightLimit({ readOnly: config.maxRequestsInFlight, mutating: config.maxMutatingRequestsInFlight });
  const metrics = new ApiMetrics({ readOnly: () => limit.present('readOnly'), mutating: () => limit.present('mutating') });
  parts.figures?.(metrics.metrics);
  const handlers = [...parts.pathHandlers(registry), ...healthPaths(parts, context.signal), metricsPath(metrics)];
  const paths = handlers.map(({ path }) => path).filter((path) => !path.endsWith('/'));
  const pipeline = new Pipeline({
    engine,
    authenticator: parts.authenticator,
    authorizer: parts.authorizer,
    limit,
    metrics,
    connectHandlers: parts.connectHandlers,
    ...(parts.aggregator ? { remoteHandler: (info) => parts.aggregator?.handlerOf(info) } : {}),
    pathHandlers: [...handlers, ...discoveryHandlers({ registry, ...(parts.aggregator ? { remote: parts.aggregator } : {}) }, parts.schema, config.advertised, parts.version, ['/version', ...paths])],
    clock,
    logger,
  });
  const server = await serveHttps(pipeline, config, clock, logger);
  return {
    port: server.port,
    registry,
    engine,
    pipeline,
    renew: (certificates) => server.renew(certificates),
    stop: async () => {
      stopping.abort();
      await server.close(config.shutdownMilliseconds);
    },
  };
}

function createEngine(parts: ServerParts, registry: Registry, config: ServeConfig, { clock }: ComponentContext, stopping: AbortSignal): Engine {
  const { storage, cache } = parts.opened;
  const changes = new LastChanges(cache, stopping);
  return {
    storage,
    cache,
    registry,
    schema: parts.schema,
    clock,
    random: Math.random,
    uid: randomUUID,
    authorizer: parts.authorizer,
    admission: parts.admission,
    companions: new Map(parts.companions.map((each) => [`${each.group}/${each.resource}`, each])),
    virtual: new Map(parts.virtual.map((each) => [`${each.group}/${each.resource}/${each.subresource}`, each])),
    leaseSeconds: ({ resource }) => (resource.resource === 'events' && (resource.group === '' || resource.group === 'events.k8s.io') ? config.eventTtlSeconds : undefined),
    lastChange: (served) => changes.of(served.storage),
    stopping,
  };
}

function healthPaths(parts: ServerParts, stopping: AbortSignal): PathHandler[] {
  const ping: HealthCheck = { name: 'ping', check: async () => undefined };
  const etcd: HealthCheck = { name: 'etcd', check: () => parts.opened.trouble() };
  const shutdown: HealthCheck = { name: 'shutdown', check: async () => (stopping.aborted ? 'process is shutting down' : undefined) };
  return [
    // A server whose etcd is away must not be restarted for it.
    ...healthHandlers('livez', [ping]),
    ...healthHandlers('readyz', [ping, etcd, { ...etcd, name: 'etcd-readiness' }, ...parts.readyChecks, shutdown]),
    ...healthHandlers('healthz', [ping, etcd, ...parts.readyChecks]),
  ];
}

function metricsPath({ metrics }: ApiMetrics): PathHandler {
  return { path: '/metrics', handle: async () => respondText(200, await metrics.text(), { 'content-type': metrics.contentType }) };
}

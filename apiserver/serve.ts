import { randomUUID } from 'node:crypto';
import type { Schema } from '../api/schema/schema.ts';
import type { ResourceDefinition } from '../api/resourceDefinition.ts';
import type { ComponentContext } from '../process/component.ts';
import type { Clock } from '../process/clock.ts';
import type { Metrics } from '../process/metrics.ts';
import type { Aggregator } from './aggregation/aggregator.ts';
import { conversionsBy } from './customResources/conversion.ts';
import type { Auditor } from './audit/auditor.ts';
import { YamlThread } from './codec/yamlThread.ts';
import { ConversionMetrics } from './customResources/conversionMetrics.ts';
import { CustomResources } from './customResources/customResources.ts';
import { discoveryHandlers } from './discovery/handlers.ts';
import type { VersionInfo } from './discovery/handlers.ts';
import { debugHandlers } from './flowControl/debugDump.ts';
import { FeatureGates } from './features/featureGates.ts';
import { publishFeatures } from './features/featureFigures.ts';
import { FlowControl } from './flowControl/flowControl.ts';
import { publishFlowFigures } from './flowControl/flowFigures.ts';
import type { Engine } from './handlers/call.ts';
import { LastChanges } from './handlers/lastChanges.ts';
import { browserFront } from './http/browserFront.ts';
import type { BrowserConfig } from './http/browserFront.ts';
import { healthHandlers, HealthFigures } from './health.ts';
import type { HealthCheck } from './health.ts';
import { CLIENT_TIMES, serveHttps } from './http/httpServer.ts';
import type { Certificates, HttpConfig } from './http/httpServer.ts';
import { ApiMetrics } from './metrics.ts';
import { Pipeline } from './pipeline.ts';
import { Registry } from './registry.ts';
import { InFlightLimit } from './request/inFlightLimit.ts';
import { measuredAuthenticator, measuredAuthorizer } from './request/measuredAccess.ts';
import type { RequestLimit } from './request/requestLimit.ts';
import type { OpenedStorage } from './storage/openStorage.ts';
import type { EgressSelector } from './egress/egressSelector.ts';
import { WebhookClient } from './webhooks/webhookClient.ts';
import { zpageHandlers } from './zpages/zpageHandlers.ts';
import type { AdmissionPlugin, Authenticator, Authorizer, ComputedResource, ConnectHandler, PathHandler, VirtualResource, WriteCompanion } from './types.ts';

/** Kubernetes' default of `--request-timeout`. */
const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
/** Kubernetes' default of `--min-request-timeout`. */
const DEFAULT_WATCH_SECONDS = 1800;
/** Kubernetes leaves this to the memory that there is; with some 10 KB each, that would be 1 GB. */
const DEFAULT_LONG_RUNNING = 100_000;

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
  /** Kinds of which nothing is stored; none unless given. */
  readonly computed?: readonly ComputedResource[];
  readonly connectHandlers: readonly ConnectHandler[];
  /** Paths besides discovery, health and metrics, given what is served. */
  readonly pathHandlers: (registry: Registry) => readonly PathHandler[];
  /** What is done after the start, once; conditions of `/livez`, `/readyz` and `/healthz`. None unless given. */
  readonly startChecks?: readonly HealthCheck[];
  /** Further conditions of `/readyz` and `/healthz`. */
  readonly readyChecks: readonly HealthCheck[];
  readonly version: VersionInfo;
  /** What other servers serve; absent: nothing. */
  readonly aggregator?: Pick<Aggregator, 'handlerOf' | 'generation' | 'versions'>;
  /** How webhooks that convert are reached; absent: directly. */
  readonly egress?: EgressSelector | undefined;
  /** Writes down who did what; absent: nobody does. */
  readonly auditor?: Auditor;
  /** Flags and their values, which `/flagz` shows; absent: it is not served. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Which features are on; all at their defaults unless given. */
  readonly features?: FeatureGates;
  /** Names of metrics that are not shown. */
  readonly disabledMetrics?: readonly string[];
  /** Adds further figures to `/metrics`. */
  readonly figures?: (metrics: Metrics) => void;
}

export interface ServeConfig extends HttpConfig {
  /** `host:port` that clients are told in discovery. */
  readonly advertised: string;
  readonly maxRequestsInFlight: number;
  readonly maxMutatingRequestsInFlight: number;
  /** `--enable-priority-and-fairness`; true unless given. */
  readonly priorityAndFairness?: boolean;
  /** `--request-timeout`; a minute unless given. */
  readonly requestTimeoutMilliseconds?: number;
  /** `--min-request-timeout`: a watch lasts between this and twice as long; half an hour unless given. */
  readonly minRequestTimeoutSeconds?: number;
  /** What browsers are told; nothing unless given. */
  readonly browsers?: BrowserConfig;
  /** Watches and streams at a time; 100,000 unless given. */
  readonly maxLongRunning?: number;
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
  renew(certificates: Certificates): void;
  /** Ends watches, lets other answers be finished, and closes the port. */
  stop(): Promise<void>;
}

/** Puts the parts together and serves them. */
export async function serveApi(parts: ServerParts, config: ServeConfig, context: ComponentContext): Promise<Serving> {
  const { clock, logger } = context;
  const stopping = new AbortController();
  const registry = new Registry(parts.definitions);
  const engine = createEngine(parts, registry, config, context, stopping.signal);
  for (const plugin of parts.admission) plugin.attach?.(registry);
  const { limit, metrics, handlers: limitHandlers } = requestLimit(parts, config, clock, stopping.signal);
  const conversionFor = conversionsBy({ client: new WebhookClient({ cache: engine.cache, schema: parts.schema, clock, random: Math.random, egress: parts.egress }), uid: randomUUID, clock, metrics: new ConversionMetrics(metrics.metrics) });
  const customResources = new CustomResources({ storage: engine.storage, cache: engine.cache, registry, schema: engine.schema, conversionFor, clock, logger });
  customResources.start(stopping.signal);
  parts.figures?.(metrics.metrics);
  for (const plugin of parts.admission) plugin.figures?.(metrics.metrics);
  const features = parts.features ?? FeatureGates.defaults;
  publishFeatures(metrics.metrics, features);
  metrics.metrics.disable(parts.disabledMetrics ?? []);
  const flags = features.enabled('ComponentFlagz') ? parts.flags : undefined;
  const zpages = zpageHandlers({ version: parts.version, startedAt: clock.now(), clock, flags, hasStatus: features.enabled('ComponentStatusz'), paths: () => listed });
  const handlers = [...parts.pathHandlers(registry), ...limitHandlers, ...healthPaths(parts, context.signal), metricsPath('/metrics', metrics), ...zpages];
  // What is for looking into the server is not listed (`UnlistedHandle`).
  const listed = ['/version', ...handlers.map(({ path }) => path).filter((path) => !path.endsWith('/') && !path.startsWith('/debug/'))];
  const yaml = new YamlThread(clock);
  const front = config.browsers && browserFront(config.browsers);
  const pipeline = new Pipeline({
    ...(front ? { front } : {}),
    engine,
    authenticator: measuredAuthenticator(parts.authenticator, metrics.metrics, clock),
    authorizer: measuredAuthorizer(parts.authorizer, metrics.metrics, clock),
    limit,
    metrics,
    connectHandlers: parts.connectHandlers,
    ...(parts.auditor ? { auditor: parts.auditor } : {}),
    ...(parts.aggregator ? { remoteHandler: (info) => parts.aggregator?.handlerOf(info) } : {}),
    pathHandlers: [...handlers, ...discoveryHandlers({ registry, ...(parts.aggregator ? { remote: parts.aggregator } : {}) }, parts.schema, config.advertised, parts.version, listed)],
    requestTimeout: config.requestTimeoutMilliseconds ?? DEFAULT_REQUEST_TIMEOUT_MS,
    longRunningLimit: config.maxLongRunning ?? DEFAULT_LONG_RUNNING,
    yaml,
    clock,
    logger,
  });
  const server = await serveHttps(pipeline, { ...config, compression: features.enabled('APIResponseCompression') }, clock, logger);
  return {
    port: server.port,
    registry,
    engine,
    pipeline,
    renew: (certificates) => server.renew(certificates),
    stop: async () => {
      stopping.abort();
      yaml.close();
      await server.close(config.shutdownMilliseconds);
    },
  };
}

/** Priority and fairness, or plain limits of how many requests are worked on at a time. */
function requestLimit({ opened }: ServerParts, config: ServeConfig, clock: Clock, signal: AbortSignal): { limit: RequestLimit; metrics: ApiMetrics; handlers: PathHandler[] } {
  const { maxRequestsInFlight: readOnly, maxMutatingRequestsInFlight: mutating, requestTimeoutMilliseconds = DEFAULT_REQUEST_TIMEOUT_MS } = config;
  if (config.priorityAndFairness === false || readOnly + mutating <= 0) {
    const limit = new InFlightLimit({ readOnly, mutating });
    return { limit, metrics: new ApiMetrics({ readOnly: () => limit.present('readOnly'), mutating: () => limit.present('mutating') }), handlers: [] };
  }
  const limit = new FlowControl(opened.cache, { seats: readOnly + mutating, waitMilliseconds: requestTimeoutMilliseconds / 4 }, clock, signal);
  const metrics = new ApiMetrics({ readOnly: () => limit.present('readOnly'), mutating: () => limit.present('mutating') });
  publishFlowFigures(metrics.metrics, limit);
  return { limit, metrics, handlers: debugHandlers(limit) };
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
    computed: new Map((parts.computed ?? []).map((each) => [`${each.group}/${each.resource}`, each])),
    leaseSeconds: ({ resource }) => (resource.resource === 'events' && (resource.group === '' || resource.group === 'events.k8s.io') ? config.eventTtlSeconds : undefined),
    lastChange: (served) => changes.of(served.storage),
    watchSeconds: config.minRequestTimeoutSeconds ?? DEFAULT_WATCH_SECONDS,
    endedWatchMilliseconds: config.clientTimes?.whole ?? CLIENT_TIMES.whole,
    stopping,
  };
}

function healthPaths(parts: ServerParts, stopping: AbortSignal): PathHandler[] {
  const fine = (name: string): HealthCheck => ({ name, check: async () => undefined });
  const alive = [fine('ping'), fine('log')];
  const etcd = (endpoint: 'readyz' | 'healthz', name = 'etcd'): HealthCheck => ({ name, check: () => parts.opened.trouble(endpoint) });
  const started = parts.startChecks ?? [];
  const shutdown: HealthCheck = { name: 'shutdown', check: async () => (stopping.aborted ? 'process is shutting down' : undefined) };
  const figures = new HealthFigures();
  return [
    metricsPath('/metrics/slis', figures),
    // A server whose etcd is away must not be restarted for it: Kubernetes has etcd here, too.
    ...healthHandlers('livez', [...alive, ...started], figures),
    ...healthHandlers('readyz', [...alive, etcd('readyz'), etcd('readyz', 'etcd-readiness'), fine('informer-sync'), ...started, ...parts.readyChecks, shutdown], figures),
    ...healthHandlers('healthz', [...alive, etcd('healthz'), ...started, ...parts.readyChecks], figures),
  ];
}

function metricsPath(path: string, { metrics }: { readonly metrics: Metrics }): PathHandler {
  return { path, handle: async () => ({ status: 200, headers: { 'content-type': `${metrics.contentType}; escaping=underscores` }, body: Buffer.from(await metrics.text()) }) };
}

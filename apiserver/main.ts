import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { builtinDefinitions } from '../api/kinds/index.ts';
import type { ResourceDefinition } from '../api/resourceDefinition.ts';
import type { Schema } from '../api/schema/schema.ts';
import { loadSchema } from '../api/schema/schema.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import type { Metrics } from '../process/metrics.ts';
import { openAudit } from './audit/openAudit.ts';
import type { AuditConfig } from './audit/openAudit.ts';
import { admissionChain } from './admission/chain.ts';
import { admissionPolicies } from './admission/policies/admissionPolicies.ts';
import { pluginConfiguration } from './admission/pluginConfiguration.ts';
import { admissionWebhooks } from './admission/webhooks/admissionWebhooks.ts';
import { webhookKubeconfig } from './admission/webhooks/webhookConfiguration.ts';
import type { WebhookIdentities } from './webhooks/webhookIdentity.ts';
import type { TolerationTimes } from './admission/defaultTolerationSeconds.ts';
import type { AdmissionSettings } from './admission/pluginOrder.ts';
import { Aggregator } from './aggregation/aggregator.ts';
import type { ProxyClient } from './aggregation/remoteServers.ts';
import { startBootstrap } from './bootstrap/bootstrap.ts';
import type { Bootstrap } from './bootstrap/bootstrap.ts';
import type { ClientAuthorities } from './bootstrap/defaultObjects.ts';
import { serverIdentity } from './bootstrap/identityLease.ts';
import { Loopback } from './bootstrap/loopback.ts';
import { kmsChecks, openEncryption } from './encryption/openEncryption.ts';
import type { EncryptionConfig } from './encryption/openEncryption.ts';
import { componentStatuses, DEFAULT_COMPONENT_PORTS, type ComponentPorts } from './componentStatuses/componentStatuses.ts';
import { keepFlowObjects } from './flowControl/keepFlowObjects.ts';
import { FeatureGates } from './features/featureGates.ts';
import type { FlowObjects } from './flowControl/keepFlowObjects.ts';
import type { Http2Config } from './http/http2Options.ts';
import type { BrowserConfig } from './http/browserFront.ts';
import type { TlsSettings } from './http/tlsSettings.ts';
import { OpenApi } from './openapi/openApi.ts';
import { answerOpenApiCall } from './openapi/openApiHandler.ts';
import type { Registry } from './registry.ts';
import { type RuntimeConfig, servedDefinitions } from './runtimeConfig.ts';
import { reviews } from './reviews/reviews.ts';
import { createSecurity } from './security.ts';
import type { SecurityConfig } from './security.ts';
import { DEFAULT_NODE_PORTS } from './serviceAddresses/allocate.ts';
import { keepRepairing } from './serviceAddresses/repair.ts';
import { ServiceAddresses } from './serviceAddresses/serviceCompanion.ts';
import { serveApi } from './serve.ts';
import type { ServerParts, Serving } from './serve.ts';
import { startHooks } from './startHooks.ts';
import { openStorage } from './storage/openStorage.ts';
import type { StorageConfig } from './storage/openStorage.ts';
import type { KubeletClientConfig } from './streaming/backend.ts';
import { streamingHandlers } from './streaming/handlers.ts';
import type { PathHandler } from './types.ts';
import { KUBERNETES_VERSION, versionInfo } from './version.ts';

export interface ApiServerConfig extends SecurityConfig {
  /** Where to listen; Kubernetes' `--bind-address` and `--secure-port` (6443; 0: any free one). */
  readonly bindAddress: string;
  readonly securePort: number;
  /** The address that clients are told. */
  readonly advertiseAddress: string;
  /** By which this server's identity is known; the machine's unless given. */
  readonly hostname?: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM bundle of the authorities of client certificates. */
  readonly clientAuthority: string;
  /** Versions and ciphers of TLS, and further certificates; Go's defaults unless given. */
  readonly tls?: TlsSettings;
  /** `--permit-port-sharing`; false unless given. */
  readonly portSharing?: boolean;
  /** `--external-hostname`: by which clients are told to reach this server; `advertiseAddress` unless given. */
  readonly externalHostname?: string;
  /** Which features are on (`--feature-gates`); all at their defaults unless given. */
  readonly features?: FeatureGates;
  /** Names of metrics that are not shown (`--disabled-metrics`). */
  readonly disabledMetrics?: readonly string[];
  /** Which built-in kinds are served (`--runtime-config`); all unless given. */
  readonly runtimeConfig?: RuntimeConfig;
  readonly etcd: StorageConfig;
  /** Absent: nothing is written down of requests. */
  readonly audit?: AuditConfig;
  /** `--encryption-provider-config`, and whether changes of the file are taken over (`--encryption-provider-config-automatic-reload`). */
  readonly encryption?: EncryptionConfig;
  /** The identity that kubelets are shown for logs, exec and the like; absent: none. */
  readonly kubeletClient?: KubeletClientConfig;
  /** The identity by which extension API servers are told whose requests these are (`--proxy-client-cert-file`, `--proxy-client-key-file`); absent: none. */
  readonly proxyClient?: ProxyClient;
  /** PEM bundle of the authorities of such identities (`--requestheader-client-ca-file`); extension API servers read it from a ConfigMap. */
  readonly requestHeaderAuthority?: string | undefined;
  /** `--enable-aggregator-routing`: to endpoints of extension API servers, not to their cluster IPs. */
  readonly aggregatorRouting?: boolean;
  /** `--aggregator-reject-forwarding-redirect`: whether their redirections are refused; true unless given. */
  readonly aggregatorRejectsRedirects?: boolean;
  /** Folder of the generated schema; absent: found beside the program. */
  readonly schemaFolder?: string;
  /** Our own version, e.g. `0.1.0`. */
  readonly gantryVersion?: string;
  /** `--service-cluster-ip-range`; 10.96.0.0/12 unless given. */
  readonly serviceClusterIPRange?: string;
  /** `--service-node-port-range`; 30000-32767 unless given. */
  readonly serviceNodePorts?: { readonly first: number; readonly last: number };
  /** Kubernetes' `--max-requests-inflight` (400), `--max-mutating-requests-inflight` (200) and `--event-ttl` (1 h, here in seconds). */
  readonly maxRequestsInFlight?: number;
  readonly maxMutatingRequestsInFlight?: number;
  readonly eventTtlSeconds?: number;
  /** `--enable-priority-and-fairness`; true unless given. */
  readonly priorityAndFairness?: boolean;
  /** `--request-timeout`; a minute unless given. */
  readonly requestTimeoutMilliseconds?: number;
  /** `--min-request-timeout`; half an hour unless given. */
  readonly minRequestTimeoutSeconds?: number;
  /** `--goaway-chance`; 0 unless given. */
  readonly goawayChance?: number;
  /** `--cors-allowed-origins` and `--strict-transport-security-directives`; none unless given. */
  readonly browsers?: BrowserConfig;
  /** How HTTP/2 is served (`--http2-max-streams-per-connection`); false: not at all (`--disable-http2-serving`). */
  readonly http2?: Http2Config | false;
  /** Flags by name without dashes and their values, which `/flagz` shows; absent: it is not served. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Adds figures of whoever runs this server to its `/metrics`. */
  readonly figures?: (metrics: Metrics) => void;
  /** How long pods stay on nodes that fail, unless they say otherwise. */
  readonly tolerations?: TolerationTimes;
  /** Which admission plugins are on, and their configurations. */
  readonly admission?: AdmissionSettings;
  /** Where ComponentStatuses are asked for, on this machine; Kubernetes' ports unless given. */
  readonly componentPorts?: ComponentPorts;
  /** Reads the kubeconfigs that say who this server is to admission webhooks. */
  readonly readKubeconfigUsers?: (file: string) => WebhookIdentities;
  /** How long answers may take to finish at the end; 10 s unless given. */
  readonly shutdownMilliseconds?: number;
  /** Kubernetes' `--shutdown-delay-duration`: how long everything is served after the signal, while `/readyz` fails already; 0 unless given. */
  readonly shutdownDelayMilliseconds?: number;
  /** Registers what is called when `certificate`, `key` or `clientAuthority` have another value than before: they are read again. */
  readonly onCertificatesChange?: (changed: () => void) => void;
}

export interface RunningApiServer extends RunningComponent {
  readonly port: number;
}

/** Parts that take the place of the usual ones, or stand beside them. */
export type PartOverrides = Partial<Omit<ServerParts, 'opened' | 'schema' | 'version'>>;

/** Starts an API server: etcd first, then everything that is served; at the signal it drains and stops. */
export async function start(config: ApiServerConfig, outer: ComponentContext, overrides: PartOverrides = {}): Promise<RunningApiServer> {
  const { logger } = outer;
  const schema = loadSchema(config.schemaFolder);
  // Once it serves, storage outlives the signal: answers that are being finished still need it.
  const storageStop = new AbortController();
  const giveUp = (): void => storageStop.abort();
  outer.signal.addEventListener('abort', giveUp, { once: true });
  const encryption = config.encryption && (await openEncryption(config.encryption, { ...outer, signal: storageStop.signal }));
  const { egress } = config;
  const opened = await openStorage({ ...config.etcd, ...(egress?.etcd ? { dial: egress.etcd } : {}), ...(encryption ? { values: encryption } : {}) }, { ...outer, signal: storageStop.signal });
  outer.signal.removeEventListener('abort', giveUp);
  // Of another etcd cluster nothing that is in memory is true.
  const signal = AbortSignal.any([outer.signal, opened.replaced]);
  const context = { ...outer, signal };
  const security = createSecurity(config, opened.cache, advertisedBy(config), context, storageStop.signal, opened.storage);
  const ranges = { range: config.serviceClusterIPRange ?? '10.96.0.0/12', nodePorts: config.serviceNodePorts ?? DEFAULT_NODE_PORTS };
  const addresses = new ServiceAddresses(ranges, { cache: opened.cache, clock: context.clock, uid: randomUUID, random: Math.random });
  const webhooks = admissionWebhooks(opened, schema, security.authorizer, context, (plugin) => {
    const file = config.admission && pluginConfiguration(config.admission, plugin, webhookKubeconfig);
    return file === undefined ? undefined : config.readKubeconfigUsers?.(file);
  }, egress);
  const policies = admissionPolicies(opened, schema, security.authorizer, context);
  const aggregator = new Aggregator(
    { cache: opened.cache, clock: context.clock, logger, random: Math.random, routesToEndpoints: config.aggregatorRouting ?? false, rejectsRedirects: config.aggregatorRejectsRedirects ?? true, ...(config.proxyClient ? { proxyClient: config.proxyClient } : {}), dial: egress?.cluster },
    storageStop.signal,
  );
  let bootstrap: Bootstrap | undefined;
  let flows: FlowObjects | undefined;
  const features = config.features ?? FeatureGates.defaults;
  const definitions = servedDefinitions(builtinDefinitions, config.runtimeConfig ?? {});
  // Without its kinds nobody can say what is fair; what is left then are plain limits.
  const hasFlows = (config.priorityAndFairness ?? true) && definitions.some(({ group }) => group === 'flowcontrol.apiserver.k8s.io');
  const auditor = config.audit && openAudit(config.audit, context);
  const parts: ServerParts = {
    opened,
    ...(auditor ? { auditor } : {}),
    ...(config.flags ? { flags: config.flags } : {}),
    features,
    ...(config.disabledMetrics ? { disabledMetrics: config.disabledMetrics } : {}),
    egress,
    schema,
    definitions,
    authenticator: security.authenticator,
    authorizer: security.authorizer,
    admission: admissionChain(opened.cache, opened.storage, context.clock, Math.random, security.rbac, security.authorizer, config.tolerations, [...policies, ...webhooks.plugins], config.admission),
    companions: [addresses],
    virtual: reviews(security, opened.cache, opened.storage),
    computed: [componentStatuses(config.componentPorts ?? DEFAULT_COMPONENT_PORTS, () => opened.trouble())],
    connectHandlers: streamingHandlers({ cache: opened.cache, kubelet: config.kubeletClient ?? {}, authorizer: security.authorizer, random: Math.random, dial: egress?.cluster, needsCreate: features.enabled('AuthorizePodWebsocketUpgradeCreatePermission') }),
    // Clients find the namespaces, roles and the Service that every cluster has.
    startChecks: startHooks({
      // It does not serve before it has read everything.
      memory: async () => undefined,
      defaults: async () => (bootstrap ? bootstrap.trouble() : 'not started'),
      registrations: async () => aggregator.trouble(),
      ...(hasFlows ? { flows: async () => (flows ? flows.trouble() : 'not started') } : {}),
    }),
    readyChecks: kmsChecks(encryption, config.encryption?.reload ?? false),
    aggregator,
    figures: (metrics) => {
      webhooks.register(metrics);
      aggregator.figures(metrics);
      security.keyFetches.register(metrics, serverIdentity(config.hostname ?? hostname()));
      config.figures?.(metrics);
    },
    ...overrides,
    version: versionInfo(config.gantryVersion ?? ''),
    pathHandlers: (registry) => [...security.pathHandlers, ...(overrides.pathHandlers?.(registry) ?? []), ...openApiPaths(schema, registry, aggregator)],
  };
  let serving: Serving;
  try {
    serving = await serveApi(parts, { ...serveConfig(config), priorityAndFairness: hasFlows }, context);
  } catch (error) {
    storageStop.abort();
    await auditor?.close();
    await opened.close();
    throw error;
  }
  const { pipeline, port } = serving;
  const serves = ({ group, version, plural }: ResourceDefinition): boolean => serving.registry.find(group, version, plural) !== undefined;
  config.onCertificatesChange?.(() => serving.renew(serveConfig(config)));
  bootstrap = startBootstrap(
    { serviceRange: ranges.range, securePort: port, advertiseAddress: config.advertiseAddress, authorities: authoritiesOf(config), hostname: config.hostname ?? hostname(), uid: randomUUID(), hasIdentity: features.enabled('APIServerIdentity') },
    { handler: pipeline, storage: opened.storage, cache: opened.cache, serves },
    context,
  );
  const loopback = new Loopback(pipeline, signal, serves);
  aggregator.start(loopback, serving.registry, signal);
  const withdrawn = bootstrap.stopped;
  if (hasFlows) flows = keepFlowObjects(loopback, opened.cache, context);
  const repairing = keepRepairing({ storage: opened.storage, cache: opened.cache, clock: context.clock, logger, uid: randomUUID }, signal);
  logger.info('serving', { address: config.bindAddress, port: serving.port });
  const untilStopped = async (): Promise<void> => {
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await withdrawn;
    // An etcd of another cluster is not served for a moment longer.
    if (outer.signal.aborted) await context.clock.sleep(config.shutdownDelayMilliseconds ?? 0);
    await serving.stop();
    await auditor?.close();
    await repairing;
    storageStop.abort();
    await opened.close();
    if (!outer.signal.aborted) throw new Error('etcd was replaced by another cluster, as a restore does: this server has to start anew');
    logger.info('stopped');
  };
  return { port: serving.port, stopped: untilStopped() };
}

function serveConfig(config: ApiServerConfig): Parameters<typeof serveApi>[1] {
  return {
    address: config.bindAddress,
    port: config.securePort,
    certificate: config.certificate,
    key: config.key,
    ...(config.tls ? { tls: config.tls } : {}),
    portSharing: config.portSharing ?? false,
    clientAuthority: config.clientAuthority,
    ...(config.requestHeader && config.requestHeaderAuthority !== undefined ? { proxyAuthority: config.requestHeaderAuthority } : {}),
    advertised: advertisedBy(config),
    maxRequestsInFlight: config.maxRequestsInFlight ?? 400,
    maxMutatingRequestsInFlight: config.maxMutatingRequestsInFlight ?? 200,
    requestTimeoutMilliseconds: config.requestTimeoutMilliseconds ?? 60_000,
    minRequestTimeoutSeconds: config.minRequestTimeoutSeconds ?? 1800,
    goawayChance: config.goawayChance ?? 0,
    http2: config.http2 ?? {},
    ...(config.browsers ? { browsers: config.browsers } : {}),
    eventTtlSeconds: config.eventTtlSeconds ?? 3600,
    shutdownMilliseconds: config.shutdownMilliseconds ?? 10_000,
  };
}

/** `host:port` that clients are told. */
const advertisedBy = ({ externalHostname: host, advertiseAddress, securePort }: ApiServerConfig): string => (host !== undefined && /:\d+$/.test(host) ? host : `${host ?? advertiseAddress}:${securePort}`);

/** Read anew each time: the files may have changed. */
function authoritiesOf(config: ApiServerConfig): ClientAuthorities {
  return {
    get clientAuthority() {
      return config.clientAuthority;
    },
    get requestHeaderAuthority() {
      return config.requestHeaderAuthority;
    },
  };
}

function openApiPaths(schema: Schema, registry: Registry, aggregator: Aggregator): PathHandler[] {
  const openApi = new OpenApi(schema, registry, KUBERNETES_VERSION, aggregator);
  return ['/openapi/v2', '/openapi/v3', '/openapi/v3/'].map((path) => ({ path, handle: (call) => answerOpenApiCall(openApi, call) }));
}

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ClientConfig } from '../client/clientConfig.ts';
import { EventRecorderImpl } from '../client/eventRecorder.ts';
import { InformerFactoryImpl } from '../client/informerFactory.ts';
import { LeaderElector, type LeaseTimes } from '../client/leaderElection.ts';
import { leadersOnly } from '../client/leaderGuard.ts';
import { reportLeadership } from '../client/leaderMetrics.ts';
import { RestClient } from '../client/restClient.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import { startHealthServer } from '../process/healthServer.ts';
import { Metrics } from '../process/metrics.ts';
import type { SigningSettings } from './certificates/signingSettings.ts';
import { type ControllerSettings, runController } from './controller.ts';
import { CONTROLLERS, selectControllers } from './controllers.ts';
import { ServiceAccountTokens } from './serviceAccountTokens.ts';

export interface ControllerManagerConfig {
  readonly client: ClientConfig;
  /** Which loops to run, in the form of `--controllers`. */
  readonly controllers: readonly string[];
  readonly leaderElect: boolean;
  /** Among the instances of which one leads; unless given, the host's name and something random. */
  readonly identity?: string;
  /** Whether another instance is known to have ended, so that nobody waits for its lease to run out. */
  readonly hasEnded?: (identity: string) => boolean;
  readonly leaseTimes?: LeaseTimes;
  readonly settings: ControllerSettings;
  /** Where /healthz, /livez, /readyz and /metrics are served, on loopback (Kubernetes' 10257); undefined: nowhere. */
  readonly healthPort?: number;
  /** PEM of the cluster's certificate authority, for the ConfigMaps that publish it. */
  readonly clusterCA: string;
  /** With what certificates are signed; undefined: requests for them are approved, but left unsigned. */
  readonly signing?: SigningSettings;
  /** PEM of the private key for tokens in Secrets (`--service-account-private-key-file`); undefined: such Secrets stay empty. */
  readonly serviceAccountKey?: string;
}

/** Kubernetes' defaults of the kube-controller-manager, for a cluster whose pods live in 10.244.0.0/16. */
export const defaultControllerSettings: ControllerSettings = {
  clusterCIDR: '10.244.0.0/16',
  nodeCIDRMaskSize: 24,
  serviceCIDR: '10.96.0.0/12',
  nodeMonitorPeriod: 5000,
  nodeMonitorGracePeriod: 50_000,
  nodeStartupGracePeriod: 60_000,
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  unhealthyZoneThreshold: 0.55,
  largeClusterSizeThreshold: 50,
  terminatedPodGCThreshold: 12_500,
  legacyTokenCleanUpPeriod: 365 * 86_400_000,
};

const LEASE = { namespace: 'kube-system', name: 'kube-controller-manager' };

/** Runs the loops as long as this process leads. Rejects at once where the configuration names a loop that does not exist. */
export async function start(config: ControllerManagerConfig, { clock, logger, signal }: ComponentContext): Promise<RunningComponent> {
  const selected = selectControllers(CONTROLLERS, config.controllers);
  const connect = (component: string, clientConfig: ClientConfig, beforeWrite?: () => void): RestClient => new RestClient(clientConfig, { component, clock, ...(beforeWrite ? { beforeWrite } : {}) });
  /** For the lease, tokens and informers: what may be done without the lead. */
  const client = connect('controller-manager', config.client);
  const elector = config.leaderElect
    ? new LeaderElector({
        client, clock, logger, lease: LEASE,
        identity: config.identity ?? `${hostname()}_${randomBytes(4).toString('hex')}`,
        recorder: new EventRecorderImpl({ client, clock, logger, component: 'kube-controller-manager', signal }),
        ...(config.hasEnded ? { hasEnded: config.hasEnded } : {}),
        ...config.leaseTimes,
      })
    : undefined;
  const guard = elector && leadersOnly(elector);
  const eventClient = connect('controller-manager', config.client, guard);
  const { certificate: _, certificateFile: _file, key: _key, keyFile: _keyFile, ...anonymous } = config.client;

  const lead = async (leading: AbortSignal): Promise<void> => {
    const informers = new InformerFactoryImpl({ client, clock, logger });
    const tokens = new ServiceAccountTokens(client, clock);
    await Promise.all(
      selected.map(async (controller) => {
        const { serviceAccount } = controller;
        const own = connect('controller-manager', serviceAccount === undefined ? config.client : { ...anonymous, token: () => tokens.token(serviceAccount) }, guard);
        const recorder = new EventRecorderImpl({ client: eventClient, clock, logger, component: controller.eventSource ?? controller.name, signal: leading });
        try {
          await runController(controller, { client: own, informers, recorder, clock, logger, clusterCA: config.clusterCA, settings: config.settings, ...(config.signing ? { signing: config.signing } : {}), ...(config.serviceAccountKey === undefined ? {} : { serviceAccountKey: config.serviceAccountKey }), signal: leading });
        } finally {
          own.close();
        }
      }),
    );
  };
  const metrics = new Metrics();
  if (elector) reportLeadership(metrics, LEASE.name, elector);
  const health = config.healthPort === undefined ? undefined : await startHealthServer({ port: config.healthPort, metrics });
  const running = elector ? elector.run(lead, signal) : lead(signal);
  const untilStopped = async (): Promise<void> => {
    try {
      await running;
    } finally {
      eventClient.close();
      client.close();
      await health?.close();
    }
  };
  return { stopped: untilStopped() };
}

import { readFileSync } from 'node:fs';
import type { ClientConfig } from '../client/clientConfig.ts';
import { EventRecorderImpl } from '../client/eventRecorder.ts';
import { InformerFactoryImpl } from '../client/informerFactory.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { LeaderElector, type LeaseTimes } from '../client/leaderElection.ts';
import { leadersOnly } from '../client/leaderGuard.ts';
import { reportLeadership } from '../client/leaderMetrics.ts';
import { Namespaces, Nodes, PodDisruptionBudgets, Pods, ReplicaSets, ReplicationControllers, Services, StatefulSets } from '../client/resources.ts';
import { RestClient } from '../client/restClient.ts';
import type { KubeClient } from '../client/types.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import { startHealthServer } from '../process/healthServer.ts';
import { Metrics } from '../process/metrics.ts';
import { DEFAULT_CONFIGURATION, parseConfiguration, type SchedulerConfiguration } from './configuration.ts';
import { buildProfile } from './plugins/registry.ts';
import { siblingSelector } from './podSiblings.ts';
import { Scheduler } from './scheduler.ts';
import { schedulerMetrics } from './schedulerMetrics.ts';

export interface SchedulerConfig {
  /** A kubeconfig file, or what one would say. */
  readonly kubeconfig: string | ClientConfig;
  /** A KubeSchedulerConfiguration file; absent: Kubernetes' defaults. */
  readonly configFile?: string;
  /** Kubernetes' default is true; a single scheduler does without. */
  readonly leaderElect?: boolean;
  /** What they are in the configuration file counts less. */
  readonly leaseTimes?: LeaseTimes;
  /** Unlike every other candidate's, e.g. `<hostname>_<random>`. */
  readonly identity: string;
  /** Whether another instance is known to have ended, so that nobody waits for its lease to run out. */
  readonly hasEnded?: (identity: string) => boolean;
  /** Kubernetes' is 10259; 0 takes any. Absent: no server. */
  readonly healthPort?: number;
  readonly healthAddress?: string;
  /** PEM, for HTTPS. */
  readonly healthTLS?: { readonly certificate: string; readonly key: string };
}

/** A scheduler that runs; `healthPort` is the port it took. */
export interface RunningScheduler extends RunningComponent {
  readonly healthPort: number | undefined;
}

/** The pods that take up room, or want to: those that are through are not even sent. */
const UNFINISHED = 'status.phase!=Succeeded,status.phase!=Failed';

/** Starts the scheduler; resolves once it serves its health, whether or not the API server is there yet. */
export async function start(config: SchedulerConfig, context: ComponentContext): Promise<RunningScheduler> {
  const { clock, logger, signal } = context;
  const settings = config.configFile === undefined ? DEFAULT_CONFIGURATION : parseConfiguration(readFileSync(config.configFile, 'utf8'));
  const connection = typeof config.kubeconfig === 'string' ? loadKubeconfig(config.kubeconfig) : config.kubeconfig;
  const client = new RestClient(connection, { component: 'scheduler', clock });
  const electionRecorder = new EventRecorderImpl({ client, clock, logger, component: 'default-scheduler', signal });
  const elector = electorOf(config, settings, client, electionRecorder, context);
  /** For everything that only the leader may write: bindings, statuses, evictions, events. */
  const writer = new RestClient(connection, { component: 'scheduler', clock, ...(elector ? { beforeWrite: leadersOnly(elector) } : {}) });
  const recorder = new EventRecorderImpl({ client: writer, clock, logger, component: 'default-scheduler', signal });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const metrics = new Metrics();
  metrics.collectProcess();
  if (elector) reportLeadership(metrics, settings.leaderElection.resourceName ?? 'kube-scheduler', elector);

  const run = wire(writer, { settings, informers, recorder, metrics, context });
  const health =
    config.healthPort === undefined
      ? undefined
      : await startHealthServer({
          port: config.healthPort,
          metrics,
          ...(config.healthAddress === undefined ? {} : { address: config.healthAddress }),
          ...(config.healthTLS ? { tls: config.healthTLS } : {}),
          ready: { informers: () => (run.synced() ? undefined : Promise.reject(new Error('informers have not synced'))) },
        });

  const lead = async (leading: AbortSignal): Promise<void> => {
    await informers.synced(leading);
    if (!leading.aborted) await run.schedule(leading);
  };
  informers.start(signal);
  const work = async (): Promise<void> => {
    try {
      await (elector ? elector.run(lead, signal) : lead(signal));
    } finally {
      await informers.ended();
      await health?.close();
      writer.close();
      client.close();
    }
  };
  return { stopped: work(), healthPort: health?.port };
}

interface Parts {
  readonly settings: SchedulerConfiguration;
  readonly informers: InformerFactoryImpl;
  readonly recorder: EventRecorderImpl;
  readonly metrics: Metrics;
  readonly context: ComponentContext;
}

function wire(client: KubeClient, { settings, informers, recorder, metrics, context }: Parts): { schedule: (signal: AbortSignal) => Promise<void>; synced: () => boolean } {
  const sources = {
    services: informers.informer(Services),
    replicationControllers: informers.informer(ReplicationControllers),
    replicaSets: informers.informer(ReplicaSets),
    statefulSets: informers.informer(StatefulSets),
  };
  const profiles = settings.profiles.map((profile) => buildProfile({ ...profile, siblings: (pod) => siblingSelector(pod, sources) }));
  const watched = {
    pods: informers.informer(Pods, { fieldSelector: UNFINISHED }),
    nodes: informers.informer(Nodes),
    namespaces: informers.informer(Namespaces),
    budgets: informers.informer(PodDisruptionBudgets),
  };
  const { initialBackoff, maximumBackoff } = settings;
  const scheduler = new Scheduler({ client, recorder, clock: context.clock, logger: context.logger, profiles, initialBackoff, maximumBackoff, ...watched });
  scheduler.metrics = schedulerMetrics(metrics, () => scheduler.queueSizes);
  const all = [...Object.values(sources), ...Object.values(watched)];
  return { schedule: (signal) => scheduler.run(signal), synced: () => all.every(({ hasSynced }) => hasSynced) };
}

function electorOf(config: SchedulerConfig, settings: SchedulerConfiguration, client: KubeClient, recorder: EventRecorderImpl, { clock, logger }: ComponentContext): LeaderElector | undefined {
  const { leaderElect = true, resourceName = 'kube-scheduler', resourceNamespace = 'kube-system', leaseDuration, renewDeadline, retryPeriod } = settings.leaderElection;
  if (!(config.leaderElect ?? leaderElect)) return undefined;
  return new LeaderElector({
    client,
    clock,
    logger,
    recorder,
    identity: config.identity,
    ...(config.hasEnded ? { hasEnded: config.hasEnded } : {}),
    lease: { namespace: resourceNamespace, name: resourceName },
    ...(leaseDuration === undefined ? {} : { leaseDuration }),
    ...(renewDeadline === undefined ? {} : { renewDeadline }),
    ...(retryPeriod === undefined ? {} : { retryPeriod }),
    ...config.leaseTimes,
  });
}

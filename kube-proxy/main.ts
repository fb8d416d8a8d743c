import type { ClientConfig } from '../client/clientConfig.ts';
import { EventRecorderImpl } from '../client/eventRecorder.ts';
import { InformerFactoryImpl } from '../client/informerFactory.ts';
import { RestClient } from '../client/restClient.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import { startHealthServer } from '../process/healthServer.ts';
import { Metrics } from '../process/metrics.ts';
import { type Kernel, ownKernel } from './kernel.ts';
import { ProxyHealth, serveProxyHealth } from './proxyHealth.ts';
import { Proxy, type ProxySettings } from './proxy.ts';

export interface KubeProxyConfig extends ProxySettings {
  readonly client: ClientConfig;
  /** Where /healthz and /metrics are served, on loopback (Kubernetes' 10249); undefined: nowhere. */
  readonly healthPort?: number;
  /** Where load balancers ask for this node's health, on all addresses (Kubernetes' 10256); undefined: nowhere. */
  readonly healthzPort?: number;
  /** Unless this process' own. */
  readonly kernel?: Kernel;
}

export const defaultProxySettings = { clusterCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12', masqueradeAll: false, nodePortAddresses: [], syncPeriod: 30_000 } as const;

/** Carries Services on this node until the signal. Resolves when the first rules are being written. */
export async function start(config: KubeProxyConfig, { clock, logger, signal }: ComponentContext): Promise<RunningComponent> {
  const client = new RestClient(config.client, { component: 'kube-proxy', clock });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const recorder = new EventRecorderImpl({ client, clock, logger, component: 'kube-proxy', host: config.nodeName, signal });
  const proxyHealth = new ProxyHealth(clock, 2 * config.syncPeriod);
  const proxy = new Proxy(config, { informers, kernel: config.kernel ?? ownKernel(), recorder, clock, logger, health: proxyHealth });
  const health = config.healthPort === undefined ? undefined : await startHealthServer({ port: config.healthPort, metrics: new Metrics() });
  const healthz = config.healthzPort === undefined ? undefined : await serveProxyHealth(proxyHealth, config.healthzPort, logger);
  informers.start(signal);
  const run = async (): Promise<void> => {
    try {
      await informers.synced(signal);
      await proxy.run(signal);
    } finally {
      client.close();
      healthz?.close();
      healthz?.closeAllConnections();
      await health?.close();
    }
  };
  return { stopped: run() };
}

import type { ClientConfig } from '../client/clientConfig.ts';
import { InformerFactoryImpl } from '../client/informerFactory.ts';
import { RestClient } from '../client/restClient.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import { clusterNames } from './clusterNames.ts';
import { type DnsPlace, publishDns } from './publish.ts';
import { DnsServer } from './server.ts';
import { nameServers, Upstream } from './upstream.ts';

export interface DnsConfig extends DnsPlace {
  readonly client: ClientConfig;
  /** The cluster's domain, e.g. `cluster.local`. */
  readonly domain: string;
  /** Text of the host's resolv.conf: where other names are asked for. */
  readonly resolvConf: string;
}

/** Not 53, which the host's own resolver may hold; the Service translates. */
export const defaultDnsSettings = { port: 10_053, clusterIP: '10.96.0.10', domain: 'cluster.local' } as const;

const PUBLISH_RETRY_MILLISECONDS = 1000;

/** The cluster DNS of one node. Resolves once it listens; it is published as soon as the Node is registered. */
export async function start(config: DnsConfig, { clock, logger, signal }: ComponentContext): Promise<RunningComponent> {
  const client = new RestClient(config.client, { component: 'dns', clock });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const upstream = new Upstream(nameServers(config.resolvConf, [config.clusterIP, config.address]), clock);
  const server = new DnsServer({ address: config.address, port: config.port, domain: config.domain, cluster: clusterNames(informers), upstream, logger });
  await server.listen();
  informers.start(signal);

  const publish = async (): Promise<void> => {
    await informers.synced(signal);
    while (!signal.aborted) {
      try {
        return await publishDns(client, config);
      } catch (error) {
        logger.info('cannot publish yet', { reason: error instanceof Error ? error.message : String(error) });
        await clock.sleep(PUBLISH_RETRY_MILLISECONDS, signal);
      }
    }
  };
  const untilStopped = async (): Promise<void> => {
    await publish();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    server.close();
    upstream.close();
    client.close();
  };
  return { stopped: untilStopped() };
}

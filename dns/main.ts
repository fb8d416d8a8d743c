import type { ClientConfig } from '../client/clientConfig.ts';
import { InformerFactoryImpl } from '../client/informerFactory.ts';
import { EndpointSlices, Services } from '../client/resources.ts';
import { RestClient } from '../client/restClient.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import { clusterNames } from './clusterNames.ts';
import { type DnsPlace, isPublished, publishDns } from './publish.ts';
import { DnsServer } from './server.ts';
import { nameServers, Upstream } from './upstream.ts';

export interface DnsConfig extends DnsPlace {
  readonly client: ClientConfig;
  /** The cluster's domain, e.g. `cluster.local`. */
  readonly domain: string;
  /** Text of the host's resolv.conf: where other names are asked for. */
  readonly resolvConf: string;
}

const RETRY_MILLISECONDS = 1000;
const LOOK_MILLISECONDS = 5000;

/** The cluster DNS of one node. Resolves once it listens; it is published as soon as the Node is registered. */
export async function start(config: DnsConfig, { clock, logger, signal }: ComponentContext): Promise<RunningComponent> {
  const client = new RestClient(config.client, { component: 'dns', clock });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const upstream = new Upstream(nameServers(config.resolvConf, [config.clusterIP, config.address]), clock);
  let isComplete = false;
  const server = new DnsServer({ address: config.address, port: config.port, domain: config.domain, cluster: clusterNames(informers), isReady: () => isComplete, upstream, logger });
  await server.listen();
  informers.start(signal);

  const services = informers.informer(Services);
  const slices = informers.informer(EndpointSlices);
  const keepPublished = async (): Promise<void> => {
    await informers.synced(signal);
    isComplete = !signal.aborted;
    for (let written = false; !signal.aborted; await clock.sleep(written ? LOOK_MILLISECONDS : RETRY_MILLISECONDS, signal)) {
      try {
        // Once at the start, as this node's address may be another one; then when somebody has deleted it.
        if (!written || !isPublished(config.nodeName, services, slices)) await publishDns(client, config);
        written = true;
      } catch (error) {
        written = false;
        logger.info('cannot publish yet', { reason: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  const untilStopped = async (): Promise<void> => {
    await keepPublished();
    server.close();
    upstream.close();
    client.close();
  };
  return { stopped: untilStopped() };
}

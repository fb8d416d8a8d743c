import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { ClientConfig } from '../client/clientConfig.ts';
import { InformerFactoryImpl } from '../client/informerFactory.ts';
import { RestClient } from '../client/restClient.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import { type Kernel, kernelOf } from './kernel.ts';
import { NodeNetwork, type NodeNetworkSettings } from './nodeNetwork.ts';

export interface NodeNetworkConfig extends NodeNetworkSettings {
  readonly client: ClientConfig;
  /** Where another network puts its configuration (the kubelet takes it then, instead of ours). */
  readonly cniConfDir: string;
  /** Unless this process' own. */
  readonly kernel?: Kernel;
}

/** Number and port of flannel's VXLAN, which is what firewalls are opened for. */
export const defaultNodeNetworkSettings = { mode: 'auto', vni: 1, port: 8472, nonMasqueradeCIDRs: [], syncPeriod: 5_000 } as const;

/** `gantry-vxlan`, or for another instance of the cluster on this host a name of its own. */
export function tunnelName(instance: string): string {
  return instance === '' ? 'gantry-vxlan' : `vxlan-${createHash('sha256').update(instance).digest('hex').slice(0, 8)}`;
}

/** Keeps this node's ways to the other nodes' pods until the signal. */
export function start(config: NodeNetworkConfig, { clock, logger, signal }: ComponentContext): Promise<RunningComponent> {
  const client = new RestClient(config.client, { component: 'node-network', clock });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const network = new NodeNetwork(config, { informers, kernel: config.kernel ?? kernelOf(), hasOtherNetwork: () => hasConfiguration(config.cniConfDir), clock, logger });
  informers.start(signal);
  const run = async (): Promise<void> => {
    try {
      await informers.synced(signal);
      await network.run(signal);
    } finally {
      client.close();
    }
  };
  return Promise.resolve({ stopped: run() });
}

async function hasConfiguration(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).some((name) => /\.(conf|conflist|json)$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

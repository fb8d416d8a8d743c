import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../api/apiError.ts';
import { LABEL_CONTROL_PLANE } from '../../api/wellKnown.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { Nodes } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { readServersFile } from '../../client/serverList.ts';
import type { KubeClient } from '../../client/types.ts';
import type { ClusterSettings, HostIdentity } from '../clusterSettings.ts';
import { down } from '../down/down.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { type MachineRole, readRole, withRole } from '../machineRole.ts';
import { serversFile } from '../node/serverList.ts';
import { forgetEtcdEndpoint, readClusterConfiguration } from './clusterConfiguration.ts';
import { drain } from './drain.ts';
import { clientURL, refuseMinority, removeMember } from './etcdMember.ts';
import type { LeaveFlags } from './flags.ts';

/** Takes this machine out of its cluster, then the cluster off the machine. Gives the exit code. Throws a `UserError` with what is in the way. */
export async function leave(given: ClusterSettings, flags: LeaveFlags, host: HostIdentity, invocation: Invocation): Promise<number> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry leave changes this machine and must be run as root (try: sudo gantry leave).');
  const role = readRole(given.paths);
  if (!role) {
    invocation.terminal.say(`This machine is in no cluster ${given.name}.`);
    return 0;
  }
  const settings = withRole(given, role, host);
  const tell = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!flags.force) throw error instanceof UserError ? error : new UserError(`The cluster cannot be told that this machine leaves: ${reason}\nTo leave all the same: gantry leave --force; then, on a control plane, kubectl delete node ${settings.nodeName}`, { cause: error });
      invocation.terminal.complain(`The cluster was not told: ${reason}`);
    }
  };
  const config = lastingConfig(settings, role);
  if (!config) return down(settings, true, invocation);
  const client = new RestClient(config, { component: 'leave', clock: invocation.clock });
  try {
    await tell(() => withdraw(client, settings, role, flags, invocation));
    // A kubelet that runs would make its Node again.
    return await down(settings, true, invocation, () => tell(() => removeNode(client, settings.nodeName, invocation)));
  } finally {
    client.close();
  }
}

/** Who this machine is, and the servers on other machines, held in memory: files and services are about to go. */
function lastingConfig(settings: ClusterSettings, { controlPlane }: MachineRole): ClientConfig | undefined {
  const file = join(settings.paths.kubernetes, controlPlane ? 'admin.conf' : 'kubelet.conf');
  if (!existsSync(file)) return undefined;
  const { certificateFile, keyFile, serversFile: _, ...config } = loadKubeconfig(file);
  const others = readServersFile(serversFile(settings)).filter((url) => new URL(url).hostname !== settings.nodeAddress);
  return {
    ...config,
    servers: controlPlane && others.length > 0 ? others : [...new Set([...config.servers, ...others])],
    ...(certificateFile === undefined ? {} : { certificate: readFileSync(certificateFile, 'utf8') }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile, 'utf8') }),
  };
}

/** While everything still runs: pods go, and etcd's other members go on alone. */
async function withdraw(client: KubeClient, settings: ClusterSettings, role: MachineRole, { drain: drains, timeout }: LeaveFlags, invocation: Invocation): Promise<void> {
  if (role.controlPlane) await refuseLastControlPlane(client, settings);
  const others = role.etcd ? (await readClusterConfiguration(client)).etcd.endpoints.filter((each) => each !== clientURL(settings)) : [];
  if (role.etcd) await refuseMinority(settings, others, invocation);
  if (drains) await drain(client, settings.nodeName, timeout, invocation);
  if (!role.etcd) return;
  await forgetEtcdEndpoint(client, clientURL(settings));
  await removeMember(settings, others, invocation);
  invocation.terminal.say('etcd goes on without this machine');
}

async function refuseLastControlPlane(client: KubeClient, { nodeName }: ClusterSettings): Promise<void> {
  const { items } = await client.list(Nodes, { labelSelector: LABEL_CONTROL_PLANE });
  if (items.every(({ metadata }) => metadata.name === nodeName)) throw new UserError('This machine is the only control plane, and with it the whole cluster. To remove the cluster: gantry down --purge');
}

async function removeNode(client: KubeClient, name: string, { terminal }: Invocation): Promise<void> {
  try {
    await client.delete(Nodes, name);
    terminal.say(`The node ${name} has left the cluster`);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
  }
}

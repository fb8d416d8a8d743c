import type { ClusterSettings } from '../clusterSettings.ts';
import type { Invocation } from '../invocation.ts';
import { removeContext, rewriteKubeconfig } from '../userKubeconfig.ts';
import { askDocker, dockerHas } from './engine.ts';
import { type ContainerCluster, forgetContainerCluster } from './record.ts';

/** Removes a cluster of containers with its data, its network and its context. May be run again after an interruption. */
export async function downContainers(settings: ClusterSettings, cluster: ContainerCluster, { terminal }: Invocation): Promise<void> {
  for (const node of cluster.nodes) if (await dockerHas(settings, 'container', node)) await askDocker(settings, ['rm', '--force', '--volumes', node], 120_000);
  if (await dockerHas(settings, 'network', cluster.network)) await askDocker(settings, ['network', 'rm', cluster.network]);
  if (cluster.kubeconfig) rewriteKubeconfig(cluster.kubeconfig, (text) => (text === '' ? '' : removeContext(text, settings.name)));
  forgetContainerCluster(settings.paths);
  terminal.say(`Removed ${cluster.nodes.join(', ')}`);
}

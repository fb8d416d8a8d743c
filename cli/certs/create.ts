import { ensurePki } from '../../process/pki.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';

/** `gantry certs create`: what `up` does about certificates, for those who run each component by themselves. `names`: further ones that the servers bear. */
export async function certsCreate(settings: ClusterSettings, names: readonly string[], { terminal, clock }: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry certs create writes private keys and must be run as root.');
  const { paths, nodeName, nodeAddress, ports, serviceAddress, clusterDomain } = settings;
  const written = await ensurePki({
    kubernetesFolder: paths.kubernetes,
    kubeletFolder: paths.kubelet,
    nodeName,
    addresses: [...new Set([nodeAddress, ...names])],
    serviceAddress,
    clusterDomain,
    server: `https://127.0.0.1:${ports.apiserver}`,
    now: clock.now(),
  });
  terminal.say(written.length === 0 ? `All certificates below ${paths.kubernetes} are there and serve.` : `Made certificates and kubeconfigs below ${paths.kubernetes} (${written.length} files)`);
}

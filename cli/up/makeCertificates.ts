import { ensurePki } from '../../process/pki.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import type { Invocation } from '../invocation.ts';
import type { MachineRole } from '../machineRole.ts';
import { serverListExtension } from '../node/serverList.ts';

/** Makes what a control plane lacks of its certificates and kubeconfigs; `addresses` are the host's. */
export async function makeCertificates(settings: ClusterSettings, addresses: readonly string[], role: MachineRole, { terminal, clock }: Invocation): Promise<void> {
  const { paths, nodeName, ports, serviceAddress, clusterDomain, nodeAddress, controlPlaneEndpoint } = settings;
  const written = await ensurePki({
    kubernetesFolder: paths.kubernetes,
    kubeletFolder: paths.kubelet,
    nodeName,
    addresses: [...new Set([nodeAddress, ...addresses, ...(controlPlaneEndpoint ? [controlPlaneEndpoint.replace(/:\d+$/, '')] : [])])],
    serviceAddress,
    clusterDomain,
    server: `https://127.0.0.1:${ports.apiserver}`,
    externalEtcd: role.externalEtcd !== undefined,
    extensions: serverListExtension(settings),
    now: clock.now(),
  });
  if (written.length > 0) terminal.say(`Made certificates and kubeconfigs below ${paths.kubernetes} (${written.length} files)`);
}

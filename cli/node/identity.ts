import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCertificate, keepCertificate } from '../../client/certificates/keepCertificate.ts';
import type { CertificateSpec } from '../../client/certificates/rotation.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import { clientCertificate } from '../../kubelet/identity/certificateSpecs.ts';
import { becomeNode } from '../../kubelet/identity/nodeIdentity.ts';
import type { ComponentContext } from '../../process/component.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import { writeWhole } from '../../process/writeWhole.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { serverListExtension } from './serverList.ts';

/** What a machine that joins with a token has instead of certificates (the kubelet's `--bootstrap-kubeconfig`). */
export const bootstrapKubeconfig = ({ paths }: ClusterSettings): string => join(paths.kubernetes, 'bootstrap-kubelet.conf');

/** Whether this node has its certificates from the cluster, not from an authority beside them; an administrator may have removed the used-up token. */
export const isJoinedNode = (settings: ClusterSettings): boolean => existsSync(bootstrapKubeconfig(settings)) || existsSync(nodeCertificates(settings).kubelet.file);

const CLIENT_USAGES = ['digital signature', 'client auth'];
/** The user of each component beside the kubelet, by its kubeconfig. */
const COMPONENTS: Readonly<Record<string, string>> = { 'kube-proxy': 'system:kube-proxy', dns: 'gantry:dns', 'node-network': 'gantry:node-network' };

interface NodeCertificates {
  readonly kubelet: CertificateSpec;
  /** By the name of the kubeconfig. */
  readonly components: ReadonlyMap<string, CertificateSpec>;
}

/** The certificates that this node has from the cluster to come as: its own, and one for each component beside the kubelet. */
function nodeCertificates(settings: ClusterSettings): NodeCertificates {
  const { paths, nodeName } = settings;
  const file = (name: string): string => join(paths.kubelet, 'pki', `${name}-client-current.pem`);
  const component = ([name, commonName]: [string, string]): [string, CertificateSpec] => [
    name,
    { file: file(name), signerName: 'kubernetes.io/kube-apiserver-client', commonName, organizations: [], usages: CLIENT_USAGES, names: [] },
  ];
  return {
    kubelet: clientCertificate(nodeName, join(paths.kubelet, 'pki')),
    components: new Map(Object.entries(COMPONENTS).map(component)),
  };
}

/**
 * TLS bootstrap: a node that has only a token gets its certificates by requests that a controller approves and signs, then keeps them renewed. On
 * a machine whose certificates were made beside the authority (`gantry up`) there is nothing to do. Resolves when the components can start; the
 * kubelet itself renews its own certificate, and asks for that of its server.
 */
export async function openNodeIdentity(settings: ClusterSettings, context: ComponentContext): Promise<{ readonly stopped: Promise<void> }> {
  if (!isJoinedNode(settings)) return { stopped: Promise.resolve() };
  const { kubelet, components } = nodeCertificates(settings);
  const kubeconfig = (name: string): string => join(settings.paths.kubernetes, `${name}.conf`);
  // Without a token there is the identity of before.
  const bootstrap = [bootstrapKubeconfig(settings), kubeconfig('kubelet')].find((file) => existsSync(file))!;
  const { servers, ca = '' } = loadKubeconfig(bootstrap);
  const write = (name: string, { commonName, file }: CertificateSpec): void =>
    writeWhole(kubeconfig(name), kubeconfigText({ user: commonName, server: servers[0]!, authority: ca, credentials: { file }, extensions: serverListExtension(settings) }), 0o600);

  await becomeNode({ certificate: kubelet, bootstrap, kubeconfig: kubeconfig('kubelet'), extensions: serverListExtension(settings) }, context);
  const node = new RestClient(loadKubeconfig(kubeconfig('kubelet')), { component: 'certificates', clock: context.clock });
  const asNode = { ...context, client: node };
  await Promise.all(
    [...components].map(async ([name, spec]) => {
      await ensureCertificate(spec, asNode);
      write(name, spec);
    }),
  );
  const keeping = Promise.all([...components.values()].map((spec) => keepCertificate(spec, asNode)));
  return { stopped: keeping.then(() => node.close()) };
}

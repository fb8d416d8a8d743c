import type { V1HostAlias, V1Pod } from '../api/generated/types.ts';
import { specOf } from './podContainers.ts';

/** The longest name that a kernel takes. */
const MAX_HOSTNAME = 63;

export interface PodNames {
  readonly hostname: string;
  /** `subdomain.namespace.svc.cluster.local`, or '' where the pod has no subdomain. */
  readonly domain: string;
}

/** A pod's host name and domain (`GeneratePodHostNameAndDomain`). */
export function podNames(pod: V1Pod, clusterDomain: string): PodNames {
  const spec = specOf(pod);
  if (spec.hostnameOverride) return { hostname: spec.hostnameOverride, domain: '' };
  const short = (spec.hostname ?? pod.metadata.name).slice(0, MAX_HOSTNAME).replace(/[-.]+$/, '');
  const domain = spec.subdomain ? `${spec.subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : '';
  return { hostname: spec.setHostnameAsFQDN && domain ? `${short}.${domain}` : short, domain };
}

/** The content of /etc/hosts for a pod with a network of its own (`managedHostsFileContent`). */
export function podHosts(pod: V1Pod, names: PodNames, podIPs: readonly string[]): string {
  const short = names.hostname.split('.')[0] ?? names.hostname;
  const own = podIPs.map((ip) => (names.domain ? `${ip}\t${short}.${names.domain}\t${short}\n` : `${ip}\t${names.hostname}\n`)).join('');
  return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${own}${aliases(specOf(pod).hostAliases)}`;
}

/** The content of /etc/hosts for a pod on the host's network: the node's file, and the aliases. */
export function hostNetworkHosts(pod: V1Pod, nodeFile: string): string {
  return `# Kubernetes-managed hosts file (host network).\n${nodeFile}${aliases(specOf(pod).hostAliases)}`;
}

function aliases(hostAliases: readonly V1HostAlias[] | undefined): string {
  if (!hostAliases?.length) return '';
  return `\n# Entries added by HostAliases.\n${hostAliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`).join('')}`;
}

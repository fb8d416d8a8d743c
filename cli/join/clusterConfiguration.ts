import { ApiError } from '../../api/apiError.ts';
import { CLUSTER_CONFIGURATION_VERSION } from '../../api/wellKnown.ts';
import { parseKubeconfig } from '../../client/kubeconfig.ts';
import { ConfigMaps } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { UserError } from '../invocation.ts';

/** What every machine of a cluster must know of it; the content of ConfigMap `kube-system/gantry-config`. */
export interface ClusterConfiguration {
  readonly apiVersion: typeof CLUSTER_CONFIGURATION_VERSION;
  readonly kind: 'ClusterConfiguration';
  readonly clusterCIDR: string;
  readonly serviceCIDR: string;
  readonly clusterDomain: string;
  /** `host:port` of the address before all API servers, where there is one. */
  readonly controlPlaneEndpoint?: string;
  readonly etcd: {
    /** Whether its members are run by somebody else. */
    readonly external: boolean;
    /** URLs of the members, as other machines reach them. */
    readonly endpoints: readonly string[];
  };
}

const CONFIG = { namespace: 'kube-system', name: 'gantry-config', key: 'ClusterConfiguration' } as const;
const INFO = { namespace: 'kube-public', name: 'cluster-info', key: 'kubeconfig' } as const;

/** Throws a `UserError` where the cluster does not tell. */
export async function readClusterConfiguration(client: KubeClient): Promise<ClusterConfiguration> {
  const present = await getData(client, CONFIG);
  if (!present?.[CONFIG.key]) throw new UserError(`The cluster has no ConfigMap ${CONFIG.namespace}/${CONFIG.name}: its first machine must be brought up by this version of Gantry (run gantry up there).`);
  return JSON.parse(present[CONFIG.key]!) as ClusterConfiguration;
}

/** Writes what others need to join: the configuration, and how to reach the cluster and know it for the right one. */
export async function publishCluster(client: KubeClient, settings: ClusterSettings, authority: string, etcd: ClusterConfiguration['etcd']): Promise<void> {
  const { clusterCIDR, serviceCIDR, clusterDomain, controlPlaneEndpoint, nodeAddress, ports } = settings;
  const known = await getData(client, CONFIG);
  const before = known?.[CONFIG.key] ? (JSON.parse(known[CONFIG.key]!) as ClusterConfiguration) : undefined;
  const endpoint = controlPlaneEndpoint ?? before?.controlPlaneEndpoint;
  const configuration: ClusterConfiguration = {
    apiVersion: CLUSTER_CONFIGURATION_VERSION,
    kind: 'ClusterConfiguration',
    clusterCIDR,
    serviceCIDR,
    clusterDomain,
    ...(endpoint ? { controlPlaneEndpoint: endpoint } : {}),
    etcd: etcd.external ? etcd : { external: false, endpoints: [...new Set([...(before?.etcd.endpoints ?? []), ...etcd.endpoints])] },
  };
  await writeData(client, CONFIG, JSON.stringify(configuration));
  // Whoever came first stays the address of the cluster, unless there is one before all of them.
  const info = await getData(client, INFO);
  if (info && !controlPlaneEndpoint) return;
  const server = `https://${endpoint ?? `${nodeAddress}:${ports.apiserver}`}`;
  await writeData(client, INFO, kubeconfigText({ user: '', server, authority, credentials: { token: '' } }));
}

/** `host:port` by which machines join. */
export async function clusterAddress(client: KubeClient): Promise<string> {
  const text = (await getData(client, INFO))?.[INFO.key];
  if (!text) throw new UserError(`The cluster has no ConfigMap ${INFO.namespace}/${INFO.name}: run gantry up on this machine, which writes it.`);
  return new URL(parseKubeconfig(text, { name: INFO.name, folder: '/' }).servers[0]!).host;
}

/** Takes a member's URL out of what joining machines are told. */
export async function forgetEtcdEndpoint(client: KubeClient, endpoint: string): Promise<void> {
  const configuration = await readClusterConfiguration(client);
  await writeData(client, CONFIG, JSON.stringify({ ...configuration, etcd: { ...configuration.etcd, endpoints: configuration.etcd.endpoints.filter((each) => each !== endpoint) } }));
}

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

async function getData(client: KubeClient, { namespace, name }: Place): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return (await client.get(ConfigMaps, name, namespace)).data ?? {};
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

async function writeData(client: KubeClient, { namespace, name, key }: Place, text: string): Promise<void> {
  const data = await getData(client, { namespace, name, key });
  if (data === undefined) await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { [key]: text } }, namespace);
  else if (data[key] !== text) await client.patch(ConfigMaps, name, namespace, 'application/merge-patch+json', { data: { [key]: text } });
}

import { ApiError } from '../../api/apiError.ts';
import type { V1ConfigMap } from '../../api/generated/types.ts';
import { CLUSTER_CONFIGURATION_VERSION } from '../../api/wellKnown.ts';
import { parseKubeconfig } from '../../client/kubeconfig.ts';
import { ConfigMaps, EndpointSlices } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { UserError } from '../invocation.ts';
import { serverUrls } from '../node/serverList.ts';

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
/** Against others who change the same. */
const ATTEMPTS = 10;
const INFO = { namespace: 'kube-public', name: 'cluster-info', key: 'kubeconfig' } as const;

/** Throws a `UserError` where the cluster does not tell. */
export async function readClusterConfiguration(client: KubeClient): Promise<ClusterConfiguration> {
  const text = (await getData(client, CONFIG))?.data?.[CONFIG.key];
  if (!text) throw new UserError(`The cluster has no ConfigMap ${CONFIG.namespace}/${CONFIG.name}: its first machine must be brought up by this version of Gantry (run gantry up there).`);
  return JSON.parse(text) as ClusterConfiguration;
}

/** Writes what others need to join: the configuration, and how to reach the cluster and know it for the right one. */
export async function publishCluster(client: KubeClient, settings: ClusterSettings, authority: string, etcd: ClusterConfiguration['etcd']): Promise<void> {
  const { clusterCIDR, serviceCIDR, clusterDomain, controlPlaneEndpoint, nodeAddress, ports } = settings;
  let endpoint = controlPlaneEndpoint;
  await changeData(client, CONFIG, (text) => {
    const before = text === undefined ? undefined : (JSON.parse(text) as ClusterConfiguration);
    endpoint = controlPlaneEndpoint ?? before?.controlPlaneEndpoint;
    return JSON.stringify({
      apiVersion: CLUSTER_CONFIGURATION_VERSION,
      kind: 'ClusterConfiguration',
      clusterCIDR,
      serviceCIDR,
      clusterDomain,
      ...(endpoint ? { controlPlaneEndpoint: endpoint } : {}),
      etcd: etcd.external ? etcd : { external: false, endpoints: [...new Set([...(before?.etcd.endpoints ?? []), ...etcd.endpoints])] },
    } satisfies ClusterConfiguration);
  });
  const server = `https://${endpoint ?? `${nodeAddress}:${ports.apiserver}`}`;
  // Whoever came first stays the address of the cluster, unless there is one before all of them.
  await changeData(client, INFO, (text) => (text !== undefined && !controlPlaneEndpoint ? text : kubeconfigText({ user: '', server, authority, credentials: { token: '' } })));
}

/** `host:port` by which machines join: the one before all API servers, or that of one which lives. */
export async function clusterAddress(client: KubeClient): Promise<string> {
  const text = (await getData(client, INFO))?.data?.[INFO.key];
  if (!text) throw new UserError(`The cluster has no ConfigMap ${INFO.namespace}/${INFO.name}: run gantry up on this machine, which writes it.`);
  const told = parseKubeconfig(text, { name: INFO.name, folder: '/' }).servers[0]!;
  if ((await readClusterConfiguration(client)).controlPlaneEndpoint) return new URL(told).host;
  const live = serverUrls(await client.get(EndpointSlices, 'kubernetes', 'default'));
  return new URL(live.includes(told) ? told : (live[0] ?? told)).host;
}

/** Takes a member's URL out of what joining machines are told. */
export async function forgetEtcdEndpoint(client: KubeClient, endpoint: string): Promise<void> {
  await changeData(client, CONFIG, (text) => {
    if (text === undefined) return undefined;
    const configuration = JSON.parse(text) as ClusterConfiguration;
    return JSON.stringify({ ...configuration, etcd: { ...configuration.etcd, endpoints: configuration.etcd.endpoints.filter((each) => each !== endpoint) } });
  });
}

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

async function getData(client: KubeClient, { namespace, name }: Place): Promise<V1ConfigMap | undefined> {
  try {
    return await client.get(ConfigMaps, name, namespace);
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

/** Changes one entry, on what is there now: machines may join at the same time. `undefined` leaves it. */
async function changeData(client: KubeClient, place: Place, change: (text: string | undefined) => string | undefined): Promise<void> {
  const { namespace, name, key } = place;
  for (let attempt = 1; ; attempt += 1) {
    const present = await getData(client, place);
    const text = change(present?.data?.[key]);
    if (text === undefined || text === present?.data?.[key]) return;
    try {
      if (!present) await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { [key]: text } }, namespace);
      else await client.patch(ConfigMaps, name, namespace, 'application/merge-patch+json', { metadata: { resourceVersion: present.metadata.resourceVersion }, data: { [key]: text } });
      return;
    } catch (error) {
      if (!(error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'AlreadyExists')) || attempt === ATTEMPTS) throw error;
    }
  }
}

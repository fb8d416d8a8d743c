import type { V1ConfigMap, V1Namespace, V1PriorityClass, V1Service, V1ServiceCIDR } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { formatIPv4, parseRange } from '../serviceAddresses/ipv4Range.ts';
import { DEFAULT_SERVICE_CIDR } from '../serviceAddresses/serviceRanges.ts';

/** Namespaces that are always there. */
export const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default'] as const;

export const systemNamespace = (name: string): Draft<V1Namespace> => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const priorityClass = (name: string, value: number, description: string): Draft<V1PriorityClass> => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description });

export const systemPriorityClasses = (): Draft<V1PriorityClass>[] => [
  priorityClass('system-node-critical', 2_000_001_000, 'Used for system critical pods that must not be moved from their current node.'),
  priorityClass('system-cluster-critical', 2_000_000_000, 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.'),
];

/** The range that Services get their addresses of; `range` as in `--service-cluster-ip-range`. */
export const defaultServiceCIDR = (range: string): Draft<V1ServiceCIDR> => ({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: DEFAULT_SERVICE_CIDR }, spec: { cidrs: [range] } });

/** Its first address belongs to the API servers. */
export const kubernetesServiceAddress = (range: string): string => formatIPv4(parseRange(range).first);

/** The Service by which pods reach the API servers, which listen on `targetPort`. */
export const kubernetesService = (range: string, targetPort: number): Draft<V1Service> => {
  const clusterIP = kubernetesServiceAddress(range);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort }],
      sessionAffinity: 'None',
    },
  };
};

/** Tells extension API servers whom to trust; PEM. */
export interface ClientAuthorities {
  readonly clientAuthority: string;
  readonly requestHeaderAuthority?: string | undefined;
}

export function authenticationConfigMap({ clientAuthority, requestHeaderAuthority }: ClientAuthorities): Draft<V1ConfigMap> {
  const front: Record<string, string> = requestHeaderAuthority === undefined ? {} : {
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-client-ca-file': requestHeaderAuthority,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' }, data: { 'client-ca-file': clientAuthority, ...front } };
}

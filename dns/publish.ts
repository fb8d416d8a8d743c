import { ApiError } from '../api/apiError.ts';
import type { Draft } from '../api/meta.ts';
import type { V1EndpointSlice, V1Service } from '../api/generated/types.ts';
import { DNS_ENDPOINTS_MANAGER, LABEL_ENDPOINT_SLICE_MANAGED_BY, LABEL_SERVICE_NAME } from '../api/wellKnown.ts';
import { EndpointSlices, Nodes, Services } from '../client/resources.ts';
import type { Informer, KubeClient } from '../client/types.ts';

const NAMESPACE = 'kube-system';
const NAME = 'kube-dns';
const LABELS = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' };

export interface DnsPlace {
  readonly nodeName: string;
  /** Where this node's DNS listens. */
  readonly address: string;
  readonly port: number;
  /** The well-known address that pods ask (10.96.0.10). */
  readonly clusterIP: string;
}

/**
 * Puts this node's DNS behind the Service `kube-system/kube-dns`: the Service has no selector, each node keeps a slice of its own, which
 * names the Node as its owner, so that it goes with it. May be repeated.
 */
export async function publishDns(client: KubeClient, place: DnsPlace): Promise<void> {
  await createOr(() => client.create(Services, dnsService(place.clusterIP), NAMESPACE), async () => undefined);
  const node = await client.get(Nodes, place.nodeName);
  const slice = dnsSlice(place, node.metadata.uid);
  await createOr(
    () => client.create(EndpointSlices, slice, NAMESPACE),
    async () => {
      const { endpoints, ports, metadata } = slice;
      await client.patch(EndpointSlices, metadata.name ?? '', NAMESPACE, 'application/merge-patch+json', { metadata: { labels: metadata.labels, ownerReferences: metadata.ownerReferences }, endpoints, ports });
    },
  );
}

/** Whether the Service and this node's slice are there. */
export function isPublished(nodeName: string, services: Informer<V1Service>, slices: Informer<V1EndpointSlice>): boolean {
  return services.get(`${NAMESPACE}/${NAME}`) !== undefined && slices.get(`${NAMESPACE}/${NAME}-${nodeName}`) !== undefined;
}

async function createOr(create: () => Promise<unknown>, whenPresent: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
    await whenPresent();
  }
}

function dnsService(clusterIP: string): Draft<V1Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      clusterIP,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      ],
    },
  };
}

function dnsSlice(place: DnsPlace, nodeUid: string): Draft<V1EndpointSlice> {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${NAME}-${place.nodeName}`,
      namespace: NAMESPACE,
      labels: { ...LABELS, [LABEL_SERVICE_NAME]: NAME, [LABEL_ENDPOINT_SLICE_MANAGED_BY]: DNS_ENDPOINTS_MANAGER },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: place.nodeName, uid: nodeUid }],
    },
    addressType: 'IPv4',
    ports: [
      { name: 'dns', port: place.port, protocol: 'UDP' },
      { name: 'dns-tcp', port: place.port, protocol: 'TCP' },
    ],
    endpoints: [{ addresses: [place.address], conditions: { ready: true, serving: true, terminating: false }, nodeName: place.nodeName }],
  };
}

import { isIPv4 } from 'node:net';
import type { V1Endpoint, V1EndpointSlice, V1Service } from '../api/generated/types.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** Where a packet to a Service may go. */
export interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
  /** It runs on this node. */
  readonly local: boolean;
}

/** One port of one Service as the rules need it. */
export interface ServicePort {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** `namespace/name:port`, or `namespace/name` for an unnamed port: Kubernetes' ServicePortName. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** From where the load balancer addresses may be used; empty: from everywhere. */
  readonly sourceRanges: readonly string[];
  /** Seconds of client IP affinity; 0: none. */
  readonly affinitySeconds: number;
  /** Traffic from within the cluster goes to endpoints of this node only (internalTrafficPolicy Local). */
  readonly internalLocal: boolean;
  /** Traffic from outside goes to endpoints of this node only, and keeps its source address (externalTrafficPolicy Local). */
  readonly externalLocal: boolean;
  /** 0: none. */
  readonly healthCheckNodePort: number;
  /** Of the whole cluster, narrowed only by topology hints. */
  readonly endpoints: readonly ProxyEndpoint[];
  /** Of this node, for the policies that say Local. */
  readonly localEndpoints: readonly ProxyEndpoint[];
}

const SERVICE_PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Whether this proxy carries the Service at all: it speaks IPv4 only. */
export function isProxied(service: V1Service): boolean {
  const clusterIP = service.spec?.clusterIP ?? '';
  const labels = service.metadata.labels ?? {};
  return service.spec?.type !== 'ExternalName' && isIPv4(clusterIP) && !(SERVICE_PROXY_NAME_LABEL in labels) && !(HEADLESS_LABEL in labels);
}

/** The ports of one Service with the endpoints of its slices, as seen from the node `nodeName` in the zone `zone` (undefined: none). */
export function servicePorts(service: V1Service, slices: readonly V1EndpointSlice[], nodeName: string, zone?: string): readonly ServicePort[] {
  const spec = service.spec;
  if (spec === undefined || !isProxied(service)) return [];
  const key = `${service.metadata.namespace}/${service.metadata.name}`;
  const externalLocal = spec.externalTrafficPolicy === 'Local' && spec.type !== 'ClusterIP';
  return (spec.ports ?? []).map((port) => {
    const candidates = endpointsOf(slices, port.name ?? '', nodeName);
    const usable = nearest(usableEndpoints(candidates), nodeName, zone);
    const local = usableEndpoints(candidates.filter((each) => each.local));
    return {
      service: key,
      name: port.name ? `${key}:${port.name}` : key,
      protocol: (port.protocol ?? 'TCP') as Protocol,
      clusterIP: spec.clusterIP ?? '',
      port: port.port,
      nodePort: port.nodePort ?? 0,
      externalIPs: (spec.externalIPs ?? []).filter(isIPv4),
      loadBalancerIPs: (service.status?.loadBalancer?.ingress ?? []).filter((each) => (each.ipMode ?? 'VIP') === 'VIP').flatMap((each) => (each.ip && isIPv4(each.ip) ? [each.ip] : [])),
      sourceRanges: sourceRangesOf(service),
      affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
      internalLocal: spec.internalTrafficPolicy === 'Local',
      externalLocal,
      healthCheckNodePort: externalLocal ? (spec.healthCheckNodePort ?? 0) : 0,
      endpoints: plain(usable),
      localEndpoints: plain(local),
    };
  });
}

const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** IPv4 ranges of the field, else of the annotation that was before it; empty where one of them is everything. */
function sourceRangesOf({ metadata, spec }: V1Service): readonly string[] {
  if (spec?.type !== 'LoadBalancer') return [];
  const annotated = (metadata.annotations?.[SOURCE_RANGES_ANNOTATION] ?? '').split(',');
  const ranges = (spec.loadBalancerSourceRanges?.length ? spec.loadBalancerSourceRanges : annotated).map((range) => range.trim());
  return ranges.some((range) => range.endsWith('/0')) ? [] : ranges.filter((range) => isIPv4(range.split('/')[0] ?? ''));
}

interface Candidate extends ProxyEndpoint {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

function endpointsOf(slices: readonly V1EndpointSlice[], portName: string, nodeName: string): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const port = slice.ports?.find((each) => (each.name ?? '') === portName)?.port;
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const address = endpoint.addresses[0];
      if (address === undefined) continue;
      const candidate = candidateOf(endpoint, address, port, nodeName);
      const known = found.get(`${address}:${port}`);
      // While a pod moves between slices it may stand in both; the one that serves counts.
      if (known === undefined || (!known.ready && candidate.ready)) found.set(`${address}:${port}`, candidate);
    }
  }
  return [...found.values()].sort((left, right) => left.address.localeCompare(right.address) || left.port - right.port);
}

function candidateOf(endpoint: V1Endpoint, address: string, port: number, nodeName: string): Candidate {
  const ready = endpoint.conditions?.ready ?? true;
  return {
    address,
    port,
    local: endpoint.nodeName === nodeName,
    ready,
    serving: endpoint.conditions?.serving ?? ready,
    terminating: endpoint.conditions?.terminating ?? false,
    zones: (endpoint.hints?.forZones ?? []).map((each) => each.name),
    nodes: (endpoint.hints?.forNodes ?? []).map((each) => each.name),
  };
}

/** Ready ones; where there are none, those that still serve while they terminate (KEP-1669). */
function usableEndpoints(candidates: readonly Candidate[]): readonly Candidate[] {
  const ready = candidates.filter((each) => each.ready);
  return ready.length > 0 ? ready : candidates.filter((each) => each.serving && each.terminating);
}

/** Topology hints count only among ready endpoints, when every one has one, and one is for us: first those for nodes, then those for zones (KEP-3015). */
function nearest(candidates: readonly Candidate[], nodeName: string, zone: string | undefined): readonly Candidate[] {
  const hinted = (hints: 'nodes' | 'zones', place: string | undefined): readonly Candidate[] =>
    place === undefined || candidates.some((each) => !each.ready || each[hints].length === 0) ? [] : candidates.filter((each) => each[hints].includes(place));
  const found = [hinted('nodes', nodeName), hinted('zones', zone)].find((each) => each.length > 0);
  return found ?? candidates;
}

function plain(candidates: readonly Candidate[]): readonly ProxyEndpoint[] {
  return candidates.map(({ address, port, local }) => ({ address, port, local }));
}

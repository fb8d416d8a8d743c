import type { V1IPAddress, V1Service, V1ServiceSpec } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { IP_ALLOCATOR, LABEL_IP_ADDRESS_FAMILY, LABEL_IP_ADDRESS_MANAGED_BY } from '../../api/wellKnown.ts';
import { formatTime } from '../../process/clock.ts';
import { objectKey, resourcePrefix } from '../storage/types.ts';

export const IP_ADDRESSES = { group: 'networking.k8s.io', resource: 'ipaddresses' };
export const IP_ADDRESS_PREFIX = resourcePrefix(IP_ADDRESSES);
/** One key for each node port that a Service has; its value is a `PortClaim`. */
export const NODE_PORT_PREFIX = '/registry/.gantry/nodeports/';

export const addressKey = (address: string): string => objectKey(IP_ADDRESSES, '', address);
export const portKey = (port: number): string => `${NODE_PORT_PREFIX}${port}`;

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** Whose a node port is. */
export interface PortClaim extends ServiceName {
  readonly uid: string;
}

/** What a Service holds: addresses in text form, and ports of every node. */
export interface Holdings {
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

export const NO_HOLDINGS: Holdings = { addresses: [], ports: [] };

/** The claims that belong to a Service's spec. */
export function holdingsOf(spec: V1ServiceSpec | undefined): Holdings {
  if (!spec) return NO_HOLDINGS;
  const given = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  const addresses = spec.type === 'ExternalName' ? [] : given.filter((each) => each !== '' && each !== 'None');
  const ports = usesNodePorts(spec) ? (spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []) : [];
  const health = spec.healthCheckNodePort && needsHealthCheckPort(spec) ? [spec.healthCheckNodePort] : [];
  return { addresses: [...new Set(addresses)], ports: [...new Set([...ports, ...health])] };
}

export const usesNodePorts = ({ type, allocateLoadBalancerNodePorts, ports }: V1ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && (allocateLoadBalancerNodePorts !== false || (ports ?? []).some(({ nodePort }) => Boolean(nodePort))));

export const needsHealthCheckPort = ({ type, externalTrafficPolicy }: V1ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** The object that is a claimed address; `now` is wall-clock milliseconds. */
export function addressObject(address: string, { namespace, name }: ServiceName, uid: string, now: number): V1IPAddress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: address,
      uid,
      creationTimestamp: formatTime(now),
      labels: { [LABEL_IP_ADDRESS_FAMILY]: 'IPv4', [LABEL_IP_ADDRESS_MANAGED_BY]: IP_ALLOCATOR },
      // The store sets it.
      resourceVersion: '',
    },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  };
}

/** The Service that an IPAddress refers to; undefined where it refers to something else. */
export function addressOwner(object: KubeObject): ServiceName | undefined {
  const { parentRef } = (object as V1IPAddress).spec;
  return (parentRef.group ?? '') === '' && parentRef.resource === 'services' ? { namespace: parentRef.namespace ?? '', name: parentRef.name } : undefined;
}

export const isSameService = (a: ServiceName | undefined, b: ServiceName): boolean => a !== undefined && a.namespace === b.namespace && a.name === b.name;

export const nameOf = ({ metadata }: Pick<V1Service, 'metadata'>): ServiceName => ({ namespace: metadata.namespace, name: metadata.name });

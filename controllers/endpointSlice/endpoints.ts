import type { DiscoveryV1EndpointPort, V1Endpoint, V1Node, V1Pod, V1Service, V1ServicePort } from '../../api/generated/types.ts';
import { isSidecar } from '../../api/values/podResources.ts';
import { isReady } from '../podConditions.ts';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

export const zoneOf = ({ metadata }: V1Node): string | undefined => metadata.labels?.[ZONE_LABEL];

/** Endpoints that share the same ports: pods of one Service may resolve a named port differently. */
export interface EndpointGroup {
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: readonly V1Endpoint[];
}

/** Whether a pod can stand behind a Service at all; readiness is told by the endpoint's conditions. */
export function hasEndpoint(pod: V1Pod): boolean {
  return (pod.status?.podIP ?? '') !== '' && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded';
}

/** The endpoints of a Service's pods, grouped by their ports. A Service without pods has no group. */
export function endpointGroups(service: V1Service, pods: readonly V1Pod[], nodeOf: (name: string) => V1Node | undefined): readonly EndpointGroup[] {
  const groups = new Map<string, { ports: readonly DiscoveryV1EndpointPort[]; endpoints: V1Endpoint[] }>();
  for (const pod of pods) {
    if (!hasEndpoint(pod)) continue;
    const ports = endpointPorts(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, nodeOf(pod.spec?.nodeName ?? '')));
    groups.set(key, group);
  }
  return [...groups.values()];
}

export function withoutHints(endpoint: V1Endpoint): V1Endpoint {
  const { hints: _, ...rest } = endpoint;
  return rest;
}

function endpointOf(service: V1Service, pod: V1Pod, node: V1Node | undefined): V1Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const zone = node && zoneOf(node);
  const hostname = pod.spec?.subdomain === service.metadata.name ? pod.spec.hostname : undefined;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname ? { hostname } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** A port whose name no container of the pod has is left out (Kubernetes' FindPort). */
function endpointPorts(service: V1Service, pod: V1Pod): readonly DiscoveryV1EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    if (number === undefined) return [];
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP', ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) }];
  });
}

export function targetPort(port: V1ServicePort, pod: V1Pod): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter(isSidecar)];
  return containers.flatMap((container) => container.ports ?? []).find((each) => each.name === target && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.containerPort;
}

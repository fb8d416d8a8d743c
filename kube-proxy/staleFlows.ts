import type { FlowFilter } from '../host/conntrack.ts';
import type { ServicePort } from './servicePorts.ts';

/**
 * Which UDP flows the kernel must forget after the rules changed: it would go on sending an established flow to an endpoint that is
 * gone, or refuse one that found no endpoint at its first packet.
 */
export function staleFlows(before: readonly ServicePort[], after: readonly ServicePort[]): readonly FlowFilter[] {
  const next = new Map(after.map((port) => [identity(port), port]));
  const flows: FlowFilter[] = [];
  for (const port of before.filter((each) => each.protocol === 'UDP')) {
    const now = next.get(identity(port));
    const kept = new Set((now ? allEndpoints(now) : []).map((endpoint) => `${endpoint.address}:${endpoint.port}`));
    const gone = allEndpoints(port).filter((endpoint) => !kept.has(`${endpoint.address}:${endpoint.port}`));
    for (const endpoint of gone) flows.push(...entrances(port).map((entrance) => ({ ...entrance, natDestination: endpoint.address })));
  }
  const previous = new Map(before.map((port) => [identity(port), port]));
  for (const port of after.filter((each) => each.protocol === 'UDP' && allEndpoints(each).length > 0)) {
    const was = previous.get(identity(port));
    if (was === undefined || allEndpoints(was).length === 0) flows.push(...entrances(port));
  }
  return [...new Map(flows.map((flow) => [JSON.stringify(flow), flow])).values()];
}

function entrances(port: ServicePort): readonly FlowFilter[] {
  return [
    ...[port.clusterIP, ...port.externalIPs, ...port.loadBalancerIPs].map((address) => ({ protocol: 'udp' as const, originalDestination: address })),
    ...(port.nodePort > 0 ? [{ protocol: 'udp' as const, originalPort: port.nodePort }] : []),
  ];
}

const allEndpoints = (port: ServicePort): ServicePort['endpoints'] => [...port.endpoints, ...(port.externalLocal ? port.localEndpoints : [])];
const identity = (port: ServicePort): string => `${port.name}/${port.protocol}/${port.clusterIP}`;

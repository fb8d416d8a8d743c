import type { Flow } from '../host/conntrack.ts';
import type { ProxyEndpoint, ServicePort } from './servicePorts.ts';

/**
 * Which of the kernel's UDP flows go where the Services' rules would not send them: to an endpoint that is gone, or past the endpoints
 * because there were none at the first packet. The kernel asks the rules for the first packet of a flow only, so it must forget these.
 * Without duplicates; `ports` of a Service that is gone are given without endpoints, `nodeAddresses` are where node ports answer.
 */
export function staleFlows(flows: readonly Flow[], ports: readonly ServicePort[], nodeAddresses: ReadonlySet<string>): readonly Flow[] {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const port of ports.filter((each) => each.protocol === 'UDP')) {
    byAddress.set(`${port.clusterIP}:${port.port}`, named(port.internalLocal ? port.localEndpoints : port.endpoints));
    const external = named(port.externalLocal ? [...port.endpoints, ...port.localEndpoints] : port.endpoints);
    for (const address of [...port.externalIPs, ...port.loadBalancerIPs]) byAddress.set(`${address}:${port.port}`, external);
    if (port.nodePort > 0) byNodePort.set(port.nodePort, external);
  }
  const stale = new Map<string, Flow>();
  for (const flow of flows) {
    const { destination, destinationPort, replySource, replySourcePort } = flow;
    const allowed = byAddress.get(`${destination}:${destinationPort}`) ?? (nodeAddresses.has(destination) ? byNodePort.get(destinationPort) : undefined);
    const goes = `${replySource}:${replySourcePort}`;
    if (allowed && !allowed.has(goes)) stale.set(`${destination}:${destinationPort} ${goes}`, flow);
  }
  return [...stale.values()];
}

const named = (endpoints: readonly ProxyEndpoint[]): ReadonlySet<string> => new Set(endpoints.map(({ address, port }) => `${address}:${port}`));

import { clusterChain, endpointChain, externalChain, localChain } from './chains.ts';
import type { ProxyEndpoint, ServicePort } from './servicePorts.ts';

/** What one ServicePort needs in iptables: chains of its own, and rules in the chains that all share. */
export interface PortRules {
  /** Chains of the nat table that belong to this port alone, with their rules in order. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Rules of nat KUBE-SERVICES; their order among each other does not matter. */
  readonly services: readonly string[];
  /** Rules of nat KUBE-NODEPORTS. */
  readonly nodePorts: readonly string[];
  /** Rules of filter KUBE-SERVICES: refusals for cluster IPs without endpoints. */
  readonly refusals: readonly string[];
  /** Rules of filter KUBE-EXTERNAL-SERVICES: refusals for node ports and external addresses without endpoints. */
  readonly externalRefusals: readonly string[];
}

export interface RuleSettings {
  /** The pods' range; other sources that use a cluster IP are masqueraded. */
  readonly clusterCIDR: string;
}

/** The rules of one ServicePort, in the form that kube-proxy's iptables mode has them. */
export function portRules(port: ServicePort, settings: RuleSettings): PortRules {
  const target = destinations(port);
  if (port.endpoints.length === 0 && (!port.externalLocal || port.localEndpoints.length === 0)) {
    return { chains: new Map(), services: [], nodePorts: [], refusals: target.cluster.map((match) => reject(port, match)), externalRefusals: target.external.map((match) => reject(port, match)) };
  }
  const spread = clusterChain(port.name, port.protocol);
  const outside = externalChain(port.name, port.protocol);
  const isExternal = target.external.length > 0;
  const chains = new Map<string, readonly string[]>();
  for (const endpoint of unique([...port.endpoints, ...(isExternal && port.externalLocal ? port.localEndpoints : [])])) {
    chains.set(chainOf(port, endpoint), endpointRules(port, endpoint));
  }
  if (port.endpoints.length > 0) {
    const masquerade = `-m comment --comment ${quote(`${port.name} cluster IP`)} ${target.cluster[0]!} ! -s ${settings.clusterCIDR} -j KUBE-MARK-MASQ`;
    chains.set(spread, [masquerade, ...spreadRules(port, port.endpoints)]);
  }
  if (isExternal) chains.set(outside, externalRules(port, settings, chains));
  return {
    chains,
    services: [
      ...(port.endpoints.length > 0 ? target.cluster.map((match) => `-m comment --comment ${quote(`${port.name} cluster IP`)} ${match} -j ${spread}`) : []),
      ...target.addresses.map(({ label, match }) => `-m comment --comment ${quote(`${port.name} ${label}`)} ${match} -j ${outside}`),
    ],
    nodePorts: port.nodePort > 0 ? [`-m comment --comment ${quote(port.name)} ${protocolOf(port)} --dport ${port.nodePort} -j ${outside}`] : [],
    refusals: port.endpoints.length > 0 ? [] : target.cluster.map((match) => reject(port, match)),
    externalRefusals: port.externalLocal && port.localEndpoints.length === 0 ? target.external.map((match) => `-m comment --comment ${quote(`${port.name} has no local endpoints`)} ${match} -j DROP`) : [],
  };
}

interface Destinations {
  readonly cluster: readonly string[];
  readonly addresses: readonly { readonly label: string; readonly match: string }[];
  /** Everything by which traffic from outside may come. */
  readonly external: readonly string[];
}

function destinations(port: ServicePort): Destinations {
  const to = (address: string): string => `${protocolOf(port)} -d ${address} --dport ${port.port}`;
  const addresses = [
    ...port.externalIPs.map((address) => ({ label: 'external IP', match: to(address) })),
    ...port.loadBalancerIPs.map((address) => ({ label: 'loadbalancer IP', match: to(address) })),
  ];
  const nodePort = port.nodePort > 0 ? [`-m addrtype --dst-type LOCAL ${protocolOf(port)} --dport ${port.nodePort}`] : [];
  return { cluster: [to(port.clusterIP)], addresses, external: [...addresses.map(({ match }) => match), ...nodePort] };
}

function reject(port: ServicePort, match: string): string {
  return `-m comment --comment ${quote(`${port.name} has no endpoints`)} ${match} -j REJECT`;
}

/** Traffic from outside is masqueraded, so that answers come back this way; with externalTrafficPolicy Local it stays on this node instead. */
function externalRules(port: ServicePort, settings: RuleSettings, chains: Map<string, readonly string[]>): readonly string[] {
  const spread = clusterChain(port.name, port.protocol);
  const comment = (text: string): string => `-m comment --comment ${quote(`${text} ${port.name} external destinations`)}`;
  if (!port.externalLocal) return [`${comment('masquerade traffic for')} -j KUBE-MARK-MASQ`, `-j ${spread}`];
  const rules: string[] = [];
  if (port.endpoints.length > 0) {
    rules.push(`${comment('pod traffic for')} -s ${settings.clusterCIDR} -j ${spread}`);
    rules.push(`${comment('masquerade LOCAL traffic for')} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`);
    rules.push(`${comment('route LOCAL traffic for')} -m addrtype --src-type LOCAL -j ${spread}`);
  }
  if (port.localEndpoints.length > 0) {
    const local = localChain(port.name, port.protocol);
    chains.set(local, spreadRules(port, port.localEndpoints));
    rules.push(`-j ${local}`);
  }
  return rules;
}

/** Each endpoint gets the same share: of n that are left, the next is taken with probability 1/n. */
function spreadRules(port: ServicePort, endpoints: readonly ProxyEndpoint[]): readonly string[] {
  const comment = (endpoint: ProxyEndpoint): string => `-m comment --comment ${quote(`${port.name} -> ${addressOf(endpoint)}`)}`;
  const sticky =
    port.affinitySeconds === 0
      ? []
      : endpoints.map((endpoint) => `-m comment --comment ${quote(port.name)} -m recent --name ${chainOf(port, endpoint)} --rcheck --seconds ${port.affinitySeconds} --reap -j ${chainOf(port, endpoint)}`);
  const shares = endpoints.map((endpoint, index) => {
    const left = endpoints.length - index;
    const share = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
    return `${comment(endpoint)}${share} -j ${chainOf(port, endpoint)}`;
  });
  return [...sticky, ...shares];
}

/** A pod that reaches itself through its Service must see another source address, or its answer would never leave it (hairpin). */
function endpointRules(port: ServicePort, endpoint: ProxyEndpoint): readonly string[] {
  const comment = `-m comment --comment ${quote(port.name)}`;
  const affinity = port.affinitySeconds > 0 ? `-m recent --name ${chainOf(port, endpoint)} --set ` : '';
  return [`${comment} -s ${endpoint.address} -j KUBE-MARK-MASQ`, `${comment} ${affinity}${protocolOf(port)} -j DNAT --to-destination ${addressOf(endpoint)}`];
}

const addressOf = (endpoint: ProxyEndpoint): string => `${endpoint.address}:${endpoint.port}`;
const chainOf = (port: ServicePort, endpoint: ProxyEndpoint): string => endpointChain(port.name, port.protocol, addressOf(endpoint));
const quote = (text: string): string => `"${text}"`;

function protocolOf(port: ServicePort): string {
  const name = port.protocol.toLowerCase();
  return `-m ${name} -p ${name}`;
}

function unique(endpoints: readonly ProxyEndpoint[]): readonly ProxyEndpoint[] {
  return [...new Map(endpoints.map((endpoint) => [addressOf(endpoint), endpoint])).values()];
}

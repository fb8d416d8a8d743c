import { clusterChain, endpointChain, externalChain, firewallChain, localChain } from './chains.ts';
import type { ProxyEndpoint, ServicePort } from './servicePorts.ts';

/** What one ServicePort needs in iptables: chains of its own, and rules in the chains that all share. */
export interface PortRules {
  /** Chains of the nat table that belong to this port alone, with their rules in order. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Rules of nat KUBE-SERVICES; their order among each other does not matter. */
  readonly services: readonly string[];
  /** Rules of nat KUBE-NODEPORTS. */
  readonly nodePorts: readonly string[];
  /** Rules of filter KUBE-SERVICES: what becomes of traffic to a cluster IP that no endpoint may take. */
  readonly refusals: readonly string[];
  /** Rules of filter KUBE-EXTERNAL-SERVICES: the same for node ports and external addresses. */
  readonly externalRefusals: readonly string[];
  /** Rules of filter KUBE-PROXY-FIREWALL: what came to a load balancer address from where it may not. */
  readonly firewall: readonly string[];
}

export interface RuleSettings {
  /** The pods' range; other sources that use a cluster IP are masqueraded. */
  readonly clusterCIDR: string;
  /** Whether pods that use a cluster IP are masqueraded, too. */
  readonly masqueradeAll: boolean;
}

/** An endpoint with the chain that sends to it. */
interface Target {
  readonly address: string;
  readonly to: string;
  readonly chain: string;
}

/** The rules of one ServicePort, in the form that kube-proxy's iptables mode has them. */
export function portRules(port: ServicePort, settings: RuleSettings): PortRules {
  const to = destinations(port);
  const all = port.endpoints.map((endpoint) => targetOf(port, endpoint));
  const local = port.internalLocal || port.externalLocal ? port.localEndpoints.map((endpoint) => targetOf(port, endpoint)) : [];
  const inside = port.internalLocal ? local : all;
  const outside = port.externalLocal ? local : all;
  const isExternal = to.external.length > 0;

  const chains = new Map<string, readonly string[]>();
  const spread = clusterChain(port.name, port.protocol);
  const spreadLocally = localChain(port.name, port.protocol);
  const enter = externalChain(port.name, port.protocol);
  const masquerade = `-m comment --comment ${quote(`${port.name} cluster IP`)} ${to.cluster}${settings.masqueradeAll ? '' : ` ! -s ${settings.clusterCIDR}`} -j KUBE-MARK-MASQ`;
  const usesAll = all.length > 0 && (!port.internalLocal || isExternal);
  const usesLocal = local.length > 0 && (port.internalLocal || isExternal);
  for (const target of [...(usesAll ? all : []), ...(usesLocal ? local : [])]) chains.set(target.chain, endpointRules(port, target));
  if (usesAll) chains.set(spread, [...(port.internalLocal ? [] : [masquerade]), ...spreadRules(port, all)]);
  if (usesLocal) chains.set(spreadLocally, [...(port.internalLocal ? [masquerade] : []), ...spreadRules(port, local)]);
  const hasEntrance = isExternal && (usesAll || (port.externalLocal && usesLocal));
  if (hasEntrance) chains.set(enter, externalRules(port, settings, usesAll ? spread : undefined, usesLocal ? spreadLocally : undefined));

  const firewall = firewallChain(port.name, port.protocol);
  const isGuarded = hasEntrance && port.sourceRanges.length > 0 && to.loadBalancers.length > 0;
  if (isGuarded) chains.set(firewall, firewallRules(port, enter));

  const refusal = all.length + local.length === 0 ? NO_ENDPOINTS : NO_LOCAL_ENDPOINTS;
  return {
    chains,
    services: [
      ...(inside.length > 0 ? [`-m comment --comment ${quote(`${port.name} cluster IP`)} ${to.cluster} -j ${port.internalLocal ? spreadLocally : spread}`] : []),
      ...(hasEntrance ? to.addresses.map(({ label, match }) => `-m comment --comment ${quote(`${port.name} ${label}`)} ${match} -j ${isGuarded && label === LOAD_BALANCER ? firewall : enter}`) : []),
    ],
    nodePorts: hasEntrance && port.nodePort > 0 ? [`-m comment --comment ${quote(port.name)} ${protocolOf(port)} --dport ${port.nodePort} -j ${enter}`] : [],
    refusals: inside.length > 0 ? [] : [refuse(port, refusal, to.cluster)],
    externalRefusals: outside.length > 0 ? [] : to.external.map((match) => refuse(port, refusal, match)),
    firewall: isGuarded ? to.loadBalancers.map((match) => `-m comment --comment ${quote(`${port.name} traffic not accepted by ${firewall}`)} ${match} -j DROP`) : [],
  };
}

/** Nobody serves: the client is told at once. Somebody serves, but not on this node: no answer, so that a load balancer that is late asks again elsewhere. */
const NO_ENDPOINTS = { reason: 'has no endpoints', verdict: 'REJECT' } as const;
const NO_LOCAL_ENDPOINTS = { reason: 'has no local endpoints', verdict: 'DROP' } as const;

function refuse(port: ServicePort, { reason, verdict }: typeof NO_ENDPOINTS | typeof NO_LOCAL_ENDPOINTS, match: string): string {
  // A reset is not subject to the kernel's limit of ICMP errors, which would keep a client that tries often waiting.
  const how = verdict === 'REJECT' && port.protocol === 'TCP' ? ' --reject-with tcp-reset' : '';
  return `-m comment --comment ${quote(`${port.name} ${reason}`)} ${match} -j ${verdict}${how}`;
}

const LOAD_BALANCER = 'loadbalancer IP';

interface Destinations {
  readonly cluster: string;
  readonly addresses: readonly { readonly label: string; readonly match: string }[];
  readonly loadBalancers: readonly string[];
  /** Everything by which traffic from outside may come. */
  readonly external: readonly string[];
}

function destinations(port: ServicePort): Destinations {
  const to = (address: string): string => `${protocolOf(port)} -d ${address} --dport ${port.port}`;
  const addresses = [
    ...port.externalIPs.map((address) => ({ label: 'external IP', match: to(address) })),
    ...port.loadBalancerIPs.map((address) => ({ label: LOAD_BALANCER, match: to(address) })),
  ];
  const loadBalancers = port.loadBalancerIPs.map(to);
  const nodePort = port.nodePort > 0 ? [`-m addrtype --dst-type LOCAL ${protocolOf(port)} --dport ${port.nodePort}`] : [];
  return { cluster: to(port.clusterIP), addresses, loadBalancers, external: [...addresses.map(({ match }) => match), ...nodePort] };
}

/**
 * Traffic from outside is masqueraded, so that answers come back this way. With externalTrafficPolicy Local it stays on this node
 * instead, and keeps its source; pods and the node itself are no outsiders and are sent to all endpoints.
 */
function externalRules(port: ServicePort, settings: RuleSettings, spread: string | undefined, spreadLocally: string | undefined): readonly string[] {
  const comment = (text: string): string => `-m comment --comment ${quote(`${text} ${port.name} external destinations`)}`;
  if (!port.externalLocal) return [`${comment('masquerade traffic for')} -j KUBE-MARK-MASQ`, `-j ${spread}`];
  const insiders = [
    `${comment('pod traffic for')} -s ${settings.clusterCIDR} -j ${spread}`,
    `${comment('masquerade LOCAL traffic for')} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    `${comment('route LOCAL traffic for')} -m addrtype --src-type LOCAL -j ${spread}`,
  ];
  return [...(spread === undefined ? [] : insiders), ...(spreadLocally === undefined ? [] : [`-j ${spreadLocally}`])];
}

/** Who may enter goes on; the others leave this chain with their destination unchanged, and are dropped by KUBE-PROXY-FIREWALL. */
function firewallRules(port: ServicePort, enter: string): readonly string[] {
  const comment = `-m comment --comment ${quote(`${port.name} loadbalancer IP`)}`;
  return [
    ...port.sourceRanges.map((range) => `${comment} -s ${range} -j ${enter}`),
    `-m comment --comment ${quote(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`)}`,
  ];
}

/** Each endpoint gets the same share: of n that are left, the next is taken with probability 1/n. */
function spreadRules(port: ServicePort, targets: readonly Target[]): readonly string[] {
  const sticky = targets.map(({ to, chain }) => `-m comment --comment ${quote(`${port.name} -> ${to}`)} -m recent --name ${chain} --rcheck --seconds ${port.affinitySeconds} --reap -j ${chain}`);
  const shares = targets.map(({ to, chain }, index) => {
    const left = targets.length - index;
    const share = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
    return `-m comment --comment ${quote(`${port.name} -> ${to}`)}${share} -j ${chain}`;
  });
  return port.affinitySeconds > 0 ? [...sticky, ...shares] : shares;
}

/** A pod that reaches itself through its Service must see another source address, or its answer would never leave it (hairpin). */
function endpointRules(port: ServicePort, { address, to, chain }: Target): readonly string[] {
  const comment = `-m comment --comment ${quote(port.name)}`;
  const affinity = port.affinitySeconds > 0 ? `-m recent --name ${chain} --set ` : '';
  return [`${comment} -s ${address} -j KUBE-MARK-MASQ`, `${comment} ${affinity}${protocolOf(port)} -j DNAT --to-destination ${to}`];
}

function targetOf(port: ServicePort, endpoint: ProxyEndpoint): Target {
  const to = `${endpoint.address}:${endpoint.port}`;
  return { address: endpoint.address, to, chain: endpointChain(port.name, port.protocol, to) };
}

const quote = (text: string): string => `"${text}"`;

function protocolOf(port: ServicePort): string {
  const name = port.protocol.toLowerCase();
  return `-m ${name} -p ${name}`;
}

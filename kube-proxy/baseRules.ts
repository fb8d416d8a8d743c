import type { Table } from '../host/iptables.ts';

/** The ranges and limits that the fixed rules need. */
export interface BaseSettings {
  /** All pods' range. */
  readonly clusterCIDR: string;
  /** The virtual addresses' range. */
  readonly serviceCIDR: string;
  /** Ranges of this host's addresses at which node ports answer; empty: all of them. */
  readonly nodePortAddresses: readonly string[];
}

/** A chain of ours, or a jump from a chain of the kernel's; `table` is where it stands. */
export interface FixedChain {
  readonly table: Table;
  readonly chain: string;
  readonly rules: readonly string[];
}

export interface Jump {
  readonly table: Table;
  readonly from: string;
  readonly rule: string;
}

/** Set on packets that must leave with this node's address. */
const MASQUERADE_MARK = '0x4000';

/** The chains whose rules come and go with Services; they are filled by `ruleSet.ts`. */
export const SHARED_CHAINS = {
  services: { table: 'nat', chain: 'KUBE-SERVICES' },
  nodePorts: { table: 'nat', chain: 'KUBE-NODEPORTS' },
  refusals: { table: 'filter', chain: 'KUBE-SERVICES' },
  externalRefusals: { table: 'filter', chain: 'KUBE-EXTERNAL-SERVICES' },
  firewall: { table: 'filter', chain: 'KUBE-PROXY-FIREWALL' },
} as const satisfies Record<string, { table: Table; chain: string }>;

/** Must be the last rules of nat KUBE-SERVICES: what no cluster IP and no external address took may be for a node port. */
function nodePortEntrances({ nodePortAddresses }: BaseSettings): readonly string[] {
  const rule = (to: string): string => `-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"${to} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`;
  return nodePortAddresses.length === 0 ? [rule('')] : nodePortAddresses.map((range) => rule(` -d ${range}`));
}

/** An empty chain whose absence tells that somebody flushed the tables. */
export const CANARY_CHAIN = 'KUBE-PROXY-CANARY';

/**
 * Chains with the same rules at all times. GANTRY-FORWARD lets pod traffic pass a FORWARD policy of DROP (Docker's), and keeps packets
 * for a virtual address that no Service has from leaving the node: whatever still bears such an address after nat was nobody's.
 */
function fixedChains(settings: BaseSettings): readonly FixedChain[] {
  const unclaimed = ['-p tcp -j REJECT --reject-with tcp-reset', '-j REJECT'].map((refuse) => `-m comment --comment "no service has this address" -d ${settings.serviceCIDR} ${refuse}`);
  return [
    { table: 'nat', chain: CANARY_CHAIN, rules: [] },
    { table: 'filter', chain: CANARY_CHAIN, rules: [] },
    { table: 'nat', chain: 'KUBE-MARK-MASQ', rules: [`-j MARK --or-mark ${MASQUERADE_MARK}`] },
    {
      table: 'nat',
      chain: 'KUBE-POSTROUTING',
      rules: [
        `-m mark ! --mark ${MASQUERADE_MARK}/${MASQUERADE_MARK} -j RETURN`,
        `-j MARK --xor-mark ${MASQUERADE_MARK}`,
        '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
      ],
    },
    {
      table: 'filter',
      chain: 'KUBE-FORWARD',
      rules: [
        '-m conntrack --ctstate INVALID -j DROP',
        `-m comment --comment "kubernetes forwarding rules" -m mark --mark ${MASQUERADE_MARK}/${MASQUERADE_MARK} -j ACCEPT`,
        '-m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ],
    },
    { table: 'filter', chain: 'GANTRY-FORWARD', rules: [...unclaimed, `-s ${settings.clusterCIDR} -j ACCEPT`, `-d ${settings.clusterCIDR} -j ACCEPT`] },
    { table: 'filter', chain: 'GANTRY-OUTPUT', rules: unclaimed },
    {
      table: 'filter',
      chain: 'KUBE-FIREWALL',
      rules: [
        '-m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
      ],
    },
  ];
}

/** What stands whatever Services there are. */
export interface FixedRules {
  readonly chains: readonly FixedChain[];
  /** The end of nat KUBE-SERVICES. */
  readonly nodePortEntrances: readonly string[];
}

export const fixedRules = (settings: BaseSettings): FixedRules => ({ chains: fixedChains(settings), nodePortEntrances: nodePortEntrances(settings) });

/** Jumps from the kernel's chains into ours, in the order in which they must stand at the top. */
export const JUMPS: readonly Jump[] = [
  { table: 'nat', from: 'PREROUTING', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', from: 'OUTPUT', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', from: 'POSTROUTING', rule: '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING' },
  { table: 'filter', from: 'INPUT', rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL' },
  { table: 'filter', from: 'INPUT', rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES' },
  { table: 'filter', from: 'INPUT', rule: '-j KUBE-FIREWALL' },
  { table: 'filter', from: 'FORWARD', rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL' },
  { table: 'filter', from: 'FORWARD', rule: '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD' },
  { table: 'filter', from: 'FORWARD', rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'filter', from: 'FORWARD', rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES' },
  { table: 'filter', from: 'FORWARD', rule: '-m comment --comment "gantry forwarding rules" -j GANTRY-FORWARD' },
  { table: 'filter', from: 'OUTPUT', rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL' },
  { table: 'filter', from: 'OUTPUT', rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'filter', from: 'OUTPUT', rule: '-m comment --comment "gantry output rules" -j GANTRY-OUTPUT' },
  { table: 'filter', from: 'OUTPUT', rule: '-j KUBE-FIREWALL' },
];

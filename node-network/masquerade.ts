import { chainsIn, rulesOf } from '../host/iptables.ts';

/** Who may leave the cluster with this node's address, and what stays as it is. */
export interface MasqueradeSettings {
  readonly clusterCIDR: string;
  /** Other destinations that see pods' own addresses (ip-masq-agent's nonMasqueradeCIDRs). */
  readonly nonMasqueradeCIDRs: readonly string[];
  /** The VXLAN device. */
  readonly device: string;
}

const CHAIN = 'GANTRY-POSTROUTING';
const JUMP = '-m comment --comment "gantry postrouting rules" -j GANTRY-POSTROUTING';
const MULTICAST = '224.0.0.0/4';

/**
 * The chain's rules: pods reach pods with their own address, on every node; what this node's pods send elsewhere bears the node's. The
 * host's own packets enter a tunnel only with its device's address, or the answer would come by another way.
 */
export function masqueradeRules(podCIDRs: readonly string[], { clusterCIDR, nonMasqueradeCIDRs, device }: MasqueradeSettings): readonly string[] {
  return [
    `-m comment --comment "the host's own packets to other nodes' pods" -o ${device} -m addrtype --src-type LOCAL ! -s ${clusterCIDR} -j MASQUERADE --random-fully`,
    ...[clusterCIDR, MULTICAST, ...nonMasqueradeCIDRs].map((range) => `-d ${range} -j RETURN`),
    ...podCIDRs.map((podCIDR) => `-m comment --comment "pod traffic that leaves the cluster" -s ${podCIDR} -m addrtype ! --dst-type LOCAL -j MASQUERADE --random-fully`),
  ];
}

/** The `iptables-restore` input that makes the chain hold these rules, and POSTROUTING lead to it, given the nat table as it stands. */
export function masqueradeInput(rules: readonly string[], saved: string): string {
  const isJumped = rulesOf(saved, ['POSTROUTING']).get('POSTROUTING')!.some((rule) => rule.endsWith(`-j ${CHAIN}`));
  return ['*nat', `:${CHAIN} - [0:0]`, ...rules.map((rule) => `-A ${CHAIN} ${rule}`), ...(isJumped ? [] : [`-A POSTROUTING ${JUMP}`]), 'COMMIT', ''].join('\n');
}

/** Whether as many rules stand as there should be, and are reached; somebody may have flushed the table. */
export function masqueradeStands(rules: readonly string[], saved: string): boolean {
  const standing = rulesOf(saved, ['POSTROUTING', CHAIN]);
  return chainsIn(saved).has(CHAIN) && standing.get(CHAIN)!.length === rules.length && standing.get('POSTROUTING')!.some((rule) => rule.endsWith(`-j ${CHAIN}`));
}

/** The input that takes chain and jump away; `''` where they are not. */
export function masqueradeRemoval(saved: string): string {
  if (!chainsIn(saved).has(CHAIN)) return '';
  const jumps = rulesOf(saved, ['POSTROUTING']).get('POSTROUTING')!.filter((rule) => rule.endsWith(`-j ${CHAIN}`));
  return ['*nat', `:${CHAIN} - [0:0]`, ...jumps.map((rule) => `-D POSTROUTING ${rule}`), `-X ${CHAIN}`, 'COMMIT', ''].join('\n');
}

import { isIPv4 } from 'node:net';
import type { V1Node } from '../api/generated/types.ts';
import { parseSubnet, subnetText } from './subnet.ts';

/** What of a Node matters for the way to its pods. */
export interface Peer {
  readonly name: string;
  /** Its InternalIP. */
  readonly address: string;
  /** IPv4 only, in the kernel's form. */
  readonly podCIDRs: readonly string[];
}

/** Undefined until the node has told its address. */
export function peerOf({ metadata, spec, status }: V1Node): Peer | undefined {
  const address = status?.addresses?.find((each) => each.type === 'InternalIP' && isIPv4(each.address))?.address;
  if (address === undefined) return undefined;
  const podCIDRs = (spec?.podCIDRs?.length ? spec.podCIDRs : [spec?.podCIDR ?? '']).flatMap((text) => {
    const subnet = parseSubnet(text);
    return subnet === undefined ? [] : [subnetText(subnet)];
  });
  return { name: metadata.name, address, podCIDRs };
}

/**
 * The peers of these nodes. While a node that is going and the one that took over its subnet are both there, the
 * subnet is the newer one's.
 */
export function peersOf(nodes: readonly V1Node[]): readonly Peer[] {
  const taken = new Set<string>();
  const newestFirst = nodes.toSorted((left, right) => stampOf(right).localeCompare(stampOf(left)) || left.metadata.name.localeCompare(right.metadata.name));
  return newestFirst.flatMap((node) => {
    const peer = peerOf(node);
    if (peer === undefined) return [];
    const podCIDRs = peer.podCIDRs.filter((each) => !taken.has(each));
    for (const each of podCIDRs) taken.add(each);
    return [{ ...peer, podCIDRs }];
  });
}

const stampOf = ({ metadata }: V1Node): string => metadata.creationTimestamp ?? '';

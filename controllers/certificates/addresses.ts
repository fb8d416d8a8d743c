import { BlockList, isIP } from 'node:net';
import type { V1Node } from '../../api/generated/types.ts';

/** The IP addresses that a node's status tells. */
export function addressesOf({ status }: V1Node): readonly string[] {
  return (status?.addresses ?? []).map(({ address }) => address).filter((address) => isIP(address) !== 0);
}

/** Whether a range such as `10.96.0.0/12`, or one of several behind commas, holds the address. */
export function rangeContains(ranges: string, address: string): boolean {
  const list = new BlockList();
  for (const range of ranges.split(',')) {
    const [start = '', length = ''] = range.split('/');
    list.addSubnet(start, Number(length), familyOf(start));
  }
  return list.check(address, familyOf(address));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

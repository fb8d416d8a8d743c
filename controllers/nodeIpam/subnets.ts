import type { V1Node } from '../../api/generated/types.ts';

/** What a node carries: `spec.podCIDRs`, or `spec.podCIDR` where that is all. */
export function subnetsOf({ spec }: V1Node): readonly string[] {
  return spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
}

/** The lowest subnet of this prefix length that overlaps none of those taken, or undefined when the range (IPv4, e.g. `10.244.0.0/16`) is exhausted. */
export function freeSubnet(range: string, prefixLength: number, taken: Iterable<string>): string | undefined {
  const { start, size: whole } = parseSubnet(range);
  const size = 2 ** (32 - prefixLength);
  const count = Math.floor(whole / size);
  const occupied = new Set<number>();
  for (const subnet of taken) {
    const other = parseSubnet(subnet);
    const first = Math.max(0, Math.floor((other.start - start) / size));
    const last = Math.min(count - 1, Math.floor((other.start + other.size - 1 - start) / size));
    for (let index = first; index <= last; index += 1) occupied.add(index);
  }
  for (let index = 0; index < count; index += 1) if (!occupied.has(index)) return `${dotted(start + index * size)}/${prefixLength}`;
  return undefined;
}

function parseSubnet(subnet: string): { readonly start: number; readonly size: number } {
  const [address = '', length = '32'] = subnet.split('/');
  return { start: address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), size: 2 ** (32 - Number(length)) };
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

import { isIPv4 } from 'node:net';

/** A range of IPv4 addresses; `network` has no bits set beyond the first `bits`. */
export interface Subnet {
  readonly network: number;
  readonly bits: number;
}

/** Reads `10.244.1.0/24`; undefined for everything else, IPv6 too. Bits of the host part are dropped. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', length = ''] = text.split('/');
  const bits = Number(length);
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || bits > 32) return undefined;
  return { network: masked(addressNumber(address), bits), bits };
}

/** Whether an address, or the whole of a smaller range, is within the range. */
export function covers(range: Subnet, inner: string): boolean {
  const subnet = parseSubnet(inner.includes('/') ? inner : `${inner}/32`);
  return subnet !== undefined && subnet.bits >= range.bits && masked(subnet.network, range.bits) === range.network;
}

/** `10.244.1.0` of the range 10.244.1.0/24. */
export const networkAddress = ({ network }: Subnet): string => [24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join('.');

export const subnetText = (subnet: Subnet): string => `${networkAddress(subnet)}/${subnet.bits}`;

/** The address as 32 bits. */
export const addressNumber = (address: string): number => address.split('.').reduce((number, part) => ((number << 8) | Number(part)) >>> 0, 0);

const masked = (number: number, bits: number): number => (bits === 0 ? 0 : (number & (0xffff_ffff << (32 - bits))) >>> 0);

import { maskOf, parseAddress, type Address } from '../cel/values/address.ts';

/** A network of either family, `10.96.0.0/12`; what stands right of the prefix in its address is zero. */
export interface IpPrefix {
  readonly network: Address;
  readonly length: number;
}

const widthOf = ({ family }: Address): number => (family === 4 ? 32 : 128);

/** An address of either family; undefined for what is none. */
export function parseIp(text: string): Address | undefined {
  const address = parseAddress(text);
  return typeof address === 'string' ? undefined : address;
}

/** Undefined for what is no network in CIDR notation. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const [before = '', after = '', ...rest] = text.split('/');
  const address = parseIp(before);
  if (!address || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(after) || Number(after) > widthOf(address)) return undefined;
  const length = Number(after);
  return { network: { ...address, bits: address.bits & maskOf(address.family, length) }, length };
}

/** Whether all addresses of `inner` are in `outer`, as they are where both are the same. */
export const containsPrefix = (outer: IpPrefix, inner: IpPrefix): boolean => inner.length >= outer.length && covers(outer, inner.network);

/** Whether an address can be given out of a network: the network's own address and, with IPv4, its last one never are. */
export function offersAddress(prefix: IpPrefix, address: Address): boolean {
  if (!covers(prefix, address) || address.bits === prefix.network.bits) return false;
  const host = address.bits - prefix.network.bits;
  return address.family === 6 || host !== (1n << BigInt(widthOf(address) - prefix.length)) - 1n;
}

const covers = ({ network, length }: IpPrefix, { family, bits }: Address): boolean => family === network.family && (bits & maskOf(family, length)) === network.bits;

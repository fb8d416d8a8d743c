import { isIPv4, isIPv6 } from 'node:net';
import { addressFault } from './addressFault.ts';

/** An IP address as a number. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** The address that a text is, or why it is none, as `netip.ParseAddr` says. A zone is left out of the address. */
export function readAddress(text: string): Address | string {
  if (isIPv4(text)) return { family: 4, bits: text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
  const [plain = '', zone] = text.split('%', 2);
  if (zone === '' || !isIPv6(plain)) return `ParseAddr(${JSON.stringify(text)}): ${addressFault(text)}`;
  return { family: 6, bits: bitsOf(plain) };
}

/** As `readAddress`; zones and IPv4 in IPv6 are refused, too, as Kubernetes does. */
export function parseAddress(text: string): Address | string {
  const address = readAddress(text);
  if (typeof address === 'string') return address;
  if (text.includes('%')) return `IP address ${JSON.stringify(text)} with zone value is not allowed`;
  return isMapped(address) ? `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed` : address;
}

/** Whether it is an IPv4 address in the form of IPv6 (`::ffff:1.2.3.4`). */
export const isMapped = ({ family, bits }: Address): boolean => family === 6 && bits >> 32n === 0xffffn;

function bitsOf(text: string): bigint {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high: string | undefined, low: string | undefined): string => ((Number(high) << 8) | Number(low)).toString(16);
  const plain = dotted ? `${text.slice(0, dotted.index)}${hex(dotted[1], dotted[2])}:${hex(dotted[3], dotted[4])}` : text;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const end = tail === undefined ? [] : groups(tail);
  const start = groups(head);
  const all = tail === undefined ? start : [...start, ...Array.from({ length: 8 - start.length - end.length }, () => '0'), ...end];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** The canonical text (RFC 5952 for IPv6). */
export function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(':');
  const runs = [...groups.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].toSorted((a, b) => b[0].replace(/^:/, '').length - a[0].replace(/^:/, '').length || a.index - b.index);
  const longest = runs[0];
  if (!longest) return groups;
  const before = groups.slice(0, longest.index);
  const after = groups.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

/** The bits that a prefix of this length covers. */
export function maskOf(family: 4 | 6, prefix: number): bigint {
  const length = family === 4 ? 32n : 128n;
  return ((1n << length) - 1n) ^ ((1n << (length - BigInt(prefix))) - 1n);
}

import { isIPv4, isIPv6 } from 'node:net';
import { formatAddress } from '../cel/values/address.ts';
import { parseIp, parsePrefix, type IpPrefix } from '../values/ipPrefix.ts';

/** Messages about a value, none where it is valid. */
type Messages = readonly string[];

const NONE: Messages = [];
const NO_ADDRESS = ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
const NO_RANGE = ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
const NO_INTERFACE = ['must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'];

/** Whether a text is an address of either family, without a zone. */
export function isIPAddress(value: string): boolean {
  return isIPv4(value) || (isIPv6(value) && !value.includes('%'));
}

/** The same of one that has zeros in front of its parts, which some programs take for an address (`ParseIPSloppy`). */
export const isLooseIPAddress = (value: string): boolean => isIPAddress(withoutZeros(value));

/** Programs disagree on what zeros in front mean, and on IPv4 in IPv6 (`IsValidIPForLegacyField`, strict). */
export function validateIPAddress(value: string): Messages {
  if (!isIPAddress(value)) return isLooseIPAddress(value) ? ['must not have leading 0s'] : NO_ADDRESS;
  return parseIp(value) ? NONE : ['must not be an IPv4-mapped IPv6 address'];
}

/** How an address is rightly written that not every program reads: one with zeros in front of its parts, or IPv4 in IPv6. Undefined for any other text. */
export function standardIPAddress(value: string): string | undefined {
  const plain = withoutZeros(value);
  if (!isIPAddress(plain)) return undefined;
  const parsed = parseIp(plain);
  if (!parsed) return ipv4In(plain);
  return plain === value ? undefined : formatAddress(parsed);
}

/** In its one right form (`IsValidIP`). */
export function validateCanonicalIPAddress(value: string): Messages {
  const messages = validateIPAddress(value);
  return messages.length > 0 ? messages : inForm(value, formatAddress(parseIp(value)!));
}

/** Whether a text is an address with the length of a prefix behind it. */
export function isCidr(value: string): boolean {
  const slash = value.lastIndexOf('/');
  if (slash < 0) return false;
  const address = value.slice(0, slash);
  const bits = value.slice(slash + 1);
  return isIPAddress(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128);
}

/** The range that some programs take a text for, also with zeros in front and with an address in it (`ParseCIDRSloppy`). */
export const parseLooseCidr = (value: string): IpPrefix | undefined => parsePrefix(plainCidr(value));

/** A range, not an address in one (`IsValidCIDRForLegacyField`, strict). */
export function validateCidr(value: string): Messages {
  const [address = ''] = value.split('/');
  const plain = plainCidr(value);
  if (!isCidr(plain) || value.split('/').length !== 2) return NO_RANGE;
  if (plain !== value) return ['must not have leading 0s in IP or prefix length'];
  const own = parseIp(address);
  if (!own) return ['must not have an IPv4-mapped IPv6 address'];
  return own.bits === parsePrefix(value)?.network.bits ? NONE : ['must not have bits set beyond the prefix length'];
}

/** In its one right form (`IsValidCIDR`). */
export function validateCanonicalCidr(value: string): Messages {
  const messages = validateCidr(value);
  if (messages.length > 0) return messages;
  const { network, length } = parsePrefix(value)!;
  return inForm(value, `${formatAddress(network)}/${length}`);
}

/** An address of an interface with the length of its network, in its one right form (`IsValidInterfaceAddress`). */
export function validateInterfaceAddress(value: string): Messages {
  const [text = '', bits = '', ...rest] = value.split('/');
  const [address, length] = [withoutZeros(text), bits.replace(/^0+(?=\d)/, '')];
  if (rest.length > 0 || !isCidr(`${address}/${length}`)) return NO_INTERFACE;
  const parsed = parseIp(address);
  if (parsed) return inForm(value, `${formatAddress(parsed)}/${length}`);
  // IPv4 in IPv6: Go prints it as IPv4, and counts its prefix from there.
  const dotted = ipv4In(address);
  return inForm(value, `${dotted}/${Number(length) > 32 ? Number(length) - 96 : length}`);
}

function inForm(value: string, canonical: string): Messages {
  return value === canonical ? NONE : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** The same with the zeros in front of the parts of its address and of its length gone. */
function plainCidr(value: string): string {
  const [address = '', ...lengths] = value.split('/');
  return [withoutZeros(address), ...lengths.map((length) => length.replace(/^0+(?=\d)/, ''))].join('/');
}

/** The same with the zeros in front of an IPv4 address' parts gone. */
function withoutZeros(value: string): string {
  return value.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (dotted) => dotted.split('.').map((part) => part.replace(/^0+(?=\d)/, '')).join('.'));
}

/** The IPv4 address that stands in an IPv6 one. */
function ipv4In(address: string): string {
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':').slice(-2).map((group) => Number.parseInt(group || '0', 16));
  return groups.flatMap((group) => [group >> 8, group & 255]).join('.');
}

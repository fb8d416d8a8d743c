import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../values/celError.ts';
import { OpaqueValue } from '../values/opaque.ts';
import { formatAddress, isMapped, maskOf, parseAddress, readAddress } from '../values/address.ts';
import type { Address } from '../values/address.ts';
import type { CelValue } from '../values/value.ts';

class Ip extends OpaqueValue {
  readonly typeName = 'net.IP';
  readonly address: Address;

  constructor(address: Address) {
    super();
    this.address = address;
  }

  equals(other: Ip): boolean {
    return this.address.family === other.address.family && this.address.bits === other.address.bits;
  }

  override get size(): number {
    return this.address.family === 4 ? 4 : 16;
  }
}

class Cidr extends OpaqueValue {
  readonly typeName = 'net.CIDR';
  readonly address: Address;
  readonly prefix: number;

  constructor(address: Address, prefix: number) {
    super();
    this.address = address;
    this.prefix = prefix;
  }

  equals(other: Cidr): boolean {
    return this.prefix === other.prefix && this.address.family === other.address.family && this.address.bits === other.address.bits;
  }

  /** Bytes of the address that its prefix covers. */
  override get size(): number {
    return Math.ceil(this.prefix / 8);
  }

  contains({ family, bits }: Address): boolean {
    const mask = maskOf(family, this.prefix);
    return family === this.address.family && (bits & mask) === (this.address.bits & mask);
  }
}

function parseIp(text: string): Ip | CelError {
  const address = parseAddress(text);
  if (typeof address !== 'string') return new Ip(address);
  return new CelError(typeof readAddress(text) === 'string' ? `IP Address ${JSON.stringify(text)} parse error during conversion from string: ${address}` : address);
}

const NOT_FROM_TEXT = 'network address parse error during conversion from string: ';

/** Upstream says twice what it was doing where the text has no form of a network. */
function parseCidr(text: string): Cidr | CelError {
  const fault = (why: string): CelError => new CelError(`${NOT_FROM_TEXT}${NOT_FROM_TEXT}netip.ParsePrefix(${JSON.stringify(text)}): ${why}`);
  const slash = text.lastIndexOf('/');
  if (slash < 0) return fault("no '/'");
  const address = readAddress(text.slice(0, slash));
  if (typeof address === 'string') return fault(address);
  if (text.slice(0, slash).includes('%')) return fault('IPv6 zones cannot be present in a prefix');
  const prefix = text.slice(slash + 1);
  if (!/^(?:\d|[1-9]\d*)$/.test(prefix)) return fault(`bad bits after slash: ${JSON.stringify(prefix)}`);
  if (Number(prefix) > (address.family === 4 ? 32 : 128)) return fault('prefix length out of range');
  return isMapped(address) ? new CelError(`${NOT_FROM_TEXT}IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`) : new Cidr(address, Number(prefix));
}

/** Calls `use` with what a text was parsed as, if it could be. */
const withParsed = <T extends CelValue>(parsed: T | CelError, use: (value: T) => CelValue): CelValue => (parsed instanceof CelError ? parsed : use(parsed));

/** Whether the first bits of an address are those of another's: `starts(ip, '169.254.0.0', 16)`. */
function starts({ address }: Ip, text: string, prefix: number): boolean {
  const network = parseAddress(text);
  return typeof network !== 'string' && new Cidr(network, prefix).contains(address);
}

const isUnspecified = ({ address }: Ip): boolean => address.bits === 0n;
const isLoopback = (ip: Ip): boolean => starts(ip, '127.0.0.0', 8) || starts(ip, '::1', 128);
const isLinkLocalMulticast = (ip: Ip): boolean => starts(ip, '224.0.0.0', 24) || (ip.address.family === 6 && (ip.address.bits >> 112n & 0xff0fn) === 0xff02n);
const isLinkLocalUnicast = (ip: Ip): boolean => starts(ip, '169.254.0.0', 16) || starts(ip, 'fe80::', 10);
const isMulticast = (ip: Ip): boolean => starts(ip, '224.0.0.0', 4) || starts(ip, 'ff00::', 8);
const isGlobalUnicast = (ip: Ip): boolean => !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip) && !starts(ip, '255.255.255.255', 32);

const masked = ({ address, prefix }: Cidr): Cidr => new Cidr({ family: address.family, bits: address.bits & maskOf(address.family, prefix) }, prefix);
const containsCidr = (outer: Cidr, inner: Cidr): boolean => outer.prefix <= inner.prefix && outer.contains(inner.address);

/** Kubernetes' IP and CIDR libraries. */
export const NETWORK: readonly Overload[] = [
  global('ip', '(string) -> IP', 'string_to_ip', parseIp),
  global('isIP', '(string) -> bool', 'is_ip', (text: string) => parseIp(text) instanceof Ip),
  global('ip.isCanonical', '(string) -> bool', 'ip_is_canonical', (text: string) => withParsed(parseIp(text), ({ address }: Ip) => formatAddress(address) === text)),
  global('string', '(IP) -> string', 'ip_to_string', ({ address }: Ip) => formatAddress(address)),
  member('IP', 'family', '() -> int', 'ip_family', ({ address }: Ip) => address.family),
  member('IP', 'isUnspecified', '() -> bool', 'ip_is_unspecified', isUnspecified),
  member('IP', 'isLoopback', '() -> bool', 'ip_is_loopback', isLoopback),
  member('IP', 'isLinkLocalMulticast', '() -> bool', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  member('IP', 'isLinkLocalUnicast', '() -> bool', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  member('IP', 'isGlobalUnicast', '() -> bool', 'ip_is_global_unicast', isGlobalUnicast),
  global('cidr', '(string) -> CIDR', 'string_to_cidr', parseCidr),
  global('isCIDR', '(string) -> bool', 'is_cidr', (text: string) => parseCidr(text) instanceof Cidr),
  global('string', '(CIDR) -> string', 'cidr_to_string', ({ address, prefix }: Cidr) => `${formatAddress(address)}/${prefix}`),
  member('CIDR', 'containsIP', '(string) -> bool', 'cidr_contains_ip_string', (cidr: Cidr, text: string) => {
    const ip = parseIp(text);
    // Upstream does not pass on why the text is no address.
    return ip instanceof CelError ? NO_SUCH_OVERLOAD : cidr.contains(ip.address);
  }),
  member('CIDR', 'containsIP', '(IP) -> bool', 'cidr_contains_ip_ip', (cidr: Cidr, { address }: Ip) => cidr.contains(address)),
  member('CIDR', 'containsCIDR', '(string) -> bool', 'cidr_contains_cidr_string', (cidr: Cidr, text: string) => withParsed(parseCidr(text), (inner: Cidr) => containsCidr(cidr, inner))),
  member('CIDR', 'containsCIDR', '(CIDR) -> bool', 'cidr_contains_cidr', containsCidr),
  member('CIDR', 'ip', '() -> IP', 'cidr_ip', ({ address }: Cidr) => new Ip(address)),
  member('CIDR', 'prefixLength', '() -> int', 'cidr_prefix_length', ({ prefix }: Cidr) => prefix),
  member('CIDR', 'masked', '() -> CIDR', 'cidr_masked', masked),
];

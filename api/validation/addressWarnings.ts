import { isIPv6 } from 'node:net';
import { isCidr, isIPAddress } from './names.ts';

/** An IPv6 address has many forms; some programs compare texts (`GetWarningsForIP`). What is no address is for validation to refuse. */
export function ipWarnings(field: string, address: string): string[] {
  if (!isIPAddress(address) || !isIPv6(address)) return [];
  const canonical = canonicalIPv6(address);
  return canonical === address ? [] : [`${field}: IPv6 address ${JSON.stringify(address)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`];
}

/** `GetWarningsForCIDR`, of IPv6. */
export function cidrWarnings(field: string, range: string): string[] {
  const text = range.trim();
  const slash = text.lastIndexOf('/');
  if (!isCidr(text) || !isIPv6(text.slice(0, slash))) return [];
  const canonical = `${canonicalIPv6(text.slice(0, slash))}${text.slice(slash)}`;
  return canonical === text ? [] : [`${field}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`];
}

const canonicalIPv6 = (address: string): string => new URL(`http://[${address}]/`).hostname.slice(1, -1);

import { isIPv6 } from 'node:net';
import { isCidr, isIPAddress, standardIPAddress } from './ipText.ts';

/** An IPv6 address has many forms; some programs compare texts (`GetWarningsForIP`). What is no address is for validation to refuse. */
export function ipWarnings(field: string, address: string): string[] {
  const standard = standardIPAddress(address);
  if (standard !== undefined) return [`${field}: non-standard IP address ${JSON.stringify(address)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(standard)}`];
  if (!isIPAddress(address) || !isIPv6(address)) return [];
  const canonical = canonicalIPv6(address);
  return canonical === address ? [] : [`${field}: IPv6 address ${JSON.stringify(address)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`];
}

/** Of the addresses of a load balancer, in the status of a Service or an Ingress. */
export function balancerWarnings({ status }: { readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } } }): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) => (ip ? ipWarnings(`status.loadBalancer.ingress[${index}]`, ip) : []));
}

/** `GetWarningsForCIDR`. */
export function cidrWarnings(field: string, range: string): string[] {
  const text = range.trim();
  const slash = text.lastIndexOf('/');
  if (!isCidr(text)) return [];
  const [address, length] = [text.slice(0, slash), Number(text.slice(slash + 1))];
  const warnings = ambiguityWarnings(field, text, address, length);
  if (!isIPv6(address)) return warnings;
  const canonical = `${canonicalIPv6(address)}${text.slice(slash)}`;
  return canonical === text || warnings.length > 0 ? warnings : [`${field}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`];
}

const canonicalIPv6 = (address: string): string => new URL(`http://[${address}]/`).hostname.slice(1, -1);

/** An address with a length is taken for its range by some, and for the address by others. */
function ambiguityWarnings(field: string, text: string, address: string, length: number): string[] {
  const canonical = isIPv6(address) ? canonicalIPv6(address) : address;
  const network = networkOf(canonical, length);
  if (network === canonical) return [];
  return [`${field}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be ${JSON.stringify(`${network}/${length}`)} or ${JSON.stringify(`${canonical}/${isIPv6(address) ? 128 : 32}`)}?)`];
}

/** The first address of the range. */
function networkOf(address: string, length: number): string {
  if (!isIPv6(address)) return address.split('.').map((part, index) => Number(part) & (0xff00 >> Math.min(8, Math.max(0, length - index * 8))) & 0xff).join('.');
  const [head = '', tail] = address.split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const [front, back] = [groups(head), groups(tail)];
  const all = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  const masked = all.map((part, index) => (Number.parseInt(part, 16) & (0xffff0000 >> Math.min(16, Math.max(0, length - index * 16))) & 0xffff).toString(16));
  return canonicalIPv6(masked.join(':'));
}

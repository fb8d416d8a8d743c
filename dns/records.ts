import type { V1Endpoint, V1EndpointSlice, V1Service } from '../api/generated/types.ts';

/** One answer record, in dns-packet's form. */
export type DnsRecord =
  | { readonly type: 'A'; readonly name: string; readonly data: string }
  | { readonly type: 'CNAME' | 'PTR'; readonly name: string; readonly data: string }
  | { readonly type: 'TXT'; readonly name: string; readonly data: string }
  | { readonly type: 'SRV'; readonly name: string; readonly data: { readonly priority: number; readonly weight: number; readonly port: number; readonly target: string } };

/** `records`: what the name holds, of every type; `unknown`: no such name; `elsewhere`: not ours, ask upstream. */
export type Resolution = { readonly kind: 'records'; readonly records: readonly DnsRecord[] } | { readonly kind: 'unknown' } | { readonly kind: 'elsewhere' };

/** What the cluster knows, as far as names need it. */
export interface ClusterNames {
  service(namespace: string, name: string): V1Service | undefined;
  slices(namespace: string, service: string): readonly V1EndpointSlice[];
  hasNamespace(name: string): boolean;
  /** Services with this cluster IP. */
  servicesAt(address: string): readonly V1Service[];
  /** Slices that list this address. */
  slicesAt(address: string): readonly V1EndpointSlice[];
}

const UNKNOWN: Resolution = { kind: 'unknown' };
/** The name exists, but holds nothing itself. */
const EMPTY: Resolution = { kind: 'records', records: [] };

/**
 * Resolves a name by the "Kubernetes DNS-Based Service Discovery" specification, 1.1.0. `name` is in lower case without the final dot,
 * `domain` the cluster's (e.g. `cluster.local`).
 */
export function resolve(name: string, domain: string, cluster: ClusterNames): Resolution {
  const reverse = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (reverse) return pointers(name, reverse.slice(1, 5).reverse().join('.'), domain, cluster);
  if (name !== domain && !name.endsWith(`.${domain}`)) return { kind: 'elsewhere' };
  const labels = name.slice(0, -domain.length).split('.').filter((label) => label !== '').reverse();
  const [root, namespace, service, ...rest] = labels;
  if (root === undefined) return EMPTY;
  if (root === 'dns-version' && namespace === undefined) return { kind: 'records', records: [{ type: 'TXT', name, data: '1.1.0' }] };
  if (root !== 'svc' && root !== 'pod') return UNKNOWN;
  if (namespace === undefined) return EMPTY;
  if (!cluster.hasNamespace(namespace)) return UNKNOWN;
  if (service === undefined) return EMPTY;
  if (root === 'pod') return rest.length > 0 ? UNKNOWN : podAddress(name, service);
  const found = cluster.service(namespace, service);
  if (found === undefined) return UNKNOWN;
  return serviceRecords(name, rest.reverse(), found, cluster.slices(namespace, service), `${service}.${namespace}.svc.${domain}`);
}

/** `10-244-0-7.default.pod.cluster.local` is that address; nobody asks whether a pod has it (CoreDNS' `pods insecure`). */
function podAddress(name: string, label: string): Resolution {
  const parts = label.split('-');
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return isAddress ? { kind: 'records', records: [{ type: 'A', name, data: parts.join('.') }] } : UNKNOWN;
}

function serviceRecords(name: string, prefix: readonly string[], service: V1Service, slices: readonly V1EndpointSlice[], base: string): Resolution {
  const spec = service.spec;
  if (spec?.type === 'ExternalName') return prefix.length === 0 ? { kind: 'records', records: [{ type: 'CNAME', name, data: spec.externalName ?? '' }] } : UNKNOWN;
  const members = membersOf(service, slices);
  const isHeadless = spec?.clusterIP === 'None';
  if (prefix.length === 0) {
    const addresses = isHeadless ? unique(members.map((member) => member.address)) : [spec?.clusterIP ?? ''];
    const ports = isHeadless ? headlessPorts(members, base) : (spec?.ports ?? []).map((port) => ({ port: port.port, target: base }));
    // A headless Service without ready pods does not resolve at all.
    if (isHeadless && addresses.length === 0) return UNKNOWN;
    return { kind: 'records', records: [...addresses.map((data): DnsRecord => ({ type: 'A', name, data })), ...srv(name, ports)] };
  }
  if (prefix.length === 2 && prefix[0]!.startsWith('_') && prefix[1]!.startsWith('_')) {
    const [port, protocol] = [prefix[0]!.slice(1), prefix[1]!.slice(1)];
    const targets = isHeadless
      ? headlessPorts(members.filter((member) => member.portName === port && member.protocol.toLowerCase() === protocol), base)
      : (spec?.ports ?? []).filter((each) => each.name === port && (each.protocol ?? 'TCP').toLowerCase() === protocol).map((each) => ({ port: each.port, target: base }));
    return targets.length === 0 ? UNKNOWN : { kind: 'records', records: srv(name, targets) };
  }
  if (prefix.length === 1) {
    if (/^_(tcp|udp|sctp)$/.test(prefix[0]!)) return EMPTY;
    const addresses = isHeadless ? unique(members.filter((member) => member.hostname === prefix[0]).map((member) => member.address)) : [];
    return addresses.length === 0 ? UNKNOWN : { kind: 'records', records: addresses.map((data) => ({ type: 'A', name, data })) };
  }
  return UNKNOWN;
}

interface Member {
  readonly address: string;
  readonly hostname: string;
  readonly port: number | undefined;
  readonly portName: string;
  readonly protocol: string;
}

function membersOf(service: V1Service, slices: readonly V1EndpointSlice[]): readonly Member[] {
  return slices
    .filter((slice) => slice.addressType === 'IPv4')
    .flatMap((slice) => {
      const usable = (slice.endpoints ?? []).filter((endpoint) => service.spec?.publishNotReadyAddresses || (endpoint.conditions?.ready ?? true));
      const ports = slice.ports && slice.ports.length > 0 ? slice.ports : [{}];
      return usable.flatMap((endpoint) =>
        endpoint.addresses.flatMap((address) => ports.map((port) => ({ address, hostname: hostnameOf(endpoint, address), port: port.port, portName: port.name ?? '', protocol: port.protocol ?? 'TCP' }))),
      );
    });
}

const hostnameOf = (endpoint: V1Endpoint, address: string): string => endpoint.hostname ?? address.replaceAll('.', '-');

function headlessPorts(members: readonly Member[], base: string): readonly { port: number; target: string }[] {
  return members.flatMap(({ hostname, port }) => (port === undefined ? [] : [{ port, target: `${hostname}.${base}` }]));
}

function srv(name: string, targets: readonly { port: number; target: string }[]): DnsRecord[] {
  const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length)));
  return targets.map(({ port, target }) => ({ type: 'SRV', name, data: { priority: 0, weight, port, target } }));
}

function pointers(name: string, address: string, domain: string, cluster: ClusterNames): Resolution {
  const services = cluster.servicesAt(address).map((service) => `${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`);
  const members = cluster.slicesAt(address).flatMap((slice) => {
    const service = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (service === undefined || cluster.service(slice.metadata.namespace, service)?.spec?.clusterIP !== 'None') return [];
    const endpoint = (slice.endpoints ?? []).find((each) => each.addresses.includes(address));
    return endpoint ? [`${hostnameOf(endpoint, address)}.${service}.${slice.metadata.namespace}.svc.${domain}`] : [];
  });
  const names = unique([...services, ...members]);
  return names.length === 0 ? { kind: 'elsewhere' } : { kind: 'records', records: names.map((data) => ({ type: 'PTR', name, data })) };
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

import type { V1Pod } from '../api/generated/types.ts';
import { specOf } from './podContainers.ts';
import type { DNSConfig } from './runtime/types.ts';

export interface ClusterDNS {
  /** Addresses of the cluster's DNS Service; empty where there is none. */
  readonly servers: readonly string[];
  /** `cluster.local`. */
  readonly domain: string;
}

/** Limits of libc that the kubelet keeps to (`MaxDNSNameservers`, `MaxDNSSearchPaths`, `MaxDNSSearchListChars`). */
const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
/** `DNS1123SubdomainMaxLength`. */
const MAX_DOMAIN_CHARACTERS = 253;

export interface PodDNS {
  readonly dns: DNSConfig;
  /** What its `DNSConfigForming` events say: that something did not fit. */
  readonly omissions: readonly string[];
}

/** What a pod's resolv.conf says, by its dnsPolicy and dnsConfig; `host` is what the node's own says. */
export function podDNS(pod: V1Pod, cluster: ClusterDNS, host: DNSConfig): PodDNS {
  const spec = specOf(pod);
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const useCluster = cluster.servers.length > 0 && (policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork));
  const base = policy === 'None' ? { servers: [], searches: [], options: [] } : useCluster ? clusterFirst(pod.metadata.namespace, cluster, host) : host;
  const own = spec.dnsConfig;
  const options = new Map(base.options.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name, value } of own?.options ?? []) if (name) options.set(name, value === undefined ? name : `${name}:${value}`);
  const allServers = unique([...base.servers, ...(own?.nameservers ?? [])]);
  const allSearches = unique([...base.searches, ...(own?.searches ?? [])]);
  const servers = allServers.slice(0, MAX_SERVERS);
  const searches = fitting(allSearches);
  return {
    dns: { servers, searches, options: [...options.values()] },
    omissions: [
      ...(servers.length < allServers.length ? [`Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`] : []),
      ...(searches.length < allSearches.length ? [`Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(' ')}`] : []),
    ],
  };
}

function clusterFirst(namespace: string, cluster: ClusterDNS, host: DNSConfig): DNSConfig {
  const { domain } = cluster;
  const searches = domain === '' ? [] : [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers: cluster.servers, searches: [...searches, ...host.searches], options: ['ndots:5'] };
}

/** Reads a resolv.conf. */
export function parseResolvConf(text: string): DNSConfig {
  const servers: string[] = [];
  let searches: readonly string[] = [];
  let options: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0]) servers.push(rest[0]);
    if (word === 'search') searches = rest.map((domain) => (domain === '.' ? domain : domain.replace(/\.$/, '')));
    if (word === 'options') options = rest;
  }
  return { servers, searches, options };
}

function fitting(searches: readonly string[]): readonly string[] {
  const kept = searches.slice(0, MAX_SEARCHES).filter((domain) => domain.length <= MAX_DOMAIN_CHARACTERS);
  while (kept.join(' ').length > MAX_SEARCH_CHARACTERS) kept.pop();
  return kept;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

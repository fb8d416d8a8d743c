import { Iptables } from '../host/iptables.ts';
import { Links } from '../host/links.ts';
import { setSysctl } from '../host/sysctl.ts';
import { ROUTE_PROTOCOL } from './difference.ts';
import { type HostState, parseForwards, parseLinks, parseNeighbours, parseRoutes } from './hostState.ts';
import { covers, parseSubnet } from './subnet.ts';

/** The kernel whose routes are written. */
export interface Kernel {
  readonly links: Links;
  readonly iptables: Iptables;
  /** Sets a parameter; gives the reason where that fails. */
  setSysctl(name: string, value: string): Promise<string | undefined>;
}

/** This process' own; with words before each command, another host's. */
export function kernelOf(prefix: readonly string[] = []): Kernel {
  return { links: new Links(prefix), iptables: new Iptables({ prefix }), setSysctl: (name, value) => setSysctl(name, value, prefix) };
}

/** Reads what stands: routes of ours are those with our mark to subnets of the cluster, neighbours and forwards those of our device. */
export async function readHostState({ links }: Kernel, device: string, clusterCIDR: string): Promise<HostState> {
  const cluster = parseSubnet(clusterCIDR);
  const [found, routes] = await Promise.all([
    links.show('ip', ['-json', '-details', 'address', 'show']).then(parseLinks),
    links.show('ip', ['-json', '-4', 'route', 'show', 'proto', String(ROUTE_PROTOCOL)]).then(parseRoutes),
  ]);
  const own = routes.filter(({ destination }) => cluster !== undefined && covers(cluster, destination));
  if (!found.some(({ name }) => name === device)) return { links: found, routes: own, neighbours: [], forwards: [] };
  const [neighbours, forwards] = await Promise.all([
    links.show('ip', ['-json', '-4', 'neigh', 'show', 'dev', device, 'nud', 'permanent']).then(parseNeighbours),
    links.show('bridge', ['-json', 'fdb', 'show', 'dev', device]).then(parseForwards),
  ]);
  return { links: found, routes: own, neighbours, forwards };
}

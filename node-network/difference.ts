import type { HostLink, HostState, Route } from './hostState.ts';
import type { Tunnel, Wanted } from './wanted.ts';

/** Our mark on routes, by which they are told from everybody else's (a number that /etc/iproute2/rt_protos leaves free). */
export const ROUTE_PROTOCOL = 120;
/** Others' routes to the same subnet go first, and are never replaced. */
const METRIC = 120;

/** Lines for one run of `ip -batch` or `bridge -batch`. */
export interface Step {
  readonly program: 'ip' | 'bridge';
  readonly lines: readonly string[];
}

/**
 * What brings the kernel from what stands to what is wanted, in an order in which a route is only there when what it needs is; nothing
 * where nothing differs. `device` is the VXLAN device's name.
 */
export function networkSteps(wanted: Wanted, standing: HostState, device: string): readonly Step[] {
  const present = standing.links.find(({ name }) => name === device);
  const fits = wanted.tunnel !== undefined && present !== undefined && isSameTunnel(wanted.tunnel, present);
  // A device that is replaced takes its entries with it.
  const kept: HostState = fits ? standing : { ...standing, neighbours: [], forwards: [], routes: standing.routes.filter((route) => route.device !== device) };
  const routes = compare(wanted.routes, kept.routes, routeText);
  const neighbours = compare(wanted.neighbours, kept.neighbours, ({ address, mac }) => `${address} lladdr ${mac}`);
  const forwards = compare(wanted.forwards, kept.forwards, ({ mac, host }) => `${mac} dev ${device} dst ${host}`);
  const taken = new Set(wanted.routes.map(({ destination }) => destination));
  const answered = new Set(wanted.neighbours.map(({ address }) => address));
  const steps: Step[] = [
    {
      program: 'ip',
      lines: [
        ...wanted.strayAddresses.map(({ link, address, bits }) => `address del ${address}/${bits} dev ${link}`),
        ...(present !== undefined && !fits ? [`link del ${device}`] : []),
        ...(wanted.tunnel === undefined ? [] : tunnelLines(wanted.tunnel, fits ? present : undefined)),
        ...neighbours.missing.map((each) => `neigh replace ${each.address} lladdr ${each.mac} dev ${device} nud permanent`),
      ],
    },
    { program: 'bridge', lines: forwards.missing.map((each) => `fdb replace ${each.mac} dev ${device} dst ${each.host} self permanent`) },
    {
      program: 'ip',
      lines: [
        // One that leads elsewhere now has been replaced.
        ...routes.missing.map((each) => `route replace ${routeText(each)} metric ${METRIC} proto ${ROUTE_PROTOCOL}`),
        ...routes.surplus.filter(({ destination }) => !taken.has(destination)).map((each) => `route del ${routeText(each)} metric ${METRIC} proto ${ROUTE_PROTOCOL}`),
        ...neighbours.surplus.filter(({ address }) => !answered.has(address)).map((each) => `neigh del ${each.address} dev ${device}`),
      ],
    },
    { program: 'bridge', lines: forwards.surplus.map((each) => `fdb del ${each.mac} dev ${device} dst ${each.host} self`) },
  ];
  return steps.filter(({ lines }) => lines.length > 0);
}

function tunnelLines(tunnel: Tunnel, present: HostLink | undefined): readonly string[] {
  const { name, mac, mtu, id, port, local, address } = tunnel;
  const lines: string[] = [];
  if (present === undefined) lines.push(`link add ${name} address ${mac} mtu ${mtu} type vxlan id ${id} local ${local} dstport ${port} nolearning`);
  else if (present.mtu !== mtu) lines.push(`link set ${name} mtu ${mtu}`);
  if (!present?.up) lines.push(`link set ${name} up`);
  const addresses = present?.addresses ?? [];
  for (const each of addresses) if (each.address !== address) lines.push(`address del ${each.address}/${each.bits} dev ${name}`);
  if (!addresses.some((each) => each.address === address)) lines.push(`address add ${address}/32 dev ${name}`);
  return lines;
}

function isSameTunnel({ mac, id, port, local }: Tunnel, { mac: presentMac, vxlan }: HostLink): boolean {
  return vxlan !== undefined && presentMac === mac && vxlan.id === id && vxlan.port === port && vxlan.local === local;
}

function routeText({ destination, via, device, onlink }: Route): string {
  if (via === undefined) return `unreachable ${destination}`;
  return `${destination} via ${via}${device === undefined ? '' : ` dev ${device}`}${onlink ? ' onlink' : ''}`;
}

function compare<T>(wanted: readonly T[], standing: readonly T[], text: (each: T) => string): { readonly missing: readonly T[]; readonly surplus: readonly T[] } {
  const want = new Set(wanted.map(text));
  const have = new Set(standing.map(text));
  return { missing: wanted.filter((each) => !have.has(text(each))), surplus: standing.filter((each) => !want.has(text(each))) };
}

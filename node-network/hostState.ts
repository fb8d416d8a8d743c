/** An interface of this host, with its IPv4 addresses. */
export interface HostLink {
  readonly name: string;
  readonly mtu: number;
  readonly mac: string;
  readonly up: boolean;
  readonly addresses: readonly { readonly address: string; readonly bits: number }[];
  /** Of a VXLAN device. */
  readonly vxlan?: { readonly id: number; readonly port: number; readonly local: string };
}

/** A route of the main table; the kernel answers "unreachable" for one without `via`. */
export interface Route {
  readonly destination: string;
  readonly via?: string;
  readonly device?: string;
  /** The kernel takes it that `via` is on the device's segment. */
  readonly onlink?: boolean;
}

/** Who answers for an address on the VXLAN device. */
export interface Neighbour {
  readonly address: string;
  readonly mac: string;
}

/** At which host a MAC address of the VXLAN is. */
export interface Forward {
  readonly mac: string;
  readonly host: string;
}

/** What stands in the kernel; of routes, neighbours and forwards only what is ours. */
export interface HostState {
  readonly links: readonly HostLink[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
  readonly forwards: readonly Forward[];
}

interface LinkJson {
  readonly ifname: string;
  readonly mtu: number;
  readonly address?: string;
  readonly flags?: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly id?: number; readonly port?: number; readonly local?: string } };
  readonly addr_info?: readonly { readonly family?: string; readonly local?: string; readonly prefixlen?: number }[];
}

/** Reads `ip -json -details address show`. */
export function parseLinks(json: string): readonly HostLink[] {
  return read<LinkJson>(json).map(({ ifname, mtu, address = '', flags = [], linkinfo, addr_info = [] }) => ({
    name: ifname,
    mtu,
    mac: address,
    up: flags.includes('UP'),
    addresses: addr_info.flatMap(({ family, local, prefixlen = 32 }) => (family === 'inet' && local !== undefined ? [{ address: local, bits: prefixlen }] : [])),
    ...(linkinfo?.info_kind === 'vxlan' ? { vxlan: { id: linkinfo.info_data?.id ?? 0, port: linkinfo.info_data?.port ?? 0, local: linkinfo.info_data?.local ?? '' } } : {}),
  }));
}

interface RouteJson {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly flags?: readonly string[];
}

/** Reads `ip -json -4 route show`; a single address is given as /32. */
export function parseRoutes(json: string): readonly Route[] {
  return read<RouteJson>(json).map(({ type, dst, gateway, dev, flags = [] }) => {
    const destination = dst.includes('/') ? dst : `${dst}/32`;
    if (type === 'unreachable') return { destination };
    return { destination, ...(gateway === undefined ? {} : { via: gateway }), ...(dev === undefined ? {} : { device: dev }), ...(flags.includes('onlink') ? { onlink: true } : {}) };
  });
}

/** Reads `ip -json -4 neigh show dev DEVICE nud permanent`. */
export function parseNeighbours(json: string): readonly Neighbour[] {
  return read<{ readonly dst: string; readonly lladdr?: string }>(json).flatMap(({ dst, lladdr }) => (lladdr === undefined ? [] : [{ address: dst, mac: lladdr }]));
}

/** Reads `bridge -json fdb show dev DEVICE`. */
export function parseForwards(json: string): readonly Forward[] {
  return read<{ readonly mac: string; readonly dst?: string }>(json).flatMap(({ mac, dst }) => (dst === undefined ? [] : [{ mac, host: dst }]));
}

/** Both programs print nothing, or empty objects, where there is nothing to tell. */
function read<T extends object>(json: string): T[] {
  return json.trim() === '' ? [] : (JSON.parse(json) as T[]).filter((each) => Object.keys(each).length > 0);
}

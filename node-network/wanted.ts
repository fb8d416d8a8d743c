import type { Forward, HostLink, Neighbour, Route } from './hostState.ts';
import type { Peer } from './peers.ts';
import { addressNumber, covers, networkAddress, parseSubnet, type Subnet } from './subnet.ts';

/**
 * How other nodes' pods are reached: `direct` by a route to their node, `vxlan` by a tunnel, `auto` by a route where the nodes are on one
 * segment and by a tunnel elsewhere, `none` by somebody else's network.
 */
export type Mode = 'auto' | 'direct' | 'vxlan' | 'none';
export const MODES: readonly Mode[] = ['auto', 'direct', 'vxlan', 'none'];

export interface NetworkSettings {
  readonly nodeName: string;
  /** By which the other nodes reach this one. */
  readonly nodeAddress: string;
  /** All pods' range. */
  readonly clusterCIDR: string;
  /** The VXLAN device's name; the kernel takes 15 characters. */
  readonly device: string;
  /** Must be the same on all nodes. */
  readonly vni: number;
  /** UDP; must be the same on all nodes. */
  readonly port: number;
  /** The bridge of this node's pods. */
  readonly bridge: string;
}

/** The VXLAN device as it should be. */
export interface Tunnel {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly id: number;
  readonly port: number;
  /** Whose address its packets bear outside. */
  readonly local: string;
  /** Of the device itself: what the host sends through it has this source. */
  readonly address: string;
}

export interface Wanted {
  readonly tunnel?: Tunnel;
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
  readonly forwards: readonly Forward[];
  /** Addresses of the pods' bridge from a subnet that this node no longer has: another node may have it by now. */
  readonly strayAddresses: readonly { readonly link: string; readonly address: string; readonly bits: number }[];
  /** The largest packet that pods can send to every other pod, in bytes; undefined: not known. */
  readonly mtu?: number;
  /** Names of nodes to which the mode allows no way. */
  readonly cutOff: readonly string[];
}

export const NOTHING: Wanted = { routes: [], neighbours: [], forwards: [], strayAddresses: [], cutOff: [] };

/** Outer Ethernet, IPv4, UDP and VXLAN headers. */
const TUNNEL_OVERHEAD = 50;

/**
 * What should stand on this host so that pods reach pods on every node. Two nodes agree on the way between them, or the kernel's check of
 * the reverse path would drop what comes by another one: "on one segment" is decided by both nodes' own addresses only.
 */
export function wantedNetwork(mode: Mode, peers: readonly Peer[], links: readonly HostLink[], settings: NetworkSettings): Wanted {
  const cluster = parseSubnet(settings.clusterCIDR);
  if (mode === 'none' || cluster === undefined) return NOTHING;
  const own = peers.find(({ name }) => name === settings.nodeName);
  const others = peers.filter(({ name, address, podCIDRs }) => name !== settings.nodeName && address !== settings.nodeAddress && podCIDRs.length > 0);
  const uplink = uplinkOf(links, settings.nodeAddress);
  const ownSubnet = parseSubnet(own?.podCIDRs[0] ?? '');
  const isNear = (peer: Peer): boolean => uplink !== undefined && uplink.segments.some((segment) => covers(segment, peer.address));
  const near = mode === 'vxlan' ? [] : others.filter(isNear);
  const far = others.filter((peer) => !near.includes(peer));
  const tunnelled = mode === 'direct' || ownSubnet === undefined || uplink === undefined ? [] : far;
  const hasTunnel = tunnelled.length > 0 || (mode === 'vxlan' && ownSubnet !== undefined && uplink !== undefined);

  const routes: Route[] = [
    // What is for a pod that no node has must not follow the default route out of the cluster.
    { destination: settings.clusterCIDR },
    ...near.flatMap((peer) => peer.podCIDRs.map((destination) => ({ destination, via: peer.address, device: uplink!.link.name }))),
    ...tunnelled.flatMap((peer) => peer.podCIDRs.map((destination) => ({ destination, via: gatewayOf(peer), device: settings.device, onlink: true }))),
  ];
  const mtu = uplink === undefined || uplink.link.name === 'lo' ? undefined : uplink.link.mtu - (hasTunnel ? TUNNEL_OVERHEAD : 0);
  return {
    ...(hasTunnel
      ? {
          tunnel: {
            name: settings.device,
            mac: tunnelMac(settings.nodeAddress),
            mtu: uplink!.link.mtu - TUNNEL_OVERHEAD,
            id: settings.vni,
            port: settings.port,
            local: settings.nodeAddress,
            address: networkAddress(ownSubnet!),
          },
        }
      : {}),
    routes: routes.filter(({ destination }) => destination === settings.clusterCIDR || covers(cluster, destination)),
    neighbours: tunnelled.map((peer) => ({ address: gatewayOf(peer), mac: tunnelMac(peer.address) })),
    forwards: tunnelled.map((peer) => ({ mac: tunnelMac(peer.address), host: peer.address })),
    strayAddresses: own === undefined || own.podCIDRs.length === 0 ? [] : strayAddresses(links, own, settings.bridge),
    ...(mtu === undefined ? {} : { mtu }),
    cutOff: far.filter((peer) => !tunnelled.includes(peer)).map(({ name }) => name),
  };
}

/** The device's MAC address follows from its node's address, so that no node needs to tell it. */
export function tunnelMac(address: string): string {
  const number = addressNumber(address);
  return ['02', '47', ...[24, 16, 8, 0].map((shift) => ((number >>> shift) & 255).toString(16).padStart(2, '0'))].join(':');
}

/** The first address of a node's subnet, which no pod has, is that of its VXLAN device. */
const gatewayOf = ({ podCIDRs }: Peer): string => podCIDRs[0]!.split('/')[0]!;

function uplinkOf(links: readonly HostLink[], address: string): { readonly link: HostLink; readonly segments: readonly Subnet[] } | undefined {
  const link = links.find(({ addresses }) => addresses.some((each) => each.address === address));
  if (link === undefined) return undefined;
  const segments = link.addresses.filter((each) => each.address === address).flatMap((each) => parseSubnet(`${each.address}/${each.bits}`) ?? []);
  return { link, segments };
}

function strayAddresses(links: readonly HostLink[], own: Peer, bridge: string): Wanted['strayAddresses'] {
  const subnets = own.podCIDRs.flatMap((each) => parseSubnet(each) ?? []);
  const addresses = links.find(({ name }) => name === bridge)?.addresses ?? [];
  return addresses.filter(({ address }) => !subnets.some((subnet) => covers(subnet, address))).map((each) => ({ link: bridge, ...each }));
}

import type { V1Node } from '../api/generated/types.ts';
import { networkSteps } from './difference.ts';
import type { HostLink, HostState } from './hostState.ts';
import { peersOf } from './peers.ts';
import { type Mode, NOTHING, tunnelMac, wantedNetwork } from './wanted.ts';

const settings = { nodeName: 'a', nodeAddress: '10.240.0.11', clusterCIDR: '10.244.0.0/16', device: 'gantry-vxlan', vni: 1, port: 8472, bridge: 'cni0' };
const uplink: HostLink = { name: 'eth0', mtu: 1500, mac: '02:00:0a:f0:00:0b', up: true, addresses: [{ address: '10.240.0.11', bits: 24 }] };
const own = node('a', '10.240.0.11', '10.244.0.0/24');
const near = node('b', '10.240.0.12', '10.244.1.0/24');
const far = node('c', '172.20.0.7', '10.244.2.0/24');
const UNREACHABLE = { destination: '10.244.0.0/16' };

function node(name: string, address: string, podCIDR: string, creationTimestamp = '2026-01-01T00:00:00Z'): V1Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name, resourceVersion: '1', creationTimestamp }, spec: { podCIDR, podCIDRs: [podCIDR] }, status: { addresses: [{ type: 'InternalIP', address }] } };
}

const wanted = (mode: Mode, nodes: readonly V1Node[], links: readonly HostLink[] = [uplink]) => wantedNetwork(mode, peersOf(nodes), links, settings);
const nothing: HostState = { links: [uplink], routes: [], neighbours: [], forwards: [] };

test('a node on the own segment is routed to, one elsewhere gets a tunnel', () => {
  const { routes, tunnel, neighbours, forwards, mtu } = wanted('auto', [own, near, far]);
  expect(routes).toEqual([
    UNREACHABLE,
    { destination: '10.244.1.0/24', via: '10.240.0.12', device: 'eth0' },
    { destination: '10.244.2.0/24', via: '10.244.2.0', device: 'gantry-vxlan', onlink: true },
  ]);
  expect(tunnel).toMatchObject({ name: 'gantry-vxlan', address: '10.244.0.0', local: '10.240.0.11', mtu: 1450, id: 1, port: 8472 });
  expect(neighbours).toEqual([{ address: '10.244.2.0', mac: '02:47:ac:14:00:07' }]);
  expect(forwards).toEqual([{ mac: '02:47:ac:14:00:07', host: '172.20.0.7' }]);
  expect(mtu).toBe(1450);
});

test('without a node elsewhere there is no tunnel, and pods have the whole MTU', () => {
  expect(wanted('auto', [own, near])).toMatchObject({ mtu: 1500, cutOff: [] });
  expect(wanted('auto', [own, near]).tunnel).toBeUndefined();
});

test('the mode forces one way, or none', () => {
  expect(wanted('vxlan', [own, near]).routes[1]).toMatchObject({ device: 'gantry-vxlan' });
  expect(wanted('vxlan', [own]).mtu).toBe(1450);
  expect(wanted('direct', [own, near, far])).toMatchObject({ routes: [UNREACHABLE, { via: '10.240.0.12' }], cutOff: ['c'] });
  expect(wanted('none', [own, near, far])).toEqual(NOTHING);
});

test('a node without subnet or address is nobody yet; ranges outside the cluster are not ours', () => {
  const bare = { ...near, spec: {} };
  const mute = { ...near, status: {} };
  expect(wanted('auto', [own, bare]).routes).toEqual([UNREACHABLE]);
  expect(wanted('auto', [own, mute]).routes).toEqual([UNREACHABLE]);
  expect(wanted('auto', [own, node('x', '10.240.0.13', '192.168.0.0/24')]).routes).toEqual([UNREACHABLE]);
});

test('a subnet is the newer node’s while both are there', () => {
  const heir = node('d', '10.240.0.14', '10.244.1.0/24', '2026-01-02T00:00:00Z');
  expect(wanted('auto', [own, near, heir]).routes).toEqual([UNREACHABLE, { destination: '10.244.1.0/24', via: '10.240.0.14', device: 'eth0' }]);
});

test('an address of the pods’ bridge from a subnet of before is taken away', () => {
  const bridge: HostLink = { name: 'cni0', mtu: 1500, mac: '', up: true, addresses: [{ address: '10.244.7.1', bits: 24 }, { address: '10.244.0.1', bits: 24 }] };
  expect(wanted('auto', [own], [uplink, bridge]).strayAddresses).toEqual([{ link: 'cni0', address: '10.244.7.1', bits: 24 }]);
});

test('what stands already costs nothing; a node that leaves takes only its own entries', () => {
  const before = wanted('vxlan', [own, near, far]);
  const device: HostLink = { name: 'gantry-vxlan', mtu: 1450, mac: tunnelMac('10.240.0.11'), up: true, addresses: [{ address: '10.244.0.0', bits: 32 }], vxlan: { id: 1, port: 8472, local: '10.240.0.11' } };
  const standing: HostState = { links: [uplink, device], routes: before.routes, neighbours: before.neighbours, forwards: before.forwards };
  expect(networkSteps(before, standing, 'gantry-vxlan')).toEqual([]);
  expect(networkSteps(wanted('vxlan', [own, near]), standing, 'gantry-vxlan')).toEqual([
    { program: 'ip', lines: ['route del 10.244.2.0/24 via 10.244.2.0 dev gantry-vxlan onlink metric 120 proto 120', 'neigh del 10.244.2.0 dev gantry-vxlan'] },
    { program: 'bridge', lines: ['fdb del 02:47:ac:14:00:07 dev gantry-vxlan dst 172.20.0.7 self'] },
  ]);
  expect(networkSteps(NOTHING, standing, 'gantry-vxlan')).toEqual([
    { program: 'ip', lines: ['link del gantry-vxlan'] },
    { program: 'ip', lines: ['route del unreachable 10.244.0.0/16 metric 120 proto 120'] },
  ]);
});

test('a device of other properties is made anew, before the routes through it', () => {
  const device: HostLink = { name: 'gantry-vxlan', mtu: 1450, mac: tunnelMac('10.240.0.11'), up: true, addresses: [], vxlan: { id: 7, port: 8472, local: '10.240.0.11' } };
  const [first, second, third] = networkSteps(wanted('vxlan', [own, far]), { ...nothing, links: [uplink, device] }, 'gantry-vxlan');
  expect(first?.lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(['link del gantry-vxlan', 'link add gantry-vxlan', 'link set gantry-vxlan', 'address add 10.244.0.0/32', 'neigh replace 10.244.2.0']);
  expect(second).toEqual({ program: 'bridge', lines: ['fdb replace 02:47:ac:14:00:07 dev gantry-vxlan dst 172.20.0.7 self permanent'] });
  expect(third?.lines).toHaveLength(2);
});

test('a subnet that another node took over is re-routed in one step', () => {
  const standing: HostState = { ...nothing, routes: wanted('auto', [own, near]).routes };
  const heir = node('d', '10.240.0.14', '10.244.1.0/24');
  expect(networkSteps(wanted('auto', [own, heir]), standing, 'gantry-vxlan')).toEqual([{ program: 'ip', lines: ['route replace 10.244.1.0/24 via 10.240.0.14 dev eth0 metric 120 proto 120'] }]);
});

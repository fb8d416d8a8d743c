import { Conntrack } from '../../host/conntrack.ts';
import { Iptables } from '../../host/iptables.ts';
import { setSysctl } from '../../host/sysctl.ts';
import type { Kernel } from '../../kube-proxy/kernel.ts';
import { Namespace } from './namespace.ts';

export const NODE_ADDRESS = '10.240.0.11';
export const OUTSIDE_ADDRESS = '10.240.0.99';

/** A node with two pods on its bridge, and a machine outside; nothing has a default route, so nothing can get away. */
export interface Network {
  readonly node: Namespace;
  /** 10.244.0.2 */
  readonly pod: Namespace;
  /** 10.244.0.3 */
  readonly otherPod: Namespace;
  /** 10.240.0.99, on the node's uplink; also has 10.244.1.2, as a pod of another node. */
  readonly outside: Namespace;
  readonly kernel: Kernel;
  /** Commands of the iptables under test, in the node. */
  readonly program: string;
  /** How many packets of the service range have reached the machine outside since it was last asked. */
  leaked(): Promise<number>;
  close(): Promise<void>;
}

/** `program`: `iptables-nft` or `iptables-legacy`. */
export async function openNetwork(program: string): Promise<Network> {
  const [node, pod, otherPod, outside] = await Promise.all(['node', 'pod', 'other', 'outside'].map((name) => Namespace.open(name)) as unknown as [Promise<Namespace>, Promise<Namespace>, Promise<Namespace>, Promise<Namespace>]);
  await node.ip(
    `link add up0 address 02:00:0a:f0:00:11 type veth peer name up0 address 02:00:0a:f0:00:99 netns ${outside.pid}`,
    'link add cni0 address 02:00:0a:f4:00:01 type bridge',
    'link add svc0 type bridge',
    'link set svc0 up',
    `addr add ${NODE_ADDRESS}/24 dev up0`,
    'addr add 10.244.0.1/24 dev cni0',
    'link set up0 up',
    'link set cni0 up',
    `link add pod1 type veth peer name eth0 netns ${pod.pid}`,
    `link add pod2 type veth peer name eth0 netns ${otherPod.pid}`,
    'link set pod1 master cni0 up',
    'link set pod2 master cni0 up',
    // Worse than on a real node: what no rule stops would leave by the uplink and be counted there.
    `route add 10.96.0.0/12 via ${OUTSIDE_ADDRESS}`,
    `route add 10.244.1.0/24 via ${OUTSIDE_ADDRESS}`,
  );
  await node.run(['sh', '-c', 'for port in pod1 pod2; do bridge link set dev $port hairpin on; done']);
  // By the mask no ICMP error counts against the kernel's limits, or what is refused by one would often get no answer.
  const settings = ['net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1', 'net.ipv4.icmp_ratemask=0'];
  await node.run(['sysctl', '-qw', ...settings]);
  for (const [each, address] of [[pod, '10.244.0.2'], [otherPod, '10.244.0.3']] as const) {
    const routes = ['10.96.0.0/12', '10.240.0.0/24', '10.244.0.0/16'].map((range) => `route add ${range} via 10.244.0.1`);
    await each.ip(`addr add ${address}/24 dev eth0`, 'link set eth0 up', ...routes);
  }
  await outside.ip(`addr add ${OUTSIDE_ADDRESS}/24 dev up0`, 'addr add 10.244.1.2/32 dev lo', 'link set up0 up', `route add 10.244.0.0/24 via ${NODE_ADDRESS}`);
  await outside.run(['iptables-nft', '-t', 'raw', '-A', 'PREROUTING', '-d', '10.96.0.0/12', '-j', 'DROP']);
  const prefix = node.enter;
  return {
    node,
    pod,
    otherPod,
    outside,
    program,
    kernel: {
      iptables: new Iptables({ program, prefix }),
      conntrack: new Conntrack(prefix),
      nodeAddresses: () => new Set([NODE_ADDRESS, '10.244.0.1', '127.0.0.1']),
      setSysctl: (name, value) => setSysctl(name, value, prefix),
    },
    leaked: async () => {
      const counted = /-c (\d+) \d+/.exec(await outside.run(['iptables-nft', '-t', 'raw', '-v', '-S', 'PREROUTING']).then((text) => text.split('\n').find((line) => line.includes('DROP')) ?? ''))?.[1];
      await outside.run(['iptables-nft', '-t', 'raw', '-Z']);
      return Number(counted);
    },
    close: async () => {
      await Promise.all([pod, otherPod, outside, node].map((each) => each.close()));
    },
  };
}

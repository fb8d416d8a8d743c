import { readFileSync } from 'node:fs';
import { Nodes } from '../../client/resources.ts';
import { checkCommand, runCommand } from '../../host/command.ts';
import { kernelOf } from '../../node-network/kernel.ts';
import { removeNodeNetwork } from '../../node-network/nodeNetwork.ts';
import { eventually } from '../rig/processes.ts';
import { NetworkCluster, type TestNode, type TestPod } from './cluster.ts';

jest.setTimeout(600_000);

/** The ways between the pods of three hosts: two on one segment, one beyond it. How soon they follow a change is measured by `npm run bench network`; here times only bound. */
let cluster: NetworkCluster;
let near: readonly [TestNode, TestNode];
let far: TestNode;
let pods: readonly [TestPod, TestPod, TestPod];
let hasVxlan: boolean;

const inHost = (node: TestNode, ...words: string[]): Promise<string> => checkCommand(['nsenter', `--net=/proc/${node.host.pid}/ns/net`, ...words]);
const answers = (what: string, ask: () => Promise<string>, expected: string): Promise<string> => {
  let last = '';
  return eventually(what, 60_000, async () => ((last = await ask()) === expected ? last : undefined)).catch((error: unknown) => {
    throw new Error(`${String(error)}; the last answer was "${last}"`, { cause: error });
  });
};

beforeAll(async () => {
  hasVxlan = (await runCommand(['unshare', '--net', 'ip', 'link', 'add', 'vxlan0', 'type', 'vxlan', 'id', '1', 'dstport', '8472'])).code === 0;
  if (!hasVxlan) process.stderr.write('THIS KERNEL HAS NO VXLAN DRIVER: tunnels are not tested here, only what is decided about them (node-network/wanted.test.ts) and direct routes\n');
  cluster = await NetworkCluster.open();
  const first = await cluster.addNode('one', { podCIDR: '10.244.0.0/24' });
  const second = await cluster.addNode('two', { podCIDR: '10.244.1.0/24' });
  far = await cluster.addNode('far', { podCIDR: '10.244.2.0/24', address: '10.250.0.13' });
  near = [first, second];
  pods = [await cluster.addPod(first, 'a'), await cluster.addPod(second, 'b'), await cluster.addPod(far, 'c')];
});
afterAll(() => cluster.close());

test('pods of nodes on one segment reach each other by routes, with their own addresses', async () => {
  const [a, b] = pods;
  await answers('a reaches b', () => a.agent.tcp(b.address, 8080), `b ${a.address}`);
  await answers('b reaches a', () => b.agent.tcp(a.address, 8080), `a ${b.address}`);
  expect(await a.agent.udp(b.address, 8080)).toBe(`b ${a.address}`);
  expect(await inHost(near[0], 'ip', 'route', 'show', 'proto', '120')).toContain(`${near[1].podCIDR} via ${near[1].address} dev eth0`);
});

test('hosts reach pods of other nodes, and pods reach other hosts', async () => {
  const [a, b] = pods;
  expect(await near[0].agent.tcp(b.address, 8080)).toBe(`b ${near[0].address}`);
  // A node's address is none of the pods' range: the node answers for its pods there.
  expect(await a.agent.tcp(near[1].address, 9090)).toBe(`two ${near[0].address}`);
});

test('pods beyond the segment are reached by a tunnel, with their own addresses', async () => {
  if (!hasVxlan) return;
  const [a, b, c] = pods;
  for (const [from, to] of [[a, c], [c, a], [b, c], [c, b]] as const) await answers(`${from.name} reaches ${to.name}`, () => from.agent.tcp(to.address, 8080), `${to.name} ${from.address}`);
  expect(await c.agent.udp(a.address, 8080)).toBe(`a ${c.address}`);
  // What a host sends into a tunnel has an address that the answer comes back to the same way.
  await answers('a host reaches c', () => near[0].agent.tcp(c.address, 8080), 'c 10.244.0.0');
  await answers('a host reaches c from its address', () => near[0].agent.tcp(c.address, 8080, near[0].address), 'c 10.244.0.0');
  expect(await inHost(near[0], 'ip', '-o', 'link', 'show', 'gantry-vxlan')).toContain('mtu 1450');
});

test('the kubelet is told the packet size that all pods can take', async () => {
  // Until the node beyond the segment is known, it may be larger.
  await eventually('the size is told', 60_000, () => (readFileSync(cluster.noticeFile('one'), 'utf8').includes('1450') ? true : undefined));
  expect(JSON.parse(readFileSync(cluster.noticeFile('one'), 'utf8'))).toEqual({ mtu: 1450 });
});

test('what is for a pod that no node has ends at the host, and does not follow the default route', async () => {
  const [a] = pods;
  expect(await near[0].agent.tcp('10.244.77.2', 8080)).toBe('EHOSTUNREACH');
  expect(await a.agent.tcp('10.244.77.2', 8080)).toBe('EHOSTUNREACH');
});

test('a node that joins is reached, one that leaves is gone, and its subnet may become another one’s', async () => {
  const [a, b] = pods;
  const { client } = cluster.control;
  const [one, two] = near;
  await client.delete(Nodes, two.name);
  await answers('a reaches b no more', () => a.agent.tcp(b.address, 8080), 'EHOSTUNREACH');
  await eventually('the route is gone', 60_000, async () => ((await inHost(one, 'ip', 'route', 'show', 'proto', '120')).includes(two.podCIDR) ? undefined : true));
  await cluster.register(two);
  await answers('a reaches b again', () => a.agent.tcp(b.address, 8080), `b ${a.address}`);

  // The subnet of the second goes to the far one, and the second gets another.
  await client.delete(Nodes, two.name);
  await cluster.register({ name: 'heir', address: far.address, podCIDR: two.podCIDR });
  await cluster.register({ ...two, podCIDR: '10.244.9.0/24' });
  await eventually('the way leads to the heir', 60_000, async () => ((await inHost(one, 'ip', 'route', 'show', two.podCIDR)).includes(hasVxlan ? 'gantry-vxlan' : 'unreachable') ? true : undefined));
  await eventually('the second node has given its old subnet up', 60_000, async () => ((await inHost(two, 'ip', 'address', 'show', 'dev', 'cni0')).includes('10.244.1.1') ? undefined : true));
  expect(await inHost(two, 'sh', '-c', 'ip route get 10.244.1.7 2>&1 || :')).not.toContain('cni0');
  for (const name of ['heir', two.name]) await client.delete(Nodes, name);
  await cluster.register(two);
  await answers('as it was', async () => {
    // Taken away once more if the node did not know yet that the subnet is its own again.
    await inHost(two, 'ip', 'address', 'replace', '10.244.1.1/24', 'dev', 'cni0');
    return a.agent.tcp(b.address, 8080);
  }, `b ${a.address}`);
});

test('what somebody else removes comes back, what somebody else added stays', async () => {
  const [one, two] = near;
  await inHost(one, 'ip', 'route', 'add', '10.244.200.0/24', 'dev', 'svc0');
  await inHost(one, 'ip', 'route', 'del', two.podCIDR);
  await inHost(one, 'iptables', '--wait', '-t', 'nat', '-D', 'POSTROUTING', '-m', 'comment', '--comment', 'gantry postrouting rules', '-j', 'GANTRY-POSTROUTING');
  await eventually('route and rule are back', 60_000, async () => ((await inHost(one, 'ip', 'route', 'show', two.podCIDR)) !== '' && (await inHost(one, 'iptables-save', '-t', 'nat')).includes('-j GANTRY-POSTROUTING') ? true : undefined));
  expect(await inHost(one, 'ip', 'route', 'show', '10.244.200.0/24')).toContain('svc0');
});

test('pods leave the cluster with their node’s address', async () => {
  const [a] = pods;
  await inHost(near[1], 'ip', 'address', 'add', '10.251.0.1/32', 'dev', 'lo');
  await inHost(near[0], 'ip', 'route', 'add', '10.251.0.1/32', 'via', near[1].address);
  await a.agent.ip('route add 10.251.0.1/32 via 10.244.0.1');
  expect(await a.agent.tcp('10.251.0.1', 9090)).toBe(`two ${near[0].address}`);
});

test('where the tunnel cannot be made, the routes stand nevertheless', async () => {
  const [one, two] = near;
  // Another tunnel of the same number and port is in the way.
  await inHost(one, 'sh', '-c', 'ip link del gantry-vxlan 2>/dev/null; ip link add other0 type vxlan id 1 local 10.240.0.11 dstport 8472 2>/dev/null; ip route del 10.244.1.0/24');
  await eventually('the route is back', 60_000, async () => ((await inHost(one, 'ip', 'route', 'show', two.podCIDR)) !== '' ? true : undefined));
  expect(await pods[0].agent.tcp(pods[1].address, 8080)).toBe(`b ${pods[0].address}`);
  await inHost(one, 'sh', '-c', 'ip link del other0 2>/dev/null || :');
  if (hasVxlan) await answers('the tunnel is back', () => pods[0].agent.tcp(pods[2].address, 8080), `c ${pods[0].address}`);
});

test('removal leaves nothing of ours', async () => {
  await cluster.stopComponents(far);
  await removeNodeNetwork(kernelOf(['nsenter', `--net=/proc/${far.host.pid}/ns/net`]), 'gantry-vxlan', '10.244.0.0/16');
  expect(await inHost(far, 'ip', 'route', 'show', 'proto', '120')).toBe('');
  expect(await inHost(far, 'ip', '-o', 'link')).not.toContain('gantry-vxlan');
  expect(await inHost(far, 'iptables-save', '-t', 'nat')).not.toContain('GANTRY-POSTROUTING');
});

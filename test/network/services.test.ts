import { Nodes, Services } from '../../client/resources.ts';
import { checkCommand } from '../../host/command.ts';
import { eventually } from '../rig/processes.ts';
import { NetworkCluster, type TestNode, type TestPod } from './cluster.ts';

/** Services on three hosts: two in zone a, one in zone b; each has a client, the first two have a server. */
let cluster: NetworkCluster;
let nodes: readonly [TestNode, TestNode, TestNode];
let servers: readonly [TestPod, TestPod];
let clients: readonly [TestPod, TestPod, TestPod];
let count = 0;

beforeAll(async () => {
  cluster = await NetworkCluster.open();
  const proxy = { healthzPort: 10_256 };
  nodes = [
    await cluster.addNode('one', { podCIDR: '10.244.0.0/24', zone: 'a', proxy }),
    await cluster.addNode('two', { podCIDR: '10.244.1.0/24', zone: 'a', proxy }),
    await cluster.addNode('three', { podCIDR: '10.244.2.0/24', zone: 'b', proxy }),
  ];
  const [one, two, three] = nodes;
  servers = [await cluster.addPod(one, 's1', { app: 'web' }), await cluster.addPod(two, 's2', { app: 'web' })];
  clients = [await cluster.addPod(one, 'c1'), await cluster.addPod(two, 'c2'), await cluster.addPod(three, 'c3')];
}, 120_000);
afterAll(() => cluster.close(), 30_000);
afterEach(async () => {
  for (const { metadata } of (await cluster.control.client.list(Services, { namespace: 'default' })).items) if (metadata.name !== 'kubernetes') await cluster.control.client.delete(Services, metadata.name, 'default');
});

const inHost = (node: TestNode, ...words: string[]): Promise<string> => checkCommand(['nsenter', `--net=/proc/${node.host.pid}/ns/net`, ...words]);
const answers = (what: string, ask: () => Promise<string>, expected: RegExp): Promise<string> => {
  let last = '';
  return eventually(what, 30_000, async () => (expected.test((last = await ask())) ? last : undefined)).catch((error: unknown) => {
    throw new Error(`${String(error)}; the last answer was "${last}", not ${expected}`, { cause: error });
  });
};
/** Who answers, and whom they see, over many tries. */
async function seen(ask: () => Promise<string>, times = 20): Promise<string[]> {
  const found = new Set<string>();
  for (let at = 0; at < times; at += 1) found.add(await ask());
  return [...found].sort();
}
/** A Service of the servers; gives its cluster IP and node port when every node carries it. */
async function service(spec: Parameters<NetworkCluster['addService']>[1], metadata?: Parameters<NetworkCluster['addService']>[2]): Promise<{ readonly name: string; readonly vip: string; readonly port: number; readonly healthPort: number }> {
  count += 1;
  const name = `web-${count}`;
  const made = await cluster.addService(name, { selector: { app: 'web' }, ...spec }, metadata);
  const vip = made.spec!.clusterIP!;
  for (const node of nodes) await eventually(`${node.name} carries ${name}`, 30_000, async () => ((await inHost(node, 'iptables-save', '-t', 'nat')).includes(`default/${name}:tcp ->`) ? true : undefined));
  return { name, vip, port: made.spec!.ports![0]!.nodePort ?? 0, healthPort: made.spec!.healthCheckNodePort ?? 0 };
}

/** GET inside a host; the status and the body. */
async function get(node: TestNode, port: number, path = '/'): Promise<{ status: number; body: string }> {
  const text = await inHost(node, 'curl', '-s', '--max-time', '2', '-w', '\n%{http_code}', `http://${node.address}:${port}${path}`);
  const at = text.lastIndexOf('\n');
  return { status: Number(text.slice(at + 1)), body: text.slice(0, at) };
}

test('a cluster IP leads to the pods of every node, from pods and from hosts of every node, by TCP and UDP', async () => {
  const { vip } = await service({});
  for (const { agent, address } of clients) {
    expect(await seen(() => agent.tcp(vip, 80))).toEqual([`s1 ${address}`, `s2 ${address}`]);
    expect(await agent.udp(vip, 80)).toMatch(new RegExp(`^s[12] ${address}$`));
  }
  for (const { agent } of nodes) expect((await seen(() => agent.tcp(vip, 80))).map((text) => text.split(' ')[0])).toEqual(expect.arrayContaining(['s1', 's2']));
  // To itself, through the Service: another address, or the answer would never leave the pod.
  expect(await seen(() => servers[0].agent.tcp(vip, 80))).toEqual(['s1 10.244.0.1', 's2 10.244.0.2']);
});

test('a node port answers on every node, for outsiders and for pods of any node', async () => {
  const { port } = await service({ type: 'NodePort' });
  const [one, two, three] = nodes;
  for (const node of nodes) expect((await seen(() => three.agent.tcp(node.address, port))).map((text) => text.split(' ')[0])).toEqual(expect.arrayContaining(['s1', 's2']));
  // The third has no server: what comes there goes on with the node's address.
  expect(await seen(() => one.agent.tcp(three.address, port))).toEqual([`s1 ${three.address}`, `s2 ${three.address}`]);
  expect(await clients[2].agent.tcp(two.address, port)).toMatch(/^s[12] /);
  expect(await clients[0].agent.udp(three.address, port)).toMatch(/^s[12] /);
  expect(await three.agent.tcp('127.0.0.1', port)).toMatch(/^s[12] /);
});

test('externalTrafficPolicy Local keeps the source, drops where there is no endpoint, and tells load balancers so', async () => {
  const { port, healthPort, vip } = await service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
  const [one, two, three] = nodes;
  expect(await seen(() => three.agent.tcp(one.address, port))).toEqual([`s1 ${three.address}`]);
  expect(await seen(() => three.agent.tcp(two.address, port))).toEqual([`s2 ${three.address}`]);
  expect(await one.agent.tcp(three.address, port)).toBe('ETIMEDOUT');
  // Who is on the node, or a pod of it, is no outsider.
  expect(await three.agent.tcp(three.address, port)).toMatch(/^s[12] /);
  expect(await clients[2].agent.tcp(three.address, port)).toMatch(/^s[12] /);
  expect(await seen(() => clients[2].agent.tcp(vip, 80))).toHaveLength(2);
  const health = await Promise.all(nodes.map((node) => get(node, healthPort)));
  expect(health.map(({ status }) => status)).toEqual([200, 200, 503]);
  expect(health.map(({ body }) => (JSON.parse(body) as { localEndpoints: number }).localEndpoints)).toEqual([1, 1, 0]);
});

test('internalTrafficPolicy Local stays on the node', async () => {
  const { vip, port } = await service({ type: 'NodePort', internalTrafficPolicy: 'Local' });
  expect(await seen(() => clients[0].agent.tcp(vip, 80))).toEqual([`s1 ${clients[0].address}`]);
  expect(await seen(() => clients[1].agent.tcp(vip, 80))).toEqual([`s2 ${clients[1].address}`]);
  expect(await clients[2].agent.tcp(vip, 80)).toBe('ETIMEDOUT');
  expect(await nodes[0].agent.tcp(nodes[2].address, port)).toMatch(/^s[12] /);
});

test('a client with affinity stays with one endpoint, on whichever node that is', async () => {
  const { vip } = await service({ sessionAffinity: 'ClientIP' });
  for (const { agent } of clients) expect(await seen(() => agent.tcp(vip, 80), 15)).toHaveLength(1);
});

test('hints keep traffic in the zone or on the node, as far as there is an endpoint', async () => {
  const zoned = await service({ trafficDistribution: 'PreferClose' });
  const hints = async (name: string): Promise<string> => JSON.stringify((await cluster.slicesOf(name)).flatMap(({ endpoints }) => endpoints?.map((each) => each.hints) ?? []));
  expect(await hints(zoned.name)).toBe('[{"forZones":[{"name":"a"}]},{"forZones":[{"name":"a"}]}]');
  expect(await seen(() => clients[0].agent.tcp(zoned.vip, 80))).toHaveLength(2);
  // No endpoint is for zone b: all of them serve it.
  expect(await seen(() => clients[2].agent.tcp(zoned.vip, 80))).toHaveLength(2);
  const near = await service({ trafficDistribution: 'PreferSameNode' });
  await answers('the first node has its own', async () => String(await seen(() => clients[0].agent.tcp(near.vip, 80))), /^s1 \S+$/);
  expect(await seen(() => clients[1].agent.tcp(near.vip, 80))).toEqual([`s2 ${clients[1].address}`]);
  expect(await seen(() => clients[2].agent.tcp(near.vip, 80))).toHaveLength(2);
  const third = await cluster.addPod(nodes[2], 's3', { app: 'web' });
  const sameZone = await service({ trafficDistribution: 'PreferSameZone' });
  await answers('zone b has its own', async () => String(await seen(() => clients[2].agent.tcp(sameZone.vip, 80))), /^s3 \S+$/);
  expect((await seen(() => clients[0].agent.tcp(sameZone.vip, 80))).some((text) => text.startsWith('s3'))).toBe(false);
  await cluster.deletePod(third.name);
});

test('by topology-mode Auto every zone has endpoints in proportion to its CPU', async () => {
  const extra = [await cluster.addPod(nodes[2], 's4', { app: 'web' })];
  // Zone a has two of three nodes, and two of three endpoints.
  const { name, vip } = await service({}, { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } });
  await eventually('hints are there', 30_000, async () => ((await cluster.slicesOf(name)).every(({ endpoints }) => endpoints?.every(({ hints }) => hints?.forZones?.length === 1)) ? true : undefined));
  await answers('zone b has its own', async () => String(await seen(() => clients[2].agent.tcp(vip, 80))), /^s4 \S+$/);
  expect((await seen(() => clients[0].agent.tcp(vip, 80))).map((text) => text.slice(0, 2))).toEqual(['s1', 's2']);
  for (const each of extra) await cluster.deletePod(each.name);
  await answers('zone b is served by others', async () => String((await seen(() => clients[2].agent.tcp(vip, 80))).map((text) => text.slice(0, 2))), /^s1,s2$/);
});

test('a pod on the host’s network serves and is served', async () => {
  await cluster.addHostPod(nodes[2], 'host-web', { app: 'host-web' });
  const { vip } = await service({ selector: { app: 'host-web' }, ports: [{ name: 'tcp', port: 80, targetPort: 9090 }] });
  const [one, , three] = nodes;
  expect(await clients[0].agent.tcp(vip, 80)).toBe(`three ${one.address}`);
  expect(await clients[2].agent.tcp(vip, 80)).toMatch(/^three /);
  expect(await one.agent.tcp(vip, 80)).toBe(`three ${one.address}`);
  expect(await three.agent.tcp(vip, 80)).toMatch(/^three /);
});

test('a UDP flow to a pod of another node goes on elsewhere when that pod goes', async () => {
  const pods = [await cluster.addPod(nodes[1], 'u1', { app: 'udp' })];
  const { vip } = await service({ selector: { app: 'udp' } });
  const flow = (): Promise<string> => clients[0].agent.ask({ op: 'flow', flow: 'udp', to: vip, port: 80 });
  await answers('served', flow, /^u1 /);
  pods.push(await cluster.addPod(nodes[2], 'u2', { app: 'udp' }));
  await cluster.deletePod('u1');
  expect(await answers('moved', flow, /^u2 /)).toContain(clients[0].address);
});

test('a node that joins serves and is served', async () => {
  const { vip, port } = await service({ type: 'NodePort' });
  await cluster.stopComponents(nodes[2]);
  await cluster.control.client.delete(Nodes, 'three');
  await eventually('its pods are gone for the others', 30_000, async () => ((await clients[0].agent.tcp(clients[2].address, 8080)) === 'EHOSTUNREACH' ? true : undefined));
  nodes[2].process = await cluster.startComponents('three', nodes[2].host, nodes[2].address, { proxy: { healthzPort: 10_256 } });
  await cluster.register(nodes[2], 'b');
  await answers('its pods are there again', () => clients[0].agent.tcp(clients[2].address, 8080), /^c3 /);
  await answers('its pods are served', () => clients[2].agent.tcp(vip, 80), /^s[12] /);
  expect(await nodes[0].agent.tcp(nodes[2].address, port)).toMatch(/^s[12] /);
});

test('a node that is going says so to load balancers, and goes on', async () => {
  const [one] = nodes;
  expect(await get(one, 10_256, '/healthz')).toMatchObject({ status: 200, body: expect.stringContaining('"nodeEligible": true') as string });
  const taint = (taints: object[]): Promise<unknown> => cluster.control.client.patch(Nodes, 'one', undefined, 'application/merge-patch+json', { spec: { taints } });
  await taint([{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }]);
  await eventually('not eligible', 30_000, async () => ((await get(one, 10_256, '/healthz')).status === 503 ? true : undefined));
  expect((await get(one, 10_256, '/livez')).status).toBe(200);
  await taint([]);
  await eventually('eligible again', 30_000, async () => ((await get(one, 10_256, '/healthz')).status === 200 ? true : undefined));
});

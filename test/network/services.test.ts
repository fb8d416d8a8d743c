import { Nodes, Services } from '../../client/resources.ts';
import { checkCommand } from '../../host/command.ts';
import { eventually } from '../rig/processes.ts';
import { NetworkCluster, type TestNode, type TestPod } from './cluster.ts';

jest.setTimeout(600_000);

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
});
afterAll(() => cluster.close());
afterEach(async () => {
  for (const { metadata } of (await cluster.control.client.list(Services, { namespace: 'default' })).items) if (metadata.name !== 'kubernetes') await cluster.control.client.delete(Services, metadata.name, 'default');
});

const inHost = (node: TestNode, ...words: string[]): Promise<string> => checkCommand(['nsenter', `--net=/proc/${node.host.pid}/ns/net`, ...words]);
const answers = (what: string, ask: () => Promise<string>, expected: RegExp): Promise<string> => {
  let last = '';
  return eventually(what, 60_000, async () => (expected.test((last = await ask())) ? last : undefined)).catch((error: unknown) => {
    throw new Error(`${String(error)}; the last answer was "${last}", not ${expected}`, { cause: error });
  });
};
/** Who answers, and whom they see, over so many tries that none of two is missed. */
async function seen(ask: () => Promise<string>, times = 30): Promise<string[]> {
  const found = new Set<string>();
  for (let at = 0; at < times; at += 1) found.add(await ask());
  return [...found].sort();
}
/** Just these answer, once the node knows the last word about the endpoints. */
function settles(ask: () => Promise<string>, expected: readonly string[], shown = (text: string): string => text): Promise<readonly string[]> {
  let last: string[] = [];
  return eventually(`answers of ${expected.join(', ')}`, 60_000, async () => {
    last = [...new Set((await seen(ask)).map(shown))];
    return String(last) === String(expected) ? last : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; the last answers were of ${last.join(', ')}`, { cause: error });
  });
}
const podOnly = (text: string): string => text.split(' ')[0]!;
/** A Service of the servers; gives its cluster IP and node port when every node carries it. */
async function service(spec: Parameters<NetworkCluster['addService']>[1], metadata?: Parameters<NetworkCluster['addService']>[2]): Promise<{ readonly name: string; readonly vip: string; readonly port: number; readonly healthPort: number }> {
  count += 1;
  const name = `web-${count}`;
  const made = await cluster.addService(name, { selector: { app: 'web' }, ...spec }, metadata);
  const vip = made.spec!.clusterIP!;
  for (const node of nodes) await eventually(`${node.name} carries ${name}`, 60_000, async () => ((await inHost(node, 'iptables-save', '-t', 'nat')).includes(`default/${name}:tcp ->`) ? true : undefined));
  return { name, vip, port: made.spec!.ports![0]!.nodePort ?? 0, healthPort: made.spec!.healthCheckNodePort ?? 0 };
}

/** GET inside a host; the status and the body. */
async function get(node: TestNode, port: number, path: string): Promise<{ status: number; body: string }> {
  const text = await inHost(node, 'curl', '-s', '--max-time', '20', '-w', '\n%{http_code}', `http://${node.address}:${port}${path}`);
  const at = text.lastIndexOf('\n');
  return { status: Number(text.slice(at + 1)), body: text.slice(0, at) };
}

/** What comes with this status, which may take a while, as may it until somebody listens. */
const told = (node: TestNode, port: number, path: string, wanted: number): Promise<string> =>
  eventually(`${node.name} answers ${wanted}`, 60_000, async () => {
    const answer = await get(node, port, path).catch(() => undefined);
    return answer?.status === wanted ? answer.body : undefined;
  });

test('a cluster IP leads to the pods of every node, from pods and from hosts of every node, by TCP and UDP', async () => {
  const { vip } = await service({});
  for (const { agent, address } of clients) {
    await settles(() => agent.tcp(vip, 80), [`s1 ${address}`, `s2 ${address}`]);
    expect(await agent.udp(vip, 80)).toMatch(new RegExp(`^s[12] ${address}$`));
  }
  for (const { agent } of nodes) await settles(() => agent.tcp(vip, 80), ['s1', 's2'], podOnly);
  // To itself, through the Service: another address, or the answer would never leave the pod.
  await settles(() => servers[0].agent.tcp(vip, 80), ['s1 10.244.0.1', 's2 10.244.0.2']);
});

test('a node port answers on every node, for outsiders and for pods of any node', async () => {
  const { port } = await service({ type: 'NodePort' });
  const [one, two, three] = nodes;
  for (const node of nodes) await settles(() => three.agent.tcp(node.address, port), ['s1', 's2'], podOnly);
  // The third has no server: what comes there goes on with the node's address.
  await settles(() => one.agent.tcp(three.address, port), [`s1 ${three.address}`, `s2 ${three.address}`]);
  expect(await clients[2].agent.tcp(two.address, port)).toMatch(/^s[12] /);
  expect(await clients[0].agent.udp(three.address, port)).toMatch(/^s[12] /);
  expect(await three.agent.tcp('127.0.0.1', port)).toMatch(/^s[12] /);
});

test('externalTrafficPolicy Local keeps the source, drops where there is no endpoint, and tells load balancers so', async () => {
  const { port, healthPort, vip } = await service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
  const [one, two, three] = nodes;
  await settles(() => three.agent.tcp(one.address, port), [`s1 ${three.address}`]);
  await settles(() => three.agent.tcp(two.address, port), [`s2 ${three.address}`]);
  expect(await one.agent.silence(three.address, port)).toBe('ETIMEDOUT');
  // Who is on the node, or a pod of it, is no outsider.
  expect(await three.agent.tcp(three.address, port)).toMatch(/^s[12] /);
  expect(await clients[2].agent.tcp(three.address, port)).toMatch(/^s[12] /);
  await settles(() => clients[2].agent.tcp(vip, 80), ['s1', 's2'], podOnly);
  const health = await Promise.all([one, two, three].map((node, at) => told(node, healthPort, '/', [200, 200, 503][at]!)));
  expect(health.map((body) => (JSON.parse(body) as { localEndpoints: number }).localEndpoints)).toEqual([1, 1, 0]);
});

test('internalTrafficPolicy Local stays on the node', async () => {
  const { vip, port } = await service({ type: 'NodePort', internalTrafficPolicy: 'Local' });
  await settles(() => clients[0].agent.tcp(vip, 80), [`s1 ${clients[0].address}`]);
  await settles(() => clients[1].agent.tcp(vip, 80), [`s2 ${clients[1].address}`]);
  expect(await clients[2].agent.silence(vip, 80)).toBe('ETIMEDOUT');
  expect(await nodes[0].agent.tcp(nodes[2].address, port)).toMatch(/^s[12] /);
});

test('a client with affinity stays with one endpoint, on whichever node that is', async () => {
  const { vip } = await service({ sessionAffinity: 'ClientIP' });
  for (const { agent } of clients) expect(await seen(() => agent.tcp(vip, 80), 15)).toHaveLength(1);
});

test('hints keep traffic in the zone or on the node, as far as there is an endpoint', async () => {
  const zoned = await service({ trafficDistribution: 'PreferClose' });
  const hints = async (name: string): Promise<string> => JSON.stringify((await cluster.slicesOf(name)).flatMap(({ endpoints }) => endpoints?.map((each) => each.hints) ?? []));
  await answers('both are for their zone', () => hints(zoned.name), /^\[\{"forZones":\[\{"name":"a"\}\]\},\{"forZones":\[\{"name":"a"\}\]\}\]$/);
  await settles(() => clients[0].agent.tcp(zoned.vip, 80), ['s1', 's2'], podOnly);
  // No endpoint is for zone b: all of them serve it.
  await settles(() => clients[2].agent.tcp(zoned.vip, 80), ['s1', 's2'], podOnly);
  const near = await service({ trafficDistribution: 'PreferSameNode' });
  await settles(() => clients[0].agent.tcp(near.vip, 80), [`s1 ${clients[0].address}`]);
  await settles(() => clients[1].agent.tcp(near.vip, 80), [`s2 ${clients[1].address}`]);
  await settles(() => clients[2].agent.tcp(near.vip, 80), ['s1', 's2'], podOnly);
  const third = await cluster.addPod(nodes[2], 's3', { app: 'web' });
  const sameZone = await service({ trafficDistribution: 'PreferSameZone' });
  await settles(() => clients[2].agent.tcp(sameZone.vip, 80), [`s3 ${clients[2].address}`]);
  expect(await settles(() => clients[0].agent.tcp(sameZone.vip, 80), ['s1', 's2'], podOnly)).not.toContain('s3');
  await cluster.deletePod(third.name);
});

test('by topology-mode Auto every zone has endpoints in proportion to its CPU', async () => {
  const extra = [await cluster.addPod(nodes[2], 's4', { app: 'web' })];
  // Zone a has two of three nodes, and two of three endpoints.
  const { name, vip } = await service({}, { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } });
  await eventually('hints are there', 60_000, async () => ((await cluster.slicesOf(name)).every(({ endpoints }) => endpoints?.every(({ hints }) => hints?.forZones?.length === 1)) ? true : undefined));
  await settles(() => clients[2].agent.tcp(vip, 80), [`s4 ${clients[2].address}`]);
  await settles(() => clients[0].agent.tcp(vip, 80), ['s1', 's2'], podOnly);
  for (const each of extra) await cluster.deletePod(each.name);
  // Zone b is served by the others.
  expect(await settles(() => clients[2].agent.tcp(vip, 80), ['s1', 's2'], podOnly)).not.toContain('s4');
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
  await eventually('its pods are gone for the others', 60_000, async () => ((await clients[0].agent.tcp(clients[2].address, 8080)) === 'EHOSTUNREACH' ? true : undefined));
  nodes[2].process = await cluster.startComponents('three', nodes[2].host, nodes[2].address, { proxy: { healthzPort: 10_256 } });
  await cluster.register(nodes[2], 'b');
  await answers('its pods are there again', () => clients[0].agent.tcp(clients[2].address, 8080), /^c3 /);
  await answers('its pods are served', () => clients[2].agent.tcp(vip, 80), /^s[12] /);
  expect(await nodes[0].agent.tcp(nodes[2].address, port)).toMatch(/^s[12] /);
});

test('a node that is going says so to load balancers, and goes on', async () => {
  const [one] = nodes;
  expect(await told(one, 10_256, '/healthz', 200)).toContain('"nodeEligible": true');
  const taint = (taints: object[]): Promise<unknown> => cluster.control.client.patch(Nodes, 'one', undefined, 'application/merge-patch+json', { spec: { taints } });
  await taint([{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }]);
  await told(one, 10_256, '/healthz', 503);
  expect((await get(one, 10_256, '/livez')).status).toBe(200);
  await taint([]);
  await told(one, 10_256, '/healthz', 200);
});

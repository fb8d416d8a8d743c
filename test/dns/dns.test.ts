import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecodedPacket, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import type { V1Service } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { EndpointSlices, Namespaces, Nodes, Services } from '../../client/resources.ts';
import { framed } from '../../dns/upstream.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import { ProxiedCluster } from '../kube-proxy/cluster.ts';
import { NODE_ADDRESS, type Network, openNetwork, OUTSIDE_ADDRESS } from '../kube-proxy/network.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

jest.setTimeout(240_000);

const DNS_ADDRESS = '10.96.0.10';
const folder = mkdtempSync(join(tmpdir(), 'gantry-dns-'));
let api: TestApi;
let cluster: ProxiedCluster;
let network: Network;
let stopProxy: (() => Promise<void>) | undefined;
let door: Server;
const processes: ChildProcess[] = [];
let dns: ChildProcess;

/** A script of this folder in a namespace; resolves when it listens. */
async function startScript(namespace: Network['node'], script: string, ...words: readonly string[]): Promise<ChildProcess> {
  const program = 'setpriv';
  const enter = ['--pdeathsig', 'KILL', ...namespace.enter];
  const child = spawn(program, [...enter, process.execPath, join(repositoryRoot, 'test/dns', script), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
  return child;
}

beforeAll(async () => {
  api = await startHandlers();
  cluster = new ProxiedCluster(api);
  network = await openNetwork('iptables-nft');
  // The API server is in this process' network; a Unix socket is a door to it from every namespace.
  const path = join(folder, 'api.sock');
  door = createServer((far) => {
    const near = connect(api.serving.port, '127.0.0.1').on('error', () => far.destroy());
    far.on('error', () => near.destroy()).pipe(near).pipe(far);
  }).listen(path);
  await network.node.ask({ op: 'relay', port: api.serving.port, path });
  for (const name of ['default', 'kube-system']) if ((await api.request('GET', `/api/v1/namespaces/${name}`)).status === 404) await cluster.client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await cluster.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } });
  await startScript(network.outside, 'runUpstream.ts');
  const config = { client: clientConfigOf(api), nodeName: 'node', address: NODE_ADDRESS, port: 10_053, clusterIP: DNS_ADDRESS, domain: 'cluster.local', resolvConf: `nameserver ${OUTSIDE_ADDRESS}\n` };
  dns = await startScript(network.node, 'runDns.ts', JSON.stringify(config));
  stopProxy = await cluster.startProxy(network);
  await cluster.addService('web', { clusterIP: '10.96.0.20' }, [{ address: '10.244.0.2' }]);
  await cluster.addService('db', { clusterIP: 'None', ports: [{ name: 'tcp', port: 8080 }] }, [{ address: '10.244.0.2' }, { address: '10.244.0.3' }]);
  const aliases: Record<string, string> = { out: 'example.test', inside: 'web.default.svc.cluster.local' };
  for (const [name, externalName] of Object.entries(aliases)) {
    const service: Draft<V1Service> = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { type: 'ExternalName', externalName } };
    await cluster.client.create(Services, service, 'default');
  }
  // Before the rules stand a question is lost.
  await eventually('the DNS answers at its Service', 60_000, async () => ((await ask('inside.default.svc.cluster.local', 'A', 'udp', {}, 1_000).catch(() => undefined))?.answers?.length === 2 ? true : undefined));
  await eventually('the DNS knows the slices', 60_000, async () => ((await ask('db.default.svc.cluster.local')).answers?.length === 2 ? true : undefined));
});
afterAll(async () => {
  for (const child of processes) child.kill('SIGTERM');
  await stopProxy?.();
  await network.close();
  door.close();
  cluster.client.close();
  await api.close();
  rmSync(folder, { recursive: true });
});

type Type = 'A' | 'AAAA' | 'SRV' | 'PTR' | 'CNAME';

/** From a pod, at the well-known address. */
async function ask(name: string, type: Type = 'A', protocol: 'udp' | 'tcp' = 'udp', more: Packet = {}, patience?: number): Promise<DecodedPacket> {
  const query = encode({ type: 'query', id: 4242, flags: RECURSION_DESIRED, questions: [{ type, name }], ...more });
  const hex = await network.pod.ask({ op: 'bytes', protocol, to: DNS_ADDRESS, port: 53, hex: (protocol === 'udp' ? query : framed(query)).toString('hex'), ...(patience === undefined ? {} : { patience }) });
  if (!/^[0-9a-f]+$/.test(hex)) throw new Error(`no answer: ${hex}`);
  return decode(Buffer.from(hex, 'hex').subarray(protocol === 'udp' ? 0 : 2));
}
const rcodeOf = (packet: DecodedPacket): string => ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN'][(packet.flags ?? 0) & 15] ?? 'another code';
/** The same of a name for which the upstream server is asked, which is waited for no longer than 2 s: resolvers ask again. */
const askBeyond = (name: string, type: Type = 'A', protocol: 'udp' | 'tcp' = 'udp'): Promise<DecodedPacket> =>
  eventually(`an upstream answer for ${name}`, 60_000, async () => {
    const answer = await ask(name, type, protocol);
    return rcodeOf(answer) === 'SERVFAIL' ? undefined : answer;
  });
const dataOf = (packet: DecodedPacket): unknown[] => (packet.answers ?? []).map((answer) => ('data' in answer ? answer.data : undefined));

test.each(['udp', 'tcp'] as const)('by %s: Services, headless Services, their ports, the way back, and aliases', async (protocol) => {
  const data = async (name: string, type: Type = 'A'): Promise<unknown[]> => dataOf(await ask(name, type, protocol));
  expect(await data('web.default.svc.cluster.local')).toEqual(['10.96.0.20']);
  expect((await data('db.default.svc.cluster.local')).map(String).sort()).toEqual(['10.244.0.2', '10.244.0.3']);
  expect(await data('10-244-0-3.db.default.svc.cluster.local')).toEqual(['10.244.0.3']);
  expect(await data('_tcp._tcp.web.default.svc.cluster.local', 'SRV')).toEqual([{ priority: 0, weight: 100, port: 80, target: 'web.default.svc.cluster.local' }]);
  expect(await data('20.0.96.10.in-addr.arpa', 'PTR')).toEqual(['web.default.svc.cluster.local']);
  expect(await data('3.0.244.10.in-addr.arpa', 'PTR')).toEqual(['10-244-0-3.db.default.svc.cluster.local']);
  expect(await data('out.default.svc.cluster.local', 'CNAME')).toEqual(['example.test']);
  // The alias alone is all that is known while the upstream server is silent.
  const out = await eventually('where the alias leads', 60_000, async () => {
    const found = await data('out.default.svc.cluster.local');
    return found.length > 1 ? found : undefined;
  });
  expect(out).toEqual(['example.test', '192.0.2.53']);
  expect(await data('inside.default.svc.cluster.local')).toEqual(['web.default.svc.cluster.local', '10.96.0.20']);
  expect(dataOf(await askBeyond('example.test', 'A', protocol))).toEqual(['192.0.2.53']);
});

test('a name that is not there, and one that has no such record', async () => {
  expect(rcodeOf(await ask('nope.default.svc.cluster.local'))).toBe('NXDOMAIN');
  const nothing = await ask('web.default.svc.cluster.local', 'AAAA');
  expect([rcodeOf(nothing), nothing.answers, nothing.authorities?.[0]?.type]).toEqual(['NOERROR', [], 'SOA']);
  expect(rcodeOf(await askBeyond('elsewhere.invalid'))).toBe('NXDOMAIN');
});

test('what does not fit is cut, and comes whole by TCP', async () => {
  await cluster.setBackends('db', Array.from({ length: 100 }, (_, at) => ({ address: `10.244.0.${at + 2}` })));
  const cut = await eventually('the answer no longer fits', 60_000, async () => {
    const answer = await ask('db.default.svc.cluster.local');
    return answer.flag_tc ? answer : undefined;
  });
  expect(cut.answers).toEqual([]);
  expect((await ask('db.default.svc.cluster.local', 'A', 'tcp')).answers).toHaveLength(100);
  expect((await askBeyond('large.test')).flag_tc).toBe(true);
  expect((await askBeyond('large.test', 'A', 'tcp')).answers).toHaveLength(100);
  await cluster.setBackends('db', Array.from({ length: 20 }, (_, at) => ({ address: `10.244.0.${at + 2}` })));
  const edns: Packet = { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }] };
  await eventually('20 addresses fit with EDNS', 60_000, async () => ((await ask('db.default.svc.cluster.local', 'A', 'udp', edns)).answers?.length === 20 ? true : undefined));
});

test('an upstream server that is silent', async () => {
  expect(rcodeOf(await ask('silent.test'))).toBe('SERVFAIL');
});

test('malformed packets change nothing', async () => {
  const query = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'web.default.svc.cluster.local' }] });
  const send = (protocol: 'udp' | 'tcp', bytes: Buffer): void => void network.pod.ask({ op: 'bytes', protocol, to: DNS_ADDRESS, port: 53, hex: bytes.toString('hex') });
  for (let turn = 0; turn < 300; turn += 1) {
    const broken = Buffer.from(query);
    for (let change = 0; change <= turn % 5; change += 1) broken[randomBytes(1)[0]! % broken.length] = randomBytes(1)[0]!;
    send('udp', turn % 3 === 0 ? randomBytes(turn + 1) : broken.subarray(0, turn % 2 === 0 ? undefined : turn % query.length));
    if (turn % 20 === 0) send('tcp', turn % 40 === 0 ? framed(randomBytes(40)) : randomBytes(40));
  }
  // A question may be lost behind so many datagrams; resolvers ask again.
  const answer = await eventually('the DNS answers still', 60_000, () => ask('web.default.svc.cluster.local', 'A', 'udp', {}, 5_000).catch(() => undefined));
  expect(dataOf(answer)).toEqual(['10.96.0.20']);
  expect(dns.exitCode).toBe(null);
});

test('the resolvers of the C library and of Node find names by the search list', async () => {
  const file = join(folder, 'resolv.conf');
  writeFileSync(file, `nameserver ${DNS_ADDRESS}\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5 timeout:30\n`);
  const inPod = (command: string): Promise<string> => network.pod.run(['unshare', '--mount', 'sh', '-c', `mount --bind ${file} /etc/resolv.conf && ${command}`]);
  expect(await inPod('getent ahostsv4 web')).toMatch(/^10\.96\.0\.20\s/);
  expect(await inPod('getent hosts web.default')).toMatch(/^10\.96\.0\.20\s+web\.default\.svc\.cluster\.local/);
  // Where the upstream server is asked, which may take longer than it is waited for, once more.
  for (const name of ['out', 'example.test']) {
    const found = await eventually(`getent finds ${name}`, 60_000, () => inPod(`getent ahostsv4 ${name}`).catch(() => undefined));
    expect(found).toMatch(/^192\.0\.2\.53\s/);
  }
  expect(await inPod('getent hosts 10.96.0.20')).toContain('web.default.svc.cluster.local');
  expect(await inPod(`${process.execPath} -e 'require("dns").lookup("web", (error, address) => console.log(error ? error.code : address))'`)).toBe('10.96.0.20\n');
});

test('the Service and the slice come back when somebody deletes them', async () => {
  await cluster.client.delete(Services, 'kube-dns', 'kube-system');
  await cluster.client.delete(EndpointSlices, 'kube-dns-node', 'kube-system');
  const isThere = async (path: string): Promise<boolean> => (await api.request('GET', path)).status === 200;
  await eventually('the slice is back', 60_000, async () => ((await isThere('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns-node')) ? true : undefined));
  await eventually('the Service is back', 60_000, async () => ((await isThere('/api/v1/namespaces/kube-system/services/kube-dns')) ? true : undefined));
  expect((await cluster.client.get(Services, 'kube-dns', 'kube-system')).spec?.clusterIP).toBe(DNS_ADDRESS);
});

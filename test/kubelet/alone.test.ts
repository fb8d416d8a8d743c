import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { V1Node } from '../../api/generated/types.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { childrenOf, delay, eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig, type Rig } from '../rig/rig.ts';

/** A kubelet that is run by itself, with Kubernetes' own flags, on a machine which has nothing but a token. */
const gantry = `${repositoryRoot}/bin/gantry`;
const LONG = { timeoutMilliseconds: 170_000 };
const FLAGS = [
  '--kubeconfig=/etc/kubernetes/alone.conf', '--bootstrap-kubeconfig=/root/bootstrap.conf', '--cert-dir=/var/lib/alone', '--client-ca-file=/root/ca.crt',
  '--register-with-taints=dedicated=alone:NoSchedule', '--provider-id=rig:///two', '--node-labels=rack=r2', '--node-status-update-frequency=1s', '--node-lease-duration=8s',
];
const CLIENT_FILE = '/var/lib/alone/kubelet-client-current.pem';
const SERVER_FILE = '/var/lib/alone/kubelet-server-current.pem';
let rig: Rig;
let first: RigHost;
let alone: RigHost;
let stopKubelet: (() => Promise<void>) | undefined;

beforeAll(async () => {
  rig = await createRig();
  first = await rig.addHost('one');
  alone = await rig.addHost('two');
  // Certificates are issued for so short that they have to be renewed while the test runs.
  await first.check([gantry, 'up', '--set=controller-manager.cluster-signing-duration=1m'], LONG);
  await alone.startDocker(['--live-restore']);
  await loadImages(alone, { 'box:1': 'box' });
  const words = (await first.check([gantry, 'token', 'create'])).trim().split(' ');
  const authority = readFileSync(first.path('/etc/kubernetes/pki/ca.crt'), 'utf8');
  const bootstrap = kubeconfigText({ user: 'bootstrap', server: `https://${first.address}:6443`, authority, credentials: { token: words[words.indexOf('--token') + 1]! } });
  mkdirSync(alone.path('/root'), { recursive: true });
  writeFileSync(alone.path('/root/bootstrap.conf'), bootstrap, { mode: 0o600 });
  writeFileSync(alone.path('/root/ca.crt'), authority);
}, 400_000);
afterAll(async () => {
  await stopKubelet?.();
  await rig?.close();
}, 200_000);

function startKubelet(...more: string[]): void {
  const child = alone.spawn(['sh', '-c', `exec ${[gantry, 'kubelet', ...FLAGS, ...more].join(' ')} >>/var/log/alone.log 2>&1`]);
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  stopKubelet = async () => {
    stopKubelet = undefined;
    // Whoever enters a host's processes waits outside for what runs inside.
    for (const pid of childrenOf(child.pid!)) process.kill(pid, 'SIGTERM');
    await ended;
  };
}

const kubectl = (words: readonly string[], input = ''): Promise<string> => first.check([kubectlPath('1.32'), ...words], { input, timeoutMilliseconds: 150_000 });
const nodes = async (): Promise<readonly V1Node[]> => (JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: V1Node[] }).items;
const ready = (): Promise<V1Node> =>
  eventually('the node is Ready', 120_000, async () =>
    (await nodes()).find(({ metadata, status }) => metadata.name === 'two' && status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')),
  );
const certificate = (file: string): X509Certificate | undefined => (existsSync(alone.path(file)) ? new X509Certificate(readFileSync(alone.path(file), 'utf8')) : undefined);

test('a kubelet with a bootstrap kubeconfig gets its certificates and becomes a Ready node, as its flags say', async () => {
  startKubelet();
  const node = await ready();
  expect(node.spec).toMatchObject({ providerID: 'rig:///two', taints: expect.arrayContaining([{ key: 'dedicated', value: 'alone', effect: 'NoSchedule' }]) });
  expect(node.metadata.labels).toMatchObject({ rack: 'r2' });
  expect(certificate(CLIENT_FILE)?.subject).toBe('O=system:nodes\nCN=system:node:two');
  expect(readFileSync(alone.path('/etc/kubernetes/alone.conf'), 'utf8')).toContain(CLIENT_FILE);
  const serving = await eventually('the certificate of its server', 90_000, async () => certificate(SERVER_FILE));
  expect(serving.subjectAltName).toBe(`DNS:two, IP Address:${alone.address}`);

  const spec = { nodeName: 'two', terminationGracePeriodSeconds: 0, tolerations: [{ operator: 'Exists' }], containers: [{ name: 'c', image: 'box:1', command: ['sh', '-c', 'echo hello from two; sleep 1000'] }] };
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hello' }, spec }));
  await kubectl(['wait', '--for=condition=Ready', 'pod/hello', '--timeout=120s']);
  // The API server trusts the kubelet's server.
  expect(await eventually('it has said hello', 60_000, async () => (await kubectl(['logs', 'hello'])) || undefined)).toBe('hello from two\n');
}, 400_000);

test('it renews both certificates before they end, and goes on', async () => {
  const [client, server] = [certificate(CLIENT_FILE)!, certificate(SERVER_FILE)!];
  await eventually('both were renewed', 150_000, async () => (certificate(CLIENT_FILE)!.serialNumber !== client.serialNumber && certificate(SERVER_FILE)!.serialNumber !== server.serialNumber ? true : undefined));
  expect(await kubectl(['exec', 'hello', '--', 'echo', 'still here'])).toBe('still here\n');
  await ready();
}, 400_000);

test('it comes back without its token; with --register-node=false the node is somebody else’s to make', async () => {
  await stopKubelet!();
  rmSync(alone.path('/root/bootstrap.conf'));
  // At once: what it was away for comes off the minute that its certificate counts.
  startKubelet('--register-node=false');
  await eventually('the kubelet serves', 90_000, async () => ((await alone.exec(['sh', '-c', 'ss -ltn | grep -q :10250'])).code === 0 ? true : undefined));
  await kubectl(['delete', 'pod', 'hello', '--force', '--grace-period=0']);
  await kubectl(['delete', 'node', 'two']);
  // Three times as long as from one report of its status to the next.
  await delay(3000);
  expect((await nodes()).map(({ metadata }) => metadata.name)).toEqual(['one']);
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'two' } }));
  expect((await ready()).spec?.providerID).toBeUndefined();
  await eventually('its lease is there', 90_000, async () => ((await kubectl(['get', 'lease', '-n', 'kube-node-lease', '-o', 'name'])).includes('/two') ? true : undefined));
}, 400_000);

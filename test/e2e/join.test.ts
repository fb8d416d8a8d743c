import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { insist } from '../rig/insist.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { healthy } from './healthy.ts';
import { hostTraces, tracesUntil } from './hostTraces.ts';
import { webManifest } from './webManifest.ts';

/** Machines become nodes by one line, carry a Service together, and leave; further control planes survive the loss of the first. */
const gantry = `${repositoryRoot}/bin/gantry`;
/** So that a lost node is seen soon, and no other one taken for lost; every machine is told. */
const QUICK = ['controller-manager.node-monitor-period=1s', 'controller-manager.node-monitor-grace-period=15s', 'kubelet.node-status-update-frequency=1s', 'kubelet.node-lease-duration=4s'].map((each) => `--set=${each}`);
const LONG = { timeoutMilliseconds: 300_000 };
let rig: Rig;
let first: RigHost;
let workers: RigHost[];
let before: string;

beforeAll(async () => {
  rig = await createRig();
  first = await rig.addHost('one');
  workers = [await rig.addHost('two'), await rig.addHost('three')];
  before = await hostTraces(workers[1]!);
  await first.check([gantry, 'up', ...QUICK], LONG);
}, 600_000);
afterAll(() => rig.close(), 300_000);

const kubectl = (words: readonly string[], { on = first, input = '' }: { on?: RigHost; input?: string } = {}): Promise<string> => on.check([kubectlPath('1.32'), ...words], { input });
/** The line that `token create` prints, as words to be run on another host. */
async function line(...words: string[]): Promise<string[]> {
  const text = await first.check([gantry, 'token', 'create', ...words]);
  expect(text).toMatch(/^gantry join 10\.240\.0\.11:6443 --token [a-z0-9]{6}\.[a-z0-9]{16} --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}( --control-plane --certificate-key [0-9a-f]{64})?\n$/);
  return [gantry, ...text.trim().split(' ').slice(1)];
}

test('what is not the cluster, or not its token, is refused in one line', async () => {
  const good = await line();
  const host = workers[0]!;
  const wrong = async (words: readonly string[]): Promise<string> => {
    const { code, stderr } = await host.exec(words);
    expect(code).toBe(1);
    expect(stderr.trim()).not.toContain('\n');
    return stderr;
  };
  expect(await wrong(good.map((word) => (word.startsWith('sha256:') ? `sha256:${'0'.repeat(64)}` : word)))).toContain('this is not the cluster that the line was made for');
  expect(await wrong(good.map((word) => word.replace(/\.[a-z0-9]{16}$/, '.0000000000000000')))).toContain('is not signed with this token');
  expect(await wrong(good.map((word) => word.replace(':6443', ':6444')))).toContain('cannot be reached');
  const short = await line('--ttl=1s');
  await eventually('the token has ended', 90_000, async () => ((await first.check([gantry, 'token', 'list'])).includes(short[4]!) ? undefined : true));
  expect(await wrong(short)).toContain('does not know this token, or it has expired');
  expect(await host.check(['ls', '/etc'])).not.toContain('kubernetes');
}, 2_400_000);

test('one line makes a machine a node; run again, it changes nothing', async () => {
  const words = [...(await line()), ...QUICK];
  const said = await Promise.all(workers.map((worker) => worker.check(words, LONG)));
  for (const text of said) expect(text).toMatch(/This machine is the node (two|three) of the cluster/);
  await kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=150s']);
  expect(await kubectl(['get', 'nodes', '-o', 'name'])).toBe('node/one\nnode/three\nnode/two\n');
  expect(await workers[0]!.check(words, LONG)).toContain('nothing was changed');
  await healthy(workers[0]!);
  await eventually('the control plane takes no more pods', 90_000, async () => ((await kubectl(['get', 'node', 'one', '-o', 'jsonpath={.spec.taints[*].key}'])) === 'node-role.kubernetes.io/control-plane' ? true : undefined));
  const taken = await (await rig.addHost('four')).exec([...words, '--node-name=two']);
  expect(taken.stderr).toContain('The cluster has a node two already, and it is Ready');
}, 1_200_000);

test('a Deployment across the nodes answers by its Service from every node', async () => {
  await Promise.all([first, ...workers].map((host) => loadImages(host, { 'web:1': 'web' })));
  await kubectl(['apply', '-f', '-'], { input: webManifest({ spread: true, clusterIP: '10.96.77.7' }) });
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s']);
  const nodes = await kubectl(['get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}']);
  expect(new Set(nodes.split(' ')).size).toBe(2);
  for (const host of [first, ...workers]) {
    for (const url of ['http://10.96.77.7/', `http://${host.address}:30080/`]) {
      await eventually(`both pods answer ${host.name} by ${url}`, 90_000, async () => {
        const answers = await Promise.all(Array.from({ length: 8 }, async () => (await host.exec(['curl', '--silent', '--max-time', '30', url])).stdout));
        return answers.every((answer) => answer.startsWith('web 1 on')) && new Set(answers).size === 2 ? true : undefined;
      });
    }
  }
  const [pod] = (await kubectl(['get', 'pods', '-o', 'name'])).split('\n');
  await eventually('its log is there', 60_000, async () => ((await kubectl(['logs', pod!])).includes('web 1 begins') ? true : undefined));
  expect(await kubectl(['exec', pod!, '--', 'node', '-p', '6*7'])).toBe('42\n');
}, 1_200_000);

test('a machine leaves: its pods go elsewhere, its node is gone, and nothing is left on it', async () => {
  const leaver = workers[1]!;
  await leaver.check([gantry, 'leave'], LONG);
  expect(await kubectl(['get', 'nodes', '-o', 'name'])).toBe('node/one\nnode/two\n');
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s']);
  expect(await tracesUntil(leaver, before)).toBe(before);
  expect((await leaver.exec(['ls', '/etc/kubernetes'])).code).not.toBe(0);
}, 1_200_000);

test('three control planes with a member of etcd each: one loses its power, and kubectl goes on', async () => {
  const others = [workers[1]!, (rig.findHost('four'))!];
  const words = [...(await line('--control-plane')), '--etcd', ...QUICK];
  for (const host of others) expect(await host.check(words, LONG)).toContain('The cluster is up');
  const nodes = async (): Promise<string> => (await others[0]!.kubectl('1.32', ['get', 'nodes', '--no-headers', '--request-timeout=10s'])).stdout;
  await eventually('all are control planes', 60_000, async () => ((await nodes()).match(/control-plane/g)?.length === 3 ? true : undefined));
  await eventually('all API servers are endpoints', 90_000, async () => ((await first.kubectl('1.32', ['get', 'endpointslices', 'kubernetes', '-o', 'jsonpath={.endpoints[*].addresses[*]}'])).stdout.split(' ').length === 3 ? true : undefined));

  await first.powerCut();
  const [survivor] = others;
  const create = (...list: string[]): Promise<unknown> => insist(`kubectl ${list.join(' ')}`, () => survivor!.kubectl('1.32', [...list, '--request-timeout=10s']));
  await create('create', 'configmap', 'after');
  await eventually('the lost node is seen', 120_000, async () => (/^one +NotReady/m.test(await nodes()) ? true : undefined));
  await create('run', 'later', '--image=web:1', '--overrides={"spec":{"nodeName":"two"}}');
  await kubectl(['wait', '--for=condition=Ready', 'pod/later', '--timeout=150s'], { on: survivor! });

  await first.boot();
  await first.check([gantry, 'up'], LONG);
  expect(await kubectl(['get', 'configmap', 'after', '-o', 'name'])).toBe('configmap/after\n');
  expect(await others[1]!.check([gantry, 'leave'], LONG)).toContain('etcd goes on without this machine');
  await insist('two members take a write', () => first.kubectl('1.32', ['create', 'configmap', 'two-members', '--request-timeout=10s']));
  expect(await kubectl(['get', 'nodes', '-o', 'name'])).toBe('node/one\nnode/three\nnode/two\n');
}, 2_400_000);

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandResult } from '../../host/command.ts';
import type { RigHost } from '../rig/host.ts';
import { insist } from '../rig/insist.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig, type Rig } from '../rig/rig.ts';

/** The commands of docs/install.md, typed as they stand there: one machine, several, highly available with stacked and with external etcd. Containers, compose and Vagrant have tests of their own. */
const page = readFileSync(join(repositoryRoot, 'docs/install.md'), 'utf8');
let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close(), 300_000);

/** The page's block of commands that contains a text. */
function block(containing: string): string {
  const found = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, content = '']) => content).filter((content) => content.includes(containing));
  if (found.length === 0) throw new Error(`docs/install.md has no commands with ${containing}`);
  return found[0]!;
}

/** What stands in the page for what is different at each reader's. */
type Instead = Readonly<Record<string, string>>;

function tryType(host: RigHost, commands: string): Promise<CommandResult> {
  return host.exec(['bash', '-e', '-c', commands], {
    timeoutMilliseconds: 400_000,
    env: { PATH: `${join(repositoryRoot, 'bin')}:${dirname(kubectlPath('1.32'))}:${host.environment['PATH']}` },
  });
}

async function type(host: RigHost, commands: string, instead: Instead = {}): Promise<string> {
  const text = Object.entries(instead).reduce((before, [from, to]) => before.replaceAll(from, to), commands);
  const { code, stdout, stderr } = await tryType(host, text);
  if (code !== 0) throw new Error(`${text}\n${stdout}${stderr}`);
  return stdout;
}

/** What commands print as soon as that is as it should be; nothing while they fail. */
async function typeUntil(host: RigHost, commands: string, what: string, holds: (output: string) => boolean): Promise<string> {
  return eventually(what, 120_000, async () => {
    const { code, stdout } = await tryType(host, commands);
    return code === 0 && holds(stdout) ? stdout : undefined;
  });
}

/** The line that a block with `token create` printed last. */
const joinLine = (output: string): string => output.trim().split('\n').findLast((line) => line.startsWith('gantry join'))!;
const names = async (host: RigHost): Promise<string[]> => (await type(host, 'kubectl get nodes -o name')).trim().split('\n');

describe('one machine, that becomes three control planes and a worker', () => {
  let one: RigHost;
  let three: RigHost;

  test('one machine', async () => {
    one = await rig.addHost('one');
    expect(await type(one, block('gantry up\nkubectl get nodes'))).toMatch(/^one +Ready/m);
  }, 600_000);

  test('several machines; one leaves again', async () => {
    const worker = await rig.addHost('worker');
    // `up` is typed again there, and changes nothing.
    await type(worker, joinLine(await type(one, block('gantry up\ngantry token create\n'))));
    expect(await type(one, block('kubectl get nodes -o wide'))).toMatch(/^worker +Ready/m);
    await type(worker, block('gantry leave'));
    expect(await names(one)).toEqual(['node/one']);
  }, 1_200_000);

  test('highly available, with stacked etcd', async () => {
    const line = joinLine(await type(one, block('gantry token create --control-plane')));
    for (const name of ['two', 'three']) {
      three = await rig.addHost(name);
      await type(three, `${line} --etcd`);
    }
    await typeUntil(one, block('kubectl get endpointslices'), 'all API servers are endpoints', (output) => output.match(/10\.240\.0\./g)?.length === 3);
    expect(await names(one)).toEqual(['node/one', 'node/three', 'node/two']);
  }, 1_500_000);

  test('a machine whose disk is lost', async () => {
    await rig.removeHost(three);
    const [, list, remove] = /^([\s\S]*member list)\n(.*member remove ID)\n$/.exec(block('etcdctl member remove'))!;
    // Its member of etcd may have been the leader.
    await insist('the node is deleted', () => tryType(one, 'kubectl delete node three'));
    const id = /^(\w+), \w+, three,/m.exec(await typeUntil(one, list!, 'the members are told', (output) => output.includes(' three,')))![1]!;
    await eventually('etcd lets the member go', 120_000, async () => {
      const { code, stdout } = await tryType(one, `${list}\n${remove!.replace('remove ID', `remove ${id}`)}`);
      // An attempt without an answer may have done it.
      return code === 0 || (stdout !== '' && !stdout.includes(id)) ? true : undefined;
    });
    const line = joinLine(await type(one, block('gantry token create --control-plane')));
    three = await rig.addHost('three');
    await type(three, `${line} --etcd`);
    expect(await names(three)).toEqual(['node/one', 'node/three', 'node/two']);
    await typeUntil(one, list!, 'all members are started', (output) => output.match(/started/g)?.length === 3);
  }, 1_200_000);

  afterAll(async () => {
    for (const name of ['one', 'two', 'three', 'worker']) {
      const host = rig.findHost(name);
      if (host) await rig.removeHost(host);
    }
  }, 300_000);
});

test('highly available, with an external etcd under a name for all API servers', async () => {
  const members = [await rig.addHost('one'), await rig.addHost('two'), await rig.addHost('three')];
  const [first, ...others] = members as [RigHost, ...RigHost[]];
  const etcd = block('--initial-cluster');
  const at = etcd.indexOf('etcd --name');
  const pki = '/etc/kubernetes/pki';
  await type(first, etcd.slice(0, at));
  const authority = await Promise.all(['ca.crt', 'ca.key'].map(async (file) => [file, await first.check(['cat', `${pki}/etcd/${file}`])] as const));
  for (const host of others) {
    for (const [file, input] of authority) await host.check(['sh', '-c', `mkdir -p ${pki}/etcd && umask 077 && cat > ${pki}/etcd/${file}`], { input });
    await type(host, etcd.slice(0, at));
  }
  // The addresses of the cluster's list first, then this machine's own.
  const all: Instead = Object.fromEntries(members.map(({ name, address }, number) => [`${name}=https://192.0.2.${21 + number}:`, `${name}=https://${address}:`]));
  for (const host of members) await type(host, `${etcd.slice(at).trimEnd()} >/root/etcd.log 2>&1 </dev/null &`, { ...all, '192.0.2.21': host.address });
  await eventually('this etcd has a majority', 120_000, async () => ((await first.exec(['curl', '--silent', '--max-time', '10', '--cacert', `${pki}/etcd/ca.crt`, '--cert', `${pki}/apiserver-etcd-client.crt`, '--key', `${pki}/apiserver-etcd-client.key`, 'https://127.0.0.1:2379/health'])).stdout.includes('"true"') ? true : undefined));

  const planes = [await rig.addHost('cp1'), await rig.addHost('cp2')] as const;
  const [cp1, cp2] = planes;
  for (const host of planes) await host.check(['sh', '-c', `echo ${cp1.address} cluster.example.org >> /etc/hosts`]);
  const client = { 'ca.crt': 'etcd/ca.crt', 'client.crt': 'apiserver-etcd-client.crt', 'client.key': 'apiserver-etcd-client.key' };
  for (const [name, file] of Object.entries(client)) await cp1.check(['sh', '-c', `umask 077; cat > /root/${name}`], { input: await first.check(['cat', `${pki}/${file}`]) });
  const endpoint = /--control-plane-endpoint \S+/.exec(block('--control-plane-endpoint'))![0];
  const addresses: Instead = Object.fromEntries(members.map(({ address }, number) => [`192.0.2.${21 + number}`, address]));
  const line = joinLine(await type(cp1, `cd /root\n${block('--etcd-endpoints')}`, { ...addresses, 'gantry up': `gantry up ${endpoint}` }));
  expect(line).toContain('gantry join cluster.example.org:6443 ');
  expect(await cp1.check(['ps', '-e', '-o', 'comm='])).not.toContain('etcd');
  expect(await cp1.check([join(repositoryRoot, 'bin/gantry'), 'up'], { timeoutMilliseconds: 300_000 })).toContain('nothing was changed');

  await expect(type(cp2, `${line} --etcd`)).rejects.toThrow('is run by somebody else');
  await type(cp2, line);
  expect(await cp2.check(['ps', '-e', '-o', 'comm='])).not.toContain('etcd');
  expect(await names(cp2)).toEqual(['node/cp1', 'node/cp2']);

  await type(cp1, 'kubectl create configmap shared');
  await cp1.powerCut();
  await first.powerCut();
  await insist('a write is taken by who is left', () => tryType(cp2, 'kubectl create configmap after --request-timeout=10s'));
  await typeUntil(cp2, 'kubectl get configmap shared -o name --request-timeout=10s', 'what was written before is there', (output) => output === 'configmap/shared\n');
}, 2_400_000);

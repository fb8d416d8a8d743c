import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

/** `deploy/provision.sh` and `deploy/systemd/`: every component a systemd unit of its own. */
const UNITS = ['etcd', 'apiserver', 'controller-manager', 'scheduler', 'upkeep', 'kubelet', 'kube-proxy', 'node-network', 'dns'].map((name) => `gantry-${name}`);
const KUBECONFIG = '--kubeconfig=/etc/kubernetes/admin.conf';
let rig: Rig;
let host: RigHost;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('units', { systemd: true });
}, 400_000);
afterAll(() => rig.close(), 300_000);

const provision = (...words: string[]): Promise<string> => host.check([`${repositoryRoot}/deploy/provision.sh`, ...words], { timeoutMilliseconds: 300_000 });
const kubectl = (...words: string[]): Promise<string> => host.check([kubectlPath('1.32'), KUBECONFIG, ...words]);
const show = async (unit: string, property: string): Promise<string> => (await host.check(['systemctl', 'show', unit, '--value', '--property', property])).trim();
const processes = async (): Promise<string[]> => Promise.all(UNITS.map((unit) => show(unit, 'MainPID')));

test('provisioning installs gantry, and once more changes nothing', async () => {
  expect(await provision()).toContain('provision: installing gantry');
  expect(await host.check(['gantry', 'version'])).toMatch(/^gantry \d/);
  expect(await provision()).toBe('provision: done\n');
}, 700_000);

test('what was installed brings a cluster up, as from a checkout', async () => {
  expect(await host.check(['gantry', 'up'], { timeoutMilliseconds: 300_000 })).toContain('The cluster is up');
  const { stderr } = await host.exec([`${repositoryRoot}/deploy/provision.sh`, '--units', 'all']);
  expect(stderr).toContain('gantry down first');
  await host.check(['gantry', 'down', '--purge'], { timeoutMilliseconds: 300_000 });
}, 1_200_000);

test('every component runs as a unit of its own, and a pod runs', async () => {
  await provision('--units', 'all', '--node-ip', host.address);
  await eventually('the node is Ready', 150_000, async () => ((await host.kubectl('1.32', [KUBECONFIG, 'get', 'nodes'])).stdout.includes(' Ready ') ? true : undefined));
  for (const unit of UNITS) expect(`${unit} ${await show(unit, 'ActiveState')} ${await show(unit, 'UnitFileState')} ${await show(unit, 'NRestarts')}`).toBe(`${unit} active enabled 0`);
  await loadImages(host, { 'web:1': 'web' });
  await kubectl('create', 'deployment', 'web', '--image=web:1');
  await kubectl('expose', 'deployment', 'web', '--port=80', '--target-port=8080');
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=150s');
  const address = await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
  await eventually('the Service answers', 90_000, async () => ((await host.exec(['curl', '-s', '--max-time', '10', `http://${address}/`])).stdout.startsWith('web 1 on web-') ? true : undefined));
}, 1_000_000);

test('provisioned once more, nothing is restarted; what is killed is started again; all come back after a power cut', async () => {
  const before = await processes();
  await provision('--units', 'all');
  expect(await processes()).toEqual(before);
  const server = await show('gantry-apiserver', 'MainPID');
  await host.check(['systemctl', 'kill', '--signal=KILL', 'gantry-apiserver']);
  await eventually('the API server is started again', 90_000, async () => ([server, '0'].includes(await show('gantry-apiserver', 'MainPID')) ? undefined : true));
  await eventually('the API server is ready', 150_000, async () => ((await host.kubectl('1.32', [KUBECONFIG, 'get', '--raw', '/readyz', '--request-timeout=10s'])).stdout === 'ok' ? true : undefined));
  await host.powerCut();
  await host.boot();
  await eventually('the pod serves again', 180_000, async () => {
    const { stdout } = await host.kubectl('1.32', [KUBECONFIG, 'get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].status.podIP}', '--request-timeout=10s']);
    return (await host.exec(['curl', '-s', '--max-time', '10', `http://${stdout}:8080/`])).stdout.startsWith('web 1 on web-') ? true : undefined;
  });
}, 1_200_000);

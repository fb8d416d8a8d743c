import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { healthy } from './healthy.ts';

/** A machine whose process 1 is systemd: `up` writes units, systemd keeps them running and brings them back after a reboot. */
const gantry = `${repositoryRoot}/bin/gantry`;
const UNITS = ['gantry-etcd', 'gantry-server', 'gantry-agent'];
let rig: Rig;
let host: RigHost;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('systemd', { systemd: true });
}, 400_000);
afterAll(() => rig.close(), 300_000);

const kubectl = (...words: string[]): Promise<string> => host.check([kubectlPath('1.32'), ...words]);
const show = async (unit: string, property: string): Promise<string> => (await host.check(['systemctl', 'show', unit, '--value', '--property', property])).trim();
/** What differs before and after a cluster: chains of ours, links, mounts, settings, processes, units. */
const traces = (): Promise<string> =>
  host.check(['sh', '-c', `iptables-save | grep -E 'KUBE|GANTRY|DOCKER' || :; ip -o link | grep -oE '(cni|gantry|veth|docker)[^ @:]*' || :; awk '{print $5}' /proc/self/mountinfo | grep -E 'kubelet/pods|docker/overlay' || :
cat /proc/sys/net/ipv4/conf/all/route_localnet /proc/sys/net/ipv4/ip_forward; ls /etc/systemd/system /etc/systemd/system/multi-user.target.wants 2>/dev/null | grep gantry || :
ps -e -o stat=,args= | grep -v '^Z' | sed 's/^[^ ]* *//' | grep -E 'gantry[.]mjs|^/usr/bin/etcd|[d]ockerd|[c]ontainerd' || :`]);
let before: string;

test('up writes units and starts them, and once more changes nothing', async () => {
  before = await traces();
  const { code, stdout, stderr } = await host.exec([gantry, 'up'], { timeoutMilliseconds: 300_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Node systemd is Ready');
  for (const unit of [...UNITS, 'docker']) {
    expect(await show(unit, 'ActiveState')).toBe('active');
    expect(await show(unit, 'UnitFileState')).toBe('enabled');
  }
  expect(await host.check([gantry, 'up'])).toContain('The cluster is up already; nothing was changed.');
  expect(await healthy(host)).toMatch(/kubelet +running .*journalctl -u gantry-agent\.service/);
  await eventually('the journal has the log', 60_000, async () => ((await host.check([gantry, 'logs', 'apiserver'])) === '' ? undefined : true));
}, 1_000_000);

test('a pod runs; a unit that is killed is started again, and one that was stopped by up', async () => {
  await loadImages(host, { 'web:1': 'web' });
  await kubectl('run', 'hello', '--image=web:1');
  await kubectl('wait', '--for=condition=Ready', 'pod/hello', '--timeout=150s');
  const containers = await host.check(['docker', 'ps', '--quiet', '--no-trunc']);
  await host.check(['systemctl', 'kill', '--signal', 'KILL', 'gantry-server']);
  await eventually('the server is started again', 90_000, async () => (Number(await show('gantry-server', 'NRestarts')) > 0 && (await show('gantry-server', 'ActiveState')) === 'active' ? true : undefined));
  await host.check(['systemctl', 'stop', 'gantry-agent']);
  expect((await host.exec([gantry, 'status'])).code).toBe(1);
  await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
  await healthy(host);
  expect(await host.check(['docker', 'ps', '--quiet', '--no-trunc'])).toBe(containers);
}, 1_000_000);

test('after a reboot systemd brings the cluster back with the same data', async () => {
  const uid = await kubectl('get', 'pod', 'hello', '-o', 'jsonpath={.metadata.uid}');
  await host.powerCut();
  await host.boot();
  await eventually('the API server answers', 150_000, async () => ((await host.kubectl('1.32', ['get', '--raw', '/readyz', '--request-timeout=10s'])).stdout === 'ok' ? true : undefined));
  await eventually('the pod serves again', 150_000, async () => {
    const address = (await host.kubectl('1.32', ['get', 'pod', 'hello', '-o', 'jsonpath={.status.podIP}'])).stdout;
    return (await host.exec(['curl', '-s', '--max-time', '10', `http://${address}:8080/`])).stdout === 'web 1 on hello\n' ? true : undefined;
  });
  expect(await kubectl('get', 'pod', 'hello', '-o', 'jsonpath={.metadata.uid}')).toBe(uid);
  for (const each of ['ipv4/ip_forward', 'ipv4/conf/all/route_localnet', 'bridge/bridge-nf-call-iptables']) {
    expect(`${each} ${(await host.exec(['cat', `/proc/sys/net/${each}`])).stdout || '1'}`.trim()).toBe(`${each} 1`);
  }
  expect(await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 })).toContain('The cluster is up already; nothing was changed.');
}, 1_000_000);

test('down removes the units and every trace, and with --purge the data', async () => {
  expect(await host.check([gantry, 'down'], { timeoutMilliseconds: 300_000 })).toContain('its data stays');
  let after = '';
  await eventually('the traces are those of before', 60_000, async () => ((after = await traces()) === before ? true : undefined)).catch(() => undefined);
  expect(after).toBe(before);
  // Docker was not running before, and nothing else uses it.
  for (const unit of ['docker.service', 'docker.socket', 'containerd.service']) await eventually(`${unit} has stopped`, 60_000, async () => ((await show(unit, 'ActiveState')) === 'inactive' ? true : undefined));
  expect(await host.check(['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'gantry*'])).toBe('');
  expect(await host.check([gantry, 'down', '--purge'], { timeoutMilliseconds: 300_000 })).toContain('The cluster and its data are gone');
  expect((await host.exec(['sh', '-c', 'ls -d /var/lib/gantry/* /etc/kubernetes /var/lib/kubelet/*'])).stdout).toBe('');
}, 1_000_000);

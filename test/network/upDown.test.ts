import { hostTraces, tracesUntil } from '../e2e/hostTraces.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig, type Rig } from '../rig/rig.ts';

/** The way between nodes as `gantry up` sets it up, and `gantry down` takes it away. */
const gantry = `${repositoryRoot}/bin/gantry`;
const MAKE = ['ip', 'link', 'add', 'probe0', 'type', 'vxlan', 'id', '7', 'dstport', '8473'];
let rig: Rig;
let host: RigHost;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('tunnelled');
});
afterAll(() => rig.close(), 120_000);

test('forced into a tunnel, pods get packets that fit, and down leaves nothing', async () => {
  const hasVxlan = (await host.exec(MAKE)).code === 0;
  if (hasVxlan) await host.check(['ip', 'link', 'del', 'probe0']);
  else process.stderr.write('THIS KERNEL HAS NO VXLAN DRIVER: gantry up is tested with direct routes\n');
  const before = await hostTraces(host);
  await host.check([gantry, 'up', `--node-network-mode=${hasVxlan ? 'vxlan' : 'direct'}`], { timeoutMilliseconds: 240_000 });
  await loadImages(host, { 'web:1': 'web' });
  await host.check([kubectlPath('1.32'), 'run', 'web', '--image=web:1']);
  await host.check([kubectlPath('1.32'), 'wait', '--for=condition=Ready', 'pod/web', '--timeout=120s'], { timeoutMilliseconds: 150_000 });
  const container = (await host.check(['docker', 'ps', '--quiet', '--filter', 'label=io.kubernetes.container.name=web'])).trim();
  const pid = (await host.check(['docker', 'inspect', '--format', '{{.State.Pid}}', container])).trim();
  expect(await host.check(['nsenter', '--net', '--target', pid, 'ip', '-o', 'link', 'show', 'eth0'])).toContain(hasVxlan ? 'mtu 1450' : 'mtu 1500');
  expect(await host.check(['ip', 'route', 'show', 'proto', '120'])).toContain('unreachable 10.244.0.0/16');
  await host.check([gantry, 'down'], { timeoutMilliseconds: 120_000 });
  expect(await tracesUntil(host, before)).toBe(before);
}, 300_000);

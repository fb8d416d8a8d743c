import { join } from 'node:path';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { archiveOf } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { insist } from '../rig/insist.ts';
import { baseArchive } from '../compose/baseImage.ts';
import { composeContext } from '../compose/composeImages.ts';
import { healthy } from './healthy.ts';

/** One computer, several machines: each node is a privileged container with an engine of its own. */
let rig: Rig;
let host: RigHost;
let gantry: string[];

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('computer');
  const context = composeContext(host);
  gantry = ['env', 'DOCKER_BUILDKIT=0', join(context, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node'), join(context, 'dist', 'gantry.mjs')];
  await host.startDocker();
  await host.check(['docker', 'import', '--change', 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', baseArchive(), 'base'], { timeoutMilliseconds: 300_000 });
}, 2_400_000);
afterAll(() => rig.close(), 300_000);

const kubectl = (...words: string[]): Promise<string> => host.check([kubectlPath('1.32'), ...words]);

test('up --nodes makes a cluster of containers, which takes images and pods, and goes on when one is stopped', async () => {
  const words = ['up', '--nodes=4', '--control-planes=3', '--base-image=base', '--set=controller-manager.node-monitor-grace-period=15s', '--set=kubelet.node-status-update-frequency=1s', '--set=kubelet.node-lease-duration=4s'];
  expect(await host.check([...gantry, ...words], { timeoutMilliseconds: 900_000 })).toContain('The cluster is up: 4 nodes');
  await kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s');
  const nodes = await kubectl('get', 'nodes', '--no-headers');
  expect(nodes.match(/^gantry-\d /gm)).toHaveLength(4);
  expect(nodes.match(/control-plane/g)).toHaveLength(3);

  await host.check(['sh', '-c', 'docker import --change \'CMD ["/usr/bin/node", "/web.js"]\' "$1" web:1 && docker save web:1 -o /tmp/web.tar', 'sh', archiveOf('web')], { timeoutMilliseconds: 300_000 });
  await host.check([...gantry, 'image', 'load', '/tmp/web.tar'], { timeoutMilliseconds: 300_000 });
  await kubectl('create', 'deployment', 'web', '--image=web:1');
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=150s');

  await host.check(['docker', 'stop', 'gantry-2'], { timeoutMilliseconds: 180_000 });
  await insist('a write is taken', () => host.exec([kubectlPath('1.32'), 'create', 'configmap', 'after', '--request-timeout=10s']));
  await host.check(['docker', 'start', 'gantry-2']);
  await kubectl('wait', '--for=condition=Ready', 'node/gantry-2', '--timeout=150s');
  await healthy(host, gantry);

  await host.check([...gantry, 'down'], { timeoutMilliseconds: 300_000 });
  expect(await host.check(['docker', 'ps', '--all', '--quiet'])).toBe('');
  expect((await host.exec([kubectlPath('1.32'), 'config', 'get-contexts', '-o', 'name'])).stdout).toBe('');
}, 1_800_000);

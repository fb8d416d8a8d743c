import type { RigHost } from './host.ts';
import { loadImages } from './images.ts';
import { startRegistry } from './registry.ts';
import { createRig, type Rig } from './rig.ts';

jest.setTimeout(300_000);

let rig: Rig;
let host: RigHost;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('images');
  await host.startDocker();
});
afterAll(() => rig?.close());

test('images are made from what the machine has, and run', async () => {
  await loadImages(host, { 'box:1': 'box', 'web:1': 'web', 'broken:1': 'broken' });
  expect(await host.check(['docker', 'run', '--rm', '--network', 'none', 'box:1', 'echo', 'hello'])).toBe('hello\n');
  expect((await host.exec(['docker', 'run', '--rm', '--network', 'none', 'broken:1'])).code).toBe(3);
  await host.check(['docker', 'run', '-d', '--name', 'web', '--network', 'host', '-e', 'VERSION=7', 'web:1']);
  expect(await host.check(['curl', '-s', '--retry', '90', '--retry-connrefused', '--retry-delay', '1', 'http://127.0.0.1:8080/'], { timeoutMilliseconds: 120_000 })).toBe('web 7 on images\n');
  await host.check(['docker', 'rm', '-f', 'web']);
});

test('a registry with a password gives images only to those who know it', async () => {
  await loadImages(host, { 'box:1': 'box' });
  const registry = await startRegistry(host, { login: { user: 'me', password: 'secret' } });
  const reference = await registry.push('box:1', 'team/box:2');
  expect((await host.exec(['docker', 'image', 'inspect', reference])).code).not.toBe(0);
  await host.check(['docker', 'pull', reference]);
  await host.check(['docker', 'logout', registry.address]);
  await host.check(['docker', 'rmi', reference]);
  expect((await host.exec(['docker', 'pull', reference])).stderr).toContain('no basic auth credentials');
  await registry.stop();
});

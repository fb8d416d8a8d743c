import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { healthy } from './healthy.ts';
import { hostTraces, tracesUntil } from './hostTraces.ts';

/** The thin thread through everything: one pod, from kubectl to its log, on a machine of its own. */
const gantry = `${repositoryRoot}/bin/gantry`;
let rig: Rig;
let host: RigHost;
let before: string;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('first');
  before = await hostTraces(host);
});
afterAll(() => rig.close(), 300_000);

const kubectl = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await host.kubectl('1.32', words);
  if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
  return stdout;
};

test('up makes a cluster, and says so', async () => {
  const { code, stdout, stderr } = await host.exec([gantry, 'up'], { timeoutMilliseconds: 300_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Node first is Ready');
  expect(stdout).toContain('kubectl get nodes');
  expect(await kubectl('config', 'current-context')).toBe('gantry\n');
  const again = await host.exec([gantry, 'up']);
  expect(again.stdout).toContain('The cluster is up already; nothing was changed.');
  await healthy(host);
}, 600_000);

test('a pod runs, has an address, and its log is read', async () => {
  await loadImages(host, { 'web:1': 'web' });
  expect(await kubectl('run', 'hello', '--image=web:1', '--port=8080')).toBe('pod/hello created\n');
  await kubectl('wait', '--for=condition=Ready', 'pod/hello', '--timeout=150s');
  const address = await kubectl('get', 'pod', 'hello', '-o', 'jsonpath={.status.podIP}');
  expect(address).toMatch(/^10\.244\.0\.\d+$/);
  // Without a probe a pod is Ready as soon as its process is there.
  await eventually('the pod answers', 60_000, async () => ((await host.exec(['curl', '-s', '--max-time', '30', `http://${address}:8080/`])).stdout === 'web 1 on hello\n' ? true : undefined));
  await eventually('the log is there', 60_000, async () => ((await kubectl('logs', 'hello')).includes('web 1 begins') ? true : undefined));
}, 400_000);

test('down leaves the host as it was found, and keeps the data', async () => {
  const { code, stdout } = await host.exec([gantry, 'down'], { timeoutMilliseconds: 300_000 });
  expect(code).toBe(0);
  expect(stdout).toContain('its data stays');
  expect(await tracesUntil(host, before)).toBe(before);
  expect((await host.exec(['test', '-e', '/root/.kube/config'])).code).toBe(1);
}, 450_000);

import { readFileSync } from 'node:fs';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { insist } from '../rig/insist.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { SupervisorState } from '../../cli/supervisor/supervisorFiles.ts';
import { hostTraces, tracesUntil } from './hostTraces.ts';
import { webManifest } from './webManifest.ts';

/** What dies or hangs under a cluster that serves: nothing healthy is restarted, and nothing that was acknowledged is lost. */
const gantry = `${repositoryRoot}/bin/gantry`;
let rig: Rig;
let host: RigHost;
let before: string;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('faults');
  before = await hostTraces(host);
  await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
  await loadImages(host, { 'web:1': 'web' });
  await kubectl(['apply', '-f', '-'], webManifest());
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s']);
  await eventually('the Service answers', 60_000, async () => ((await serves()).startsWith('web 1 on web-') ? true : undefined));
  await host.check(['bash', '-c', WRITER, 'writer', kubectlPath('1.32')]);
}, 600_000);
afterAll(() => rig.close(), 300_000);

/** Creates ConfigMaps one after the other in the background, and notes those that were acknowledged, until /tmp/stop is there; /tmp/stopped says that the last is done. */
const WRITER = `setsid bash -c 'for ((i = 0; ; i++)); do
  [ -e /tmp/stop ] && break
  timeout 20 "$0" create configmap written-$i >/dev/null 2>>/tmp/refused && echo written-$i >>/tmp/acknowledged
  sleep 0.1
done; touch /tmp/stopped' "$1" >/dev/null 2>&1 </dev/null &`;

const kubectl = (words: readonly string[], input = ''): Promise<string> => host.check([kubectlPath('1.32'), ...words], { input });
/** The pods' containers, each with the time of its start. */
const containers = (): Promise<string> => host.check(['sh', '-c', 'docker inspect --format "{{.Name}} {{.Id}} {{.State.StartedAt}} {{.State.Status}}" $(docker ps --quiet --filter name=web) | sort']);
const services = (): SupervisorState => JSON.parse(readFileSync(host.path('/run/gantry/services.json'), 'utf8')) as SupervisorState;
const serviceOf = (name: string) => services().services.find((each) => each.name === name);
const serves = async (): Promise<string> => (await host.exec(['curl', '--silent', '--max-time', '30', 'http://localhost:30080/'])).stdout;

let probes = 0;
async function recovered(): Promise<void> {
  await eventually('the API server is ready', 120_000, async () => ((await host.kubectl('1.32', ['get', '--raw', '/readyz', '--request-timeout=10s'])).stdout === 'ok' ? true : undefined));
  const pod = `probe-${(probes += 1)}`;
  await insist('a pod can be made', () => host.kubectl('1.32', ['run', pod, '--image=web:1', '--restart=Never', '--request-timeout=10s']));
  await kubectl(['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=150s']);
  await kubectl(['delete', 'pod', pod, '--now', '--wait=false']);
  await kubectl(['wait', '--for=condition=Ready', `node/${host.name}`, '--timeout=150s']);
}

test.each(['server', 'agent', 'etcd', 'docker'])('%s is killed: it is started again, and pods go on', async (name) => {
  const running = await containers();
  const { process: mark, restarts } = serviceOf(name)!;
  await host.check(['kill', '-9', String(mark!.pid)]);
  expect(await serves()).toMatch(/^web 1 on web-/);
  await eventually(`${name} runs again`, 90_000, () => (serviceOf(name)?.state === 'running' && serviceOf(name)!.restarts > restarts ? true : undefined));
  await recovered();
  expect(await containers()).toBe(running);
  expect(await serves()).toMatch(/^web 1 on web-/);
}, 900_000);

test('the supervisor is killed: services go on, and up takes them over', async () => {
  const running = await containers();
  const { pid } = JSON.parse(readFileSync(host.path('/run/gantry/supervisor.lock'), 'utf8')) as { pid: number };
  await host.check(['kill', '-9', String(pid)]);
  expect(await serves()).toMatch(/^web 1 on web-/);
  expect((await host.exec([gantry, 'status'])).stdout).toContain('running, unsupervised');
  await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
  await recovered();
  expect(await containers()).toBe(running);
}, 1_200_000);

test('etcd hangs: reads that may be old are answered, writes are refused in time, all recovers by itself', async () => {
  const running = await containers();
  const pid = String(serviceOf('etcd')!.process!.pid);
  await host.check(['kill', '-STOP', pid]);
  const started = performance.now();
  try {
    expect(await kubectl(['get', '--raw', '/api/v1/namespaces/default/pods?resourceVersion=0&limit=500', '--request-timeout=60s'])).toContain('"kind":"PodList"');
    const write = await host.kubectl('1.32', ['create', 'configmap', 'late', '--request-timeout=30s']);
    expect(write.code).not.toBe(0);
    expect(write.stderr).toMatch(/etcd|[Tt]imeout|unable|deadline/);
    expect(await serves()).toMatch(/^web 1 on web-/);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 10_000 - (performance.now() - started))));
  } finally {
    await host.check(['kill', '-CONT', pid]);
  }
  await recovered();
  expect(await containers()).toBe(running);
}, 900_000);

test('no acknowledged write is lost', async () => {
  await eventually('there were writes enough', 120_000, async () => ((await host.exec(['cat', '/tmp/acknowledged'])).stdout.split('\n').length > 21 ? true : undefined));
  await host.check(['touch', '/tmp/stop']);
  await eventually('the last write is done', 60_000, async () => ((await host.exec(['test', '-e', '/tmp/stopped'])).code === 0 ? true : undefined));
  const acknowledged = (await host.check(['cat', '/tmp/acknowledged'])).trim().split('\n');
  const stored = new Set((await kubectl(['get', 'configmaps', '-o', 'name'])).split('\n').map((line) => line.replace('configmap/', '')));
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
});

test('the power fails: up goes on with the same data, and pods come back', async () => {
  const pods = await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'name']);
  const configMaps = await kubectl(['get', 'configmaps', '-o', 'name']);
  await host.powerCut();
  await host.boot();
  before = await hostTraces(host);
  await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s']);
  await eventually('the web pods serve', 120_000, async () => ((await serves()).startsWith('web 1 on web-') ? true : undefined));
  expect(await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'name'])).toBe(pods);
  expect(await kubectl(['get', 'configmaps', '-o', 'name'])).toBe(configMaps);
  await recovered();
}, 1_200_000);

test('down, and once more, and with the data', async () => {
  expect(await host.check([gantry, 'down'], { timeoutMilliseconds: 300_000 })).toContain('its data stays');
  expect(await tracesUntil(host, before)).toBe(before);
  expect((await host.exec([gantry, 'down'], { timeoutMilliseconds: 300_000 })).code).toBe(0);
  expect((await host.exec([gantry, 'status'])).code).toBe(1);
  expect(await host.check([gantry, 'down', '--purge'], { timeoutMilliseconds: 300_000 })).toContain('The cluster and its data are gone');
  expect(await host.check([gantry, 'down'])).toContain('There is no cluster gantry on this machine');
  expect((await host.exec(['sh', '-c', 'ls -d /var/lib/gantry/* /etc/kubernetes /var/lib/kubelet/*'])).stdout).toBe('');
  expect(await tracesUntil(host, before)).toBe(before);
}, 1_200_000);

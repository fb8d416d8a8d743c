import { readFile } from 'node:fs/promises';
import type { ProbeResults } from '../../kubelet/probes/types.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(60_000);

const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
let host: DockerHost;
let rig: WorkerRig & { readonly root: string };

beforeAll(async () => {
  host = await startDockerHost();
  await host.loadBusybox(IMAGE);
  rig = await startWorkers(host);
});

afterAll(async () => {
  await rig?.stop();
  await host?.stop();
});

const containerId = (uid: string): string => rig.status(uid).containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '';

test('exec and attach carry input, output, errors and the exit code', async () => {
  const pod = makePod('exec', [shell('main', 'read word; echo "got $word"; ' + FOREVER, { stdin: true })]);
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const id = containerId(pod.metadata.uid);
  const { runtime } = rig.context;
  const result = await runtime.execSync(id, ['sh', '-c', 'echo out; echo err >&2; exit 3'], 5000);
  expect([result.exitCode, result.stdout.toString(), result.stderr.toString()]).toEqual([3, 'out\n', 'err\n']);
  await expect(runtime.execSync(id, ['sleep', '5'], 300)).rejects.toThrow('timed out');
  const attached = await runtime.attach(id, { stdin: true, stdout: true, stderr: true, tty: false });
  attached.stdin?.write('hello\n');
  const first = await new Promise<string>((resolve) => attached.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  expect(first).toBe('got hello\n');
  attached.close();
  const shellRun = await runtime.exec(id, ['sh'], { stdin: true, stdout: true, stderr: true, tty: true });
  await shellRun.resize(90, 30);
  shellRun.stdin?.write('exit 4\n');
  shellRun.stdout?.resume();
  expect(await shellRun.exit).toBe(4);
  expect((await runtime.stats(id)).memoryUsageBytes).toBeGreaterThan(0);
  rig.workers.remove(pod.metadata.uid);
});

test('hooks run, and the stop signal comes after preStop', async () => {
  const data = { name: 'data', mountPath: '/data' };
  const pod = makePod('hooks', [
    shell('main', 'trap "echo term >> /data/order; exit 0" TERM; while :; do sleep 0.1; done', {
      volumeMounts: [data],
      lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo started > /data/order'] } }, preStop: { exec: { command: ['sh', '-c', 'echo stopping >> /data/order; sleep 0.3'] } } },
    }),
  ], { volumes: [{ name: 'data', hostPath: { path: `${rig.root}/hooks`, type: 'DirectoryOrCreate' } }], terminationGracePeriodSeconds: 5 });
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  rig.workers.update({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T00:00:00Z', deletionGracePeriodSeconds: 5 } });
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Succeeded');
  expect(await readFile(`${rig.root}/hooks/order`, 'utf8')).toBe('started\nstopping\nterm\n');
  rig.workers.remove(pod.metadata.uid);
});

test('a grace that is shortened while the pod ends counts', async () => {
  const pod = makePod('deaf', [shell('main', 'trap "" TERM; while :; do sleep 0.1; done')]);
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const since = performance.now();
  const deleted = (deletionGracePeriodSeconds: number) => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T00:00:00Z', deletionGracePeriodSeconds } });
  rig.workers.update(deleted(30));
  await rig.context.clock.sleep(500);
  rig.workers.update(deleted(1));
  const status = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Failed');
  expect(status.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
  expect(performance.now() - since).toBeLessThan(25_000);
  rig.workers.remove(pod.metadata.uid);
});

test('a container over its memory limit is OOMKilled', async () => {
  const pod = makePod('oom', [shell('main', '', { command: ['sh', '-c', 'exec tail /dev/zero'], resources: { limits: { memory: '16Mi' } } })], { restartPolicy: 'Never' });
  rig.workers.update(pod);
  const status = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Failed');
  expect(status.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  rig.workers.remove(pod.metadata.uid);
});

test('containers share the process namespace where the pod says so, and orphans are reaped', async () => {
  const pod = makePod('shared', [shell('main', FOREVER), shell('other', FOREVER)], { shareProcessNamespace: true });
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const { stdout } = await rig.context.runtime.execSync(containerId(pod.metadata.uid), ['sh', '-c', '(sleep 0.1 &) ; sleep 0.5; ps'], 5000);
  expect(stdout.toString()).toMatch(/^ *1 .*\/pause/m);
  expect(stdout.toString()).not.toMatch(/\[sleep\]|Z/);
  rig.workers.remove(pod.metadata.uid);
});

test('a sidecar runs beside the app, and ends after it', async () => {
  const pod = makePod('sidecar', [shell('main', 'sleep 1')], { restartPolicy: 'Never', initContainers: [shell('side', FOREVER, { restartPolicy: 'Always' })] });
  rig.workers.update(pod);
  const running = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  expect(running.initContainerStatuses?.[0]).toMatchObject({ ready: true, started: true, state: { running: {} } });
  const done = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Succeeded');
  expect(done.initContainerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0 });
  rig.workers.remove(pod.metadata.uid);
});

test('a failed liveness probe restarts the container', async () => {
  const pod = makePod('sick', [shell('main', FOREVER, { livenessProbe: { exec: { command: ['false'] } } })]);
  rig.workers.update(pod);
  const before = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const id = containerId(pod.metadata.uid);
  const results = (_: string, __: string, of: string): ProbeResults => (of === id ? { liveness: 'Failure' } : {});
  Object.assign(rig.context.probes, { results });
  rig.workers.poke(pod.metadata.uid);
  const after = await rig.until(pod.metadata.uid, (each) => each.containerStatuses?.[0]?.restartCount === 1 && each.containerStatuses[0].state?.running !== undefined);
  expect(after.podIP).toBe(before.podIP);
  expect(rig.events).toContainEqual(expect.objectContaining({ reason: 'Killing', message: 'Container main failed liveness probe, will be restarted' }));
  rig.workers.remove(pod.metadata.uid);
});

test('an engine that is started anew without live-restore brings the pods back in new sandboxes', async () => {
  const pod = makePod('back', [shell('main', FOREVER)]);
  const { uid } = pod.metadata;
  rig.workers.update(pod);
  await rig.until(uid, ({ phase }) => phase === 'Running');
  await host.restartEngine();
  // While the engine goes down the container may have been started once more in the old sandbox.
  const changed = (): boolean => rig.events.some(({ reason, message }) => reason === 'SandboxChanged' && message === 'Pod sandbox changed, it will be killed and re-created.');
  const status = await rig.until(uid, (each) => changed() && (each.containerStatuses?.[0]?.restartCount ?? 0) >= 1 && each.containerStatuses?.[0]?.ready === true, 30_000);
  expect(status.phase).toBe('Running');
  rig.workers.remove(uid);
  while (!rig.removed.includes(uid)) await rig.context.clock.sleep(20);
});

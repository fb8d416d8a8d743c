import { access, readFile } from 'node:fs/promises';
import type { V1PodStatus } from '../../api/generated/types.ts';
import type { ProbeResults } from '../../kubelet/probes/types.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(300_000);

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

const exists = (file: string): Promise<true | undefined> => access(file).then(() => true as const, () => undefined);
const containerId = (uid: string): string => rig.status(uid).containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '';

test('exec and attach carry input, output, errors and the exit code', async () => {
  const pod = makePod('exec', [shell('main', 'read word; echo "got $word"; ' + FOREVER, { stdin: true })]);
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const id = containerId(pod.metadata.uid);
  const { runtime } = rig.context;
  const result = await runtime.execSync(id, ['sh', '-c', 'echo out; echo err >&2; exit 3'], 60_000);
  expect([result.exitCode, result.stdout.toString(), result.stderr.toString()]).toEqual([3, 'out\n', 'err\n']);
  // Whose output has ended long before itself.
  expect((await runtime.execSync(id, ['sh', '-c', 'exec >&- 2>&-; sleep 2; exit 4'], 60_000)).exitCode).toBe(4);
  await expect(runtime.execSync(id, ['sleep', '100000'], 300)).rejects.toThrow('timed out');
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
    shell('main', 'trap "echo term >> /data/order; exit 0" TERM; touch /data/listens; while :; do sleep 0.1; done', {
      volumeMounts: [data],
      lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo started > /data/order'] } }, preStop: { exec: { command: ['sh', '-c', 'echo stopping >> /data/order; sleep 0.3'] } } },
    }),
  ], { volumes: [{ name: 'data', hostPath: { path: `${rig.root}/hooks`, type: 'DirectoryOrCreate' } }], terminationGracePeriodSeconds: 300 });
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  await eventually('it listens to signals', 60_000, () => exists(`${rig.root}/hooks/listens`));
  rig.workers.update({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T00:00:00Z', deletionGracePeriodSeconds: 300 } });
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Succeeded');
  expect(await readFile(`${rig.root}/hooks/order`, 'utf8')).toBe('started\nstopping\nterm\n');
  rig.workers.remove(pod.metadata.uid);
});

test('a grace that is shortened while the pod ends counts', async () => {
  const pod = makePod('deaf', [shell('main', 'trap "" TERM; while :; do sleep 0.1; done')]);
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const deleted = (deletionGracePeriodSeconds: number) => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T00:00:00Z', deletionGracePeriodSeconds } });
  rig.workers.update(deleted(100_000));
  await rig.context.clock.sleep(500);
  rig.workers.update(deleted(1));
  const status = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Failed');
  expect(status.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
  rig.workers.remove(pod.metadata.uid);
});

test('a container over its memory limit is OOMKilled', async () => {
  const pod = makePod('oom', [shell('main', '', { command: ['sh', '-c', 'exec tail /dev/zero'], resources: { limits: { memory: '16Mi' } } })]);
  rig.workers.update(pod);
  // The engine may hear that a container has ended before it hears why: of that run it knows no better. It is run again.
  const killed = ({ containerStatuses }: V1PodStatus) => [containerStatuses?.[0]?.state?.terminated, containerStatuses?.[0]?.lastState?.terminated].find((end) => end?.reason === 'OOMKilled');
  const status = await rig.until(pod.metadata.uid, (each) => killed(each) !== undefined, 120_000);
  expect(killed(status)).toMatchObject({ exitCode: 137 });
  rig.workers.remove(pod.metadata.uid);
});

test('containers share the process namespace where the pod says so, and orphans are reaped', async () => {
  const pod = makePod('shared', [shell('main', FOREVER), shell('other', FOREVER)], { shareProcessNamespace: true });
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const inside = async (script: string): Promise<string> => (await rig.context.runtime.execSync(containerId(pod.metadata.uid), ['sh', '-c', script], 60_000)).stdout.toString();
  const orphan = (await inside('(sleep 1 >/dev/null 2>&1 & echo $!)')).trim();
  expect(await inside('ps')).toMatch(/^ *1 .*\/pause/m);
  // One that nobody reaps is listed for ever.
  await eventually('the orphan is reaped', 60_000, async () => (new RegExp(`^ *${orphan} `, 'm').test(await inside('ps')) ? undefined : true));
  rig.workers.remove(pod.metadata.uid);
});

test('a sidecar runs beside the app, and ends after it', async () => {
  const data = { name: 'data', mountPath: '/data' };
  const pod = makePod('sidecar', [shell('main', 'until [ -e /data/listens ]; do sleep 0.1; done', { volumeMounts: [data] })], {
    restartPolicy: 'Never', terminationGracePeriodSeconds: 300, volumes: [{ name: 'data', emptyDir: {} }],
    initContainers: [shell('side', `trap "exit 0" TERM; touch /data/listens; ${FOREVER}`, { restartPolicy: 'Always', volumeMounts: [data] })],
  });
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
  const status = await rig.until(uid, (each) => changed() && (each.containerStatuses?.[0]?.restartCount ?? 0) >= 1 && each.containerStatuses?.[0]?.ready === true, 120_000);
  expect(status.phase).toBe('Running');
  rig.workers.remove(uid);
  while (!rig.removed.includes(uid)) await rig.context.clock.sleep(20);
});

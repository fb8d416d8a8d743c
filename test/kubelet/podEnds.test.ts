import { readdir, readFile } from 'node:fs/promises';
import type { V1Pod } from '../../api/generated/types.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(300_000);

const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const DEAF = 'trap "" TERM; while :; do sleep 0.1; done';
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

const deleted = (pod: V1Pod, deletionGracePeriodSeconds: number): V1Pod => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T00:01:00Z', deletionGracePeriodSeconds } });

async function seen(list: readonly string[], uid: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!list.includes(uid)) {
    if (performance.now() > end) throw new Error(`not in time: ${JSON.stringify(rig.status(uid))}`);
    await rig.context.clock.sleep(10);
  }
}

test('a deletion does not wait for a postStart hook', async () => {
  const pod = makePod('hooked', [shell('main', FOREVER, { lifecycle: { postStart: { exec: { command: ['sleep', '100000'] } } } })]);
  const { uid } = pod.metadata;
  rig.workers.update(pod);
  while (!rig.events.some(({ reason }) => reason === 'Started')) await rig.context.clock.sleep(20);
  rig.workers.update(deleted(pod, 1));
  await seen(rig.finished, uid);
  expect(rig.finished).toContain(uid);
  rig.workers.remove(uid);
});

test('a deletion shortens the end of containers whose sandbox is being replaced', async () => {
  const pod = makePod('rebuilt', [shell('main', DEAF)], { terminationGracePeriodSeconds: 100_000, shareProcessNamespace: false });
  const { uid } = pod.metadata;
  rig.workers.update(pod);
  await rig.until(uid, ({ phase }) => phase === 'Running');
  const sandbox = (await rig.context.runtime.listPods()).find((each) => each.pod.uid === uid)?.sandboxes[0];
  await rig.context.runtime.stopSandbox(sandbox!.id);
  while (!rig.events.some(({ reason }) => reason === 'SandboxChanged')) await rig.context.clock.sleep(20);
  rig.workers.update(deleted(pod, 1));
  await seen(rig.finished, uid);
  expect(rig.finished).toContain(uid);
  rig.workers.remove(uid);
  await seen(rig.removed, uid);
});

test('a forced deletion leaves a second and no more', async () => {
  const pod = makePod('forced', [shell('main', DEAF)], { terminationGracePeriodSeconds: 100_000 });
  const { uid } = pod.metadata;
  rig.workers.update(pod);
  await rig.until(uid, ({ phase }) => phase === 'Running');
  rig.workers.remove(uid, deleted(pod, 0));
  await seen(rig.removed, uid);
  expect((await rig.context.runtime.listPods()).filter((each) => each.pod.uid === uid)).toEqual([]);
});

test('a pod fails when it was active for longer than it may', async () => {
  const pod = makePod('limited', [shell('main', FOREVER)], { activeDeadlineSeconds: 2 });
  rig.workers.update(pod);
  const status = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Failed');
  expect(status).toMatchObject({ reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' });
  rig.workers.remove(pod.metadata.uid);
});

test('the end of the log stands in for the termination message where the pod says so', async () => {
  const script = 'echo first; echo the end of it; exit 4';
  const pod = makePod('words', [shell('log', script, { terminationMessagePolicy: 'FallbackToLogsOnError' }), shell('file', script)], { restartPolicy: 'Never' });
  rig.workers.update(pod);
  const status = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Failed');
  expect(status.containerStatuses?.map(({ name, state }) => [name, state?.terminated?.message])).toEqual([['log', 'first\nthe end of it\n'], ['file', undefined]]);
  rig.workers.remove(pod.metadata.uid);
});

test('an ephemeral container is started in the pod that runs, is reported, and is not started again', async () => {
  const pod = makePod('debugged', [shell('main', FOREVER)]);
  const { uid } = pod.metadata;
  rig.workers.update(pod);
  const before = await rig.until(uid, ({ phase }) => phase === 'Running');
  const debugged: V1Pod = { ...pod, spec: { ...pod.spec!, ephemeralContainers: [{ ...shell('debugger', 'until [ -e /tmp/enough ]; do sleep 0.1; done; exit 3'), targetContainerName: 'main' }] } };
  rig.workers.update(debugged);
  const running = await rig.until(uid, ({ ephemeralContainerStatuses }) => ephemeralContainerStatuses?.[0]?.state?.running !== undefined);
  expect(running.ephemeralContainerStatuses?.[0]).toMatchObject({ name: 'debugger', restartCount: 0 });
  const debuggerId = running.ephemeralContainerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '';
  await rig.context.runtime.execSync(debuggerId, ['touch', '/tmp/enough'], 60_000);
  const ended = await rig.until(uid, ({ ephemeralContainerStatuses }) => ephemeralContainerStatuses?.[0]?.state?.terminated !== undefined);
  expect(ended.ephemeralContainerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  rig.workers.poke(uid);
  await rig.workers.idle();
  const after = rig.status(uid);
  expect(after.phase).toBe('Running');
  expect(after.containerStatuses).toEqual(before.containerStatuses);
  expect(after.ephemeralContainerStatuses).toEqual(ended.ephemeralContainerStatuses);
  rig.workers.remove(uid);
});

test('sidecars end after the app, the last of them first', async () => {
  const data = { name: 'data', mountPath: '/data' };
  const sayer = (name: string) => shell(name, `trap "echo ${name} >> /data/order; exit 0" TERM; touch /data/${name}-listens; while :; do sleep 0.1; done`, { volumeMounts: [data] });
  const pod = makePod('ordered', [sayer('app')], {
    terminationGracePeriodSeconds: 300, volumes: [{ name: 'data', hostPath: { path: `${rig.root}/ordered`, type: 'DirectoryOrCreate' } }],
    initContainers: [{ ...sayer('side-1'), restartPolicy: 'Always' }, { ...sayer('side-2'), restartPolicy: 'Always' }],
  });
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  await eventually('all of them listen', 60_000, async () => ((await readdir(`${rig.root}/ordered`)).length === 3 ? true : undefined));
  rig.workers.update(deleted(pod, 300));
  await seen(rig.finished, pod.metadata.uid);
  expect(await readFile(`${rig.root}/ordered/order`, 'utf8')).toBe('app\nside-2\nside-1\n');
  rig.workers.remove(pod.metadata.uid);
});

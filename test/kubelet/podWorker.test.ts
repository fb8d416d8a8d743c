import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(300_000);

let host: DockerHost;
let rig: WorkerRig & { readonly root: string };

beforeAll(async () => {
  host = await startDockerHost({ liveRestore: true });
  await host.loadBusybox(IMAGE);
  rig = await startWorkers(host);
});

afterAll(async () => {
  await rig?.stop();
  await host?.stop();
});

const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';

test('a pod runs with an address, is seen Running, and its log file exists', async () => {
  const pod = makePod('web', [shell('main', `trap "exit 0" TERM; echo hello; hostname; cat /etc/resolv.conf; ${FOREVER}`)]);
  const { uid } = pod.metadata;
  rig.workers.update(pod);
  const status = await rig.until(uid, ({ phase }) => phase === 'Running');
  expect(status.podIP).toMatch(/^10\.244\.7\.\d+$/);
  expect(status.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual(['PodReadyToStartContainers=True', 'Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True']);
  expect(status.containerStatuses?.[0]).toMatchObject({ name: 'main', ready: true, started: true, restartCount: 0, image: IMAGE, state: { running: {} } });
  // It runs before it has said all, and the engine writes that down later still.
  const log = await eventually('the resolv.conf is in the log', 60_000, async () => {
    const text = await readFile(join(rig.root, 'log/pods', `default_web_${uid}`, 'main', '0.log'), 'utf8');
    return text.includes('search default.svc.cluster.local svc.cluster.local cluster.local example.org') ? text : undefined;
  });
  expect(log).toContain('hello');
  expect(log).toContain('web');
  expect(await readdir(join(rig.root, 'log/containers'))).toEqual([expect.stringMatching(/^web_default_main-[0-9a-f]{64}\.log$/)]);
  expect(rig.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
    `Pulled: Container image "${IMAGE}" already present on machine and can be accessed by the pod`, 'Created: Container created', 'Started: Container started',
  ]);

  rig.workers.update({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T00:01:00Z', deletionGracePeriodSeconds: 60 } });
  const ended = await rig.until(uid, ({ phase }) => phase === 'Succeeded');
  expect(ended.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  while (!rig.finished.includes(uid)) await rig.context.clock.sleep(10);
  rig.workers.remove(uid);
  while (!rig.removed.includes(uid)) await rig.context.clock.sleep(10);
  expect(await rig.context.runtime.listPods()).toEqual([]);
  expect(await readdir(join(rig.root, 'pods'))).toEqual([]);
  expect(await readdir(join(rig.root, 'network/results'))).toEqual([]);
});

test('init containers run first, and one that fails for good fails the pod', async () => {
  const good = makePod('init', [shell('main', FOREVER)], { initContainers: [shell('one', 'sleep 0.2'), shell('two', 'exit 0')] });
  const bad = makePod('bad-init', [shell('main', FOREVER)], { initContainers: [shell('one', 'exit 3')], restartPolicy: 'Never' });
  rig.workers.update(good);
  rig.workers.update(bad);
  const failed = await rig.until(bad.metadata.uid, ({ phase }) => phase === 'Failed');
  expect(failed.initContainerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  const status = await rig.until(good.metadata.uid, ({ phase }) => phase === 'Running');
  expect(status.initContainerStatuses?.map(({ state }) => state?.terminated?.reason)).toEqual(['Completed', 'Completed']);
  for (const pod of [good, bad]) rig.workers.remove(pod.metadata.uid);
});

test('a container that crashes is started again, and then backed off', async () => {
  const pod = makePod('crash', [shell('main', 'echo last words > /dev/termination-log; exit 7')]);
  rig.workers.update(pod);
  const status = await rig.until(pod.metadata.uid, (each) => each.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff');
  const main = status.containerStatuses?.[0];
  // The first restart is at once, and so is any of which the engine tells so late that its back-off is over.
  const restarts = main?.restartCount ?? 0;
  expect(restarts).toBeGreaterThan(0);
  expect(main).toMatchObject({ ready: false, lastState: { terminated: { exitCode: 7, reason: 'Error', message: 'last words\n' } } });
  expect(main?.state?.waiting?.message).toBe(`back-off ${['10s', '20s', '40s', '1m20s'][restarts - 1]} restarting failed container=main pod=crash_default(${pod.metadata.uid})`);
  expect(status.phase).toBe('Running');
  expect(rig.events).toContainEqual(expect.objectContaining({ reason: 'BackOff', message: `Back-off restarting failed container main in pod crash_default(${pod.metadata.uid})` }));
  rig.workers.remove(pod.metadata.uid);
});

test('the environment, the user, limits and a shared volume reach the container', async () => {
  rig.configMaps.set('settings', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' }, data: { COLOUR: 'green' } });
  rig.secrets.set('key', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' }, data: { password: Buffer.from('s3cret').toString('base64') } });
  const pod = makePod(
    'env',
    [
      shell('main', 'echo "$COLOUR|$PASSWORD|$POD|$IP|$LIMIT|$MIXED|$(id -u):$(id -g)|$(cat /data/shared)|$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes)" > /dev/termination-log; touch /x 2>/dev/null && exit 1; exit 0', {
        envFrom: [{ configMapRef: { name: 'settings' } }],
        env: [
          { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'key', key: 'password' } } },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          { name: 'MIXED', value: '$(COLOUR)-$$(COLOUR)-$(NONE)' },
        ],
        resources: { limits: { memory: '64Mi', cpu: '500m' }, requests: { memory: '64Mi', cpu: '500m' } },
        securityContext: { runAsUser: 1234, runAsGroup: 5678, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      }),
    ],
    { restartPolicy: 'Never', initContainers: [shell('writer', 'echo -n shared > /data/shared', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })], volumes: [{ name: 'data', emptyDir: {} }] },
  );
  rig.workers.update(pod);
  const status = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Succeeded' || phase === 'Failed');
  expect(status.containerStatuses?.[0]?.state?.terminated?.message?.trim()).toBe(`green|s3cret|env|${status.podIP}|64|green-$(COLOUR)-$(NONE)|1234:5678|shared|67108864`);
  expect(status.phase).toBe('Succeeded');
  rig.workers.remove(pod.metadata.uid);
});

test('what is missing is told with the reasons of Kubernetes', async () => {
  const never = makePod('never', [shell('main', FOREVER, { image: 'absent:1', imagePullPolicy: 'Never' })]);
  const invalid = makePod('invalid', [shell('main', FOREVER, { image: 'Not A Name' })]);
  const config = makePod('config', [shell('main', FOREVER, { envFrom: [{ configMapRef: { name: 'none' } }] })]);
  const command = makePod('command', [shell('main', FOREVER, { command: ['/no/such/file'] })]);
  const waiting = async (uid: string) => (await rig.until(uid, (each) => each.containerStatuses?.[0]?.state?.waiting?.reason !== 'ContainerCreating')).containerStatuses?.[0]?.state?.waiting;
  for (const pod of [never, invalid, config, command]) rig.workers.update(pod);
  // What is tried again tells of something else in the end.
  const told = await Promise.all([never, invalid, config, command].map(({ metadata }) => waiting(metadata.uid)));
  expect(told[0]).toEqual({ reason: 'ErrImageNeverPull', message: 'Container image "absent:1" is not present with pull policy of Never' });
  expect(told[1]).toEqual({ reason: 'InvalidImageName', message: 'Failed to apply default image tag "Not A Name": couldn\'t parse image name "Not A Name": invalid reference format' });
  expect(told[2]).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "none" not found' });
  expect(told[3]).toMatchObject({ reason: 'RunContainerError', message: expect.stringContaining('/no/such/file') });
  for (const pod of [never, invalid, config, command]) rig.workers.remove(pod.metadata.uid);
});

test('neither a new kubelet nor a new engine restarts a healthy container', async () => {
  const pod = makePod('stay', [shell('main', FOREVER)]);
  const { uid } = pod.metadata;
  rig.workers.update(pod);
  const before = await rig.until(uid, ({ phase }) => phase === 'Running');
  await rig.stop();
  const again = await startWorkers(host, rig.root);
  rig = again;
  again.workers.update({ ...pod, status: before });
  const after = await again.until(uid, ({ phase }) => phase === 'Running');
  expect(after).toEqual(before);
  await host.restartEngine();
  await again.context.clock.sleep(1500);
  again.workers.poke(uid);
  await again.workers.idle();
  expect(again.status(uid)).toEqual(before);
  again.workers.remove(uid);
  while (!again.removed.includes(uid)) await again.context.clock.sleep(10);
});

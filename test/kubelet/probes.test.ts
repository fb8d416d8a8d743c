import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(300_000);

let host: DockerHost;
let rig: WorkerRig;

beforeAll(async () => {
  host = await startDockerHost();
  await host.loadBusybox(IMAGE);
  rig = await startWorkers(host);
});

afterAll(async () => {
  await rig?.stop();
  await host?.stop();
});

const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';

test('a container is ready when its probe says so, and not before it has started', async () => {
  const pod = makePod('ready', [
    shell('main', FOREVER, {
      startupProbe: { exec: { command: ['cat', '/started'] }, periodSeconds: 1, timeoutSeconds: 60, failureThreshold: 1000 },
      readinessProbe: { exec: { command: ['cat', '/ready'] }, periodSeconds: 1, timeoutSeconds: 60 },
    }),
  ]);
  rig.workers.update(pod);
  const begun = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  expect(begun.containerStatuses?.[0]).toMatchObject({ ready: false, started: false });
  const id = begun.containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '';
  const touch = (file: string) => rig.context.runtime.execSync(id, ['touch', file], 60_000);
  const told = (message: string) => eventually(message, 60_000, () => rig.events.find((event) => event.reason === 'Unhealthy' && event.message === message));
  expect((await told("Startup probe failed: cat: can't open '/started': No such file or directory\n")).fieldPath).toBe('spec.containers{main}');
  await touch('/started');
  const started = await rig.until(pod.metadata.uid, ({ containerStatuses }) => containerStatuses?.[0]?.started === true);
  expect(started.containerStatuses?.[0]?.ready).toBe(false);
  await told("Readiness probe failed: cat: can't open '/ready': No such file or directory\n");
  await touch('/ready');
  await rig.until(pod.metadata.uid, ({ conditions }) => conditions?.find(({ type }) => type === 'Ready')?.status === 'True');
  rig.workers.remove(pod.metadata.uid);
});

test('a container whose liveness probe fails is restarted with the words of Kubernetes', async () => {
  const pod = makePod('live', [shell('main', `touch /alive; sleep 2; rm /alive; ${FOREVER}`, { livenessProbe: { exec: { command: ['cat', '/alive'] }, periodSeconds: 1, timeoutSeconds: 60, failureThreshold: 2, terminationGracePeriodSeconds: 1 } })]);
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ containerStatuses }) => containerStatuses?.[0]?.restartCount === 1);
  expect(rig.events).toContainEqual({ reason: 'Killing', message: 'Container main failed liveness probe, will be restarted', fieldPath: 'spec.containers{main}' });
  rig.workers.remove(pod.metadata.uid);
});

import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(60_000);

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
    shell('main', `sleep 1; touch /started; sleep 1; touch /ready; ${FOREVER}`, {
      startupProbe: { exec: { command: ['cat', '/started'] }, periodSeconds: 1, failureThreshold: 30 },
      readinessProbe: { exec: { command: ['cat', '/ready'] }, periodSeconds: 1 },
    }),
  ]);
  rig.workers.update(pod);
  const begun = await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  expect(begun.containerStatuses?.[0]).toMatchObject({ ready: false, started: false });
  const started = await rig.until(pod.metadata.uid, ({ containerStatuses }) => containerStatuses?.[0]?.started === true);
  expect(started.containerStatuses?.[0]?.ready).toBe(false);
  await rig.until(pod.metadata.uid, ({ conditions }) => conditions?.find(({ type }) => type === 'Ready')?.status === 'True');
  expect(rig.events).toContainEqual({ reason: 'Unhealthy', message: "Startup probe failed: cat: can't open '/started': No such file or directory\n", fieldPath: 'spec.containers{main}' });
  expect(rig.events.map(({ message }) => message)).toContain("Readiness probe failed: cat: can't open '/ready': No such file or directory\n");
  rig.workers.remove(pod.metadata.uid);
});

test('a container whose liveness probe fails is restarted with the words of Kubernetes', async () => {
  const pod = makePod('live', [shell('main', `touch /alive; sleep 2; rm /alive; ${FOREVER}`, { livenessProbe: { exec: { command: ['cat', '/alive'] }, periodSeconds: 1, failureThreshold: 2, terminationGracePeriodSeconds: 1 } })]);
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ containerStatuses }) => containerStatuses?.[0]?.restartCount === 1);
  expect(rig.events).toContainEqual({ reason: 'Killing', message: 'Container main failed liveness probe, will be restarted', fieldPath: 'spec.containers{main}' });
  rig.workers.remove(pod.metadata.uid);
});

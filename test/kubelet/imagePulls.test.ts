import type { V1ContainerStateWaiting, V1Pod, V1Secret } from '../../api/generated/types.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { ImageCollector } from '../../kubelet/images/imageCollector.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';
import { type LoopbackRegistry, startLoopbackRegistry } from './loopbackRegistry.ts';

jest.setTimeout(300_000);

const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const LOGIN = { user: 'reader', password: 'l0ng:secret' };
let host: DockerHost;
let open: LoopbackRegistry;
let closed: LoopbackRegistry;
let rig: WorkerRig & { readonly root: string };

beforeAll(async () => {
  host = await startDockerHost();
  await host.loadBusybox(IMAGE);
  [open, closed] = await Promise.all([startLoopbackRegistry(host, 5000), startLoopbackRegistry(host, 5001, LOGIN)]);
  rig = await startWorkers(host);
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([open?.stop(), closed?.stop()]);
  await host?.stop();
});

const secret = (name: string, type: string, key: string, value: unknown): V1Secret => ({
  apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' }, type: `kubernetes.io/${type}`, data: { [key]: Buffer.from(JSON.stringify(value)).toString('base64') },
});

const texts = (about: string): string[] => rig.events.map(({ reason, message }) => `${reason}: ${message}`).filter((text) => text.includes(about));

async function waits(uid: string, reason: string, milliseconds?: number): Promise<V1ContainerStateWaiting> {
  const status = await rig.until(uid, ({ containerStatuses }) => containerStatuses?.[0]?.state?.waiting?.reason === reason, milliseconds);
  return status.containerStatuses![0]!.state!.waiting!;
}

test('an image is pulled where it is not there, once for IfNotPresent and each time for Always, by tag and by digest', async () => {
  const digest = await open.push(IMAGE, 'team/box:1');
  const image = `${open.address}/team/box:1`;
  const first = makePod('first', [shell('main', FOREVER, { image })]);
  rig.workers.update(first);
  const status = await rig.until(first.metadata.uid, ({ phase }) => phase === 'Running');
  expect(status.containerStatuses?.[0]).toMatchObject({ image, imageID: `docker-pullable://${open.address}/team/box@${digest}` });
  expect(texts(image)).toEqual([`Pulling: Pulling image "${image}"`, expect.stringMatching(/^Pulled: Successfully pulled image ".*" in \d+(ms|\.?\d*s) \(\d+(ms|\.?\d*s) including waiting\)\. Image size: \d+ bytes\.$/)]);

  const present = makePod('present', [shell('main', FOREVER, { image })]);
  const always = makePod('always', [shell('main', FOREVER, { image, imagePullPolicy: 'Always' })]);
  const pinned = makePod('pinned', [shell('main', FOREVER, { image: `${open.address}/team/box@${digest}` })]);
  for (const pod of [present, always, pinned]) rig.workers.update(pod);
  for (const pod of [present, always, pinned]) await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  expect(texts(image).filter((text) => text.startsWith('Pulling'))).toHaveLength(2);
  expect(texts(image)).toContain(`Pulled: Container image "${image}" already present on machine and can be accessed by the pod`);
  for (const pod of [first, present, always, pinned]) rig.workers.remove(pod.metadata.uid);
});

test('pull secrets of both forms open a registry; a wrong password, a missing secret and none at all do not', async () => {
  await closed.push(IMAGE, 'app:1');
  const image = `${closed.address}/app:1`;
  const good = { username: LOGIN.user, password: LOGIN.password };
  rig.secrets.set('modern', secret('modern', 'dockerconfigjson', '.dockerconfigjson', { auths: { [closed.address]: { auth: Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64') } } }));
  rig.secrets.set('legacy', secret('legacy', 'dockercfg', '.dockercfg', { [`http://${closed.address}`]: good }));
  rig.secrets.set('wrong', secret('wrong', 'dockerconfigjson', '.dockerconfigjson', { auths: { [closed.address]: { ...good, password: 'no' } } }));
  const withSecrets = (name: string, ...secrets: string[]) => makePod(name, [shell('main', FOREVER, { image, imagePullPolicy: 'Always' })], { imagePullSecrets: secrets.map((each) => ({ name: each })) });
  const opened = [withSecrets('by-modern', 'modern'), withSecrets('by-legacy', 'legacy'), withSecrets('second-try', 'wrong', 'modern')];
  const refused = [withSecrets('by-wrong', 'wrong'), withSecrets('by-none'), withSecrets('by-missing', 'nowhere')];
  for (const pod of [...opened, ...refused]) rig.workers.update(pod);
  // Seconds later the refused ones tell that they are in back-off.
  const errors = Promise.all(refused.map(({ metadata }) => waits(metadata.uid, 'ErrImagePull')));
  await Promise.all(opened.map(({ metadata }) => rig.until(metadata.uid, ({ phase }) => phase === 'Running')));
  for (const { message } of await errors) expect(message).toMatch(/no basic auth credentials|unauthorized|authentication required/);
  expect(rig.events).toContainEqual(expect.objectContaining({ reason: 'FailedToRetrieveImagePullSecret', message: 'Unable to retrieve some image pull secrets (nowhere); attempting to pull the image may not succeed.' }));
  for (const pod of [...opened, ...refused]) rig.workers.remove(pod.metadata.uid);
});

test('a missing image is ErrImagePull, then ImagePullBackOff, and is run when it appears', async () => {
  const image = `${open.address}/late:1`;
  const pod = makePod('late', [shell('main', FOREVER, { image })]);
  rig.workers.update(pod);
  const { uid } = pod.metadata;
  const backingOff = waits(uid, 'ImagePullBackOff');
  const error = await waits(uid, 'ErrImagePull');
  expect(error.message).toContain('manifest unknown');
  expect(texts('ErrImagePull')).toContain('Failed: Error: ErrImagePull');
  expect(texts(image)).toContain(`Failed: Failed to pull image "${image}": ${error.message}`);
  const backoff = await backingOff;
  expect(backoff.message).toBe(`Back-off pulling image "${image}": ErrImagePull: ${error.message}`);
  expect(texts(image)).toContain(`BackOff: Back-off pulling image "${image}"`);
  expect(texts('ImagePullBackOff')).toContain('Failed: Error: ImagePullBackOff');
  await open.push(IMAGE, 'late:1');
  // Ten seconds after it failed; twice as many where that was before the push.
  await rig.until(uid, ({ phase }) => phase === 'Running', 120_000);
  rig.workers.remove(uid);
});

test('a pod that is deleted while its image is in back-off goes at once', async () => {
  const pod = makePod('given-up', [shell('main', FOREVER, { image: `${open.address}/never:1` })]);
  rig.workers.update(pod);
  await waits(pod.metadata.uid, 'ImagePullBackOff');
  rig.workers.update({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T00:01:00Z', deletionGracePeriodSeconds: 100_000 } });
  await eventually('it has ended', 60_000, () => (rig.finished.includes(pod.metadata.uid) ? true : undefined));
  expect(rig.status(pod.metadata.uid).phase).toBe('Failed');
  rig.workers.remove(pod.metadata.uid);
});

test('of a full disk, unused images that were pulled here go; those of others and those in use stay', async () => {
  // Each of its own making, lest all of them are one image to the engine.
  for (const name of ['used:1', 'idle:1']) {
    await host.loadBusybox(name);
    await open.push(name, name);
    await open.removeLocal(name);
  }
  const failures: string[] = [];
  const collector = new ImageCollector({
    runtime: rig.context.runtime, pulled: rig.pulled, disk: async () => ({ capacity: 1000 * 2 ** 30, available: 0 }), pods: () => [], policy: { highThreshold: 85, lowThreshold: 80, minimumAge: 0 },
    failed: (reason) => void failures.push(reason), clock: rig.context.clock, logger: rig.context.logger,
  });
  const tags = async (): Promise<string[]> => (await rig.context.runtime.listImages()).flatMap((image) => image.tags);
  const [used, idle] = ['used', 'idle'].map((name) => makePod(name, [shell('main', FOREVER, { image: `${open.address}/${name}:1` })]));
  for (const pod of [used!, idle!]) rig.workers.update(pod);
  for (const pod of [used!, idle!]) await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  const gone = async (pod: V1Pod): Promise<void> => {
    rig.workers.remove(pod.metadata.uid);
    while (!rig.removed.includes(pod.metadata.uid)) await rig.context.clock.sleep(20);
  };
  await gone(idle!);
  await collector.collect();
  expect(await tags()).toEqual(expect.arrayContaining([IMAGE, `${open.address}/used:1`]));
  expect(await tags()).not.toContain(`${open.address}/idle:1`);
  expect(failures).toEqual(['FreeDiskSpaceFailed']);
  await gone(used!);
  await collector.collect();
  expect(await tags()).toContain(IMAGE);
  expect(await tags()).not.toContain(`${open.address}/used:1`);
});

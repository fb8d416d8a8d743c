import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1ConfigMap, V1Pod, V1PodSpec, V1Secret, V1Volume } from '../../api/generated/types.ts';
import { isMountPoint, mountPointsBelow } from '../../host/mounts.ts';
import { PodVolumes } from '../../kubelet/volumes/podVolumes.ts';
import { systemClock } from '../../process/clock.ts';
import { makePod } from './fixture.ts';

let root: string;
let volumes: PodVolumes;
const configMaps = new Map<string, V1ConfigMap>();
const secrets = new Map<string, V1Secret>();
const never = new AbortController().signal;
const meta = (name: string) => ({ name, namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' });
const configMap = (name: string, data: Record<string, string>): void => void configMaps.set(name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(name), data });
const pods: V1Pod[] = [];

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'gantry-volumes-')));
  volumes = new PodVolumes({
    paths: { rootDir: root, podLogsDir: join(root, 'log'), containerLogsDir: join(root, 'containers') },
    objects: { configMap: async (_uid, _namespace, name) => configMaps.get(name), secret: async (_uid, _namespace, name) => secrets.get(name), release: () => undefined },
    tokens: { token: async (_, { audience, expirationSeconds }) => `token ${audience} ${expirationSeconds}`, release: () => undefined, nextRefresh: () => 7 },
    allocatable: { cpu: '2', memory: '64Mi', ephemeralStorage: '1Gi' },
    clock: systemClock,
  });
});

afterAll(async () => {
  for (const { metadata } of pods) await volumes.unmountVolumes(metadata.uid);
  await rm(root, { recursive: true });
});

const podWith = (spec: Partial<V1PodSpec>): V1Pod => {
  const pod = makePod('web', [{ name: 'main', resources: { limits: { cpu: '1500m', memory: '32Mi' } } }], spec);
  pods.push(pod);
  return pod;
};

const mount = async (spec: Partial<V1PodSpec>): Promise<{ readonly pod: V1Pod; readonly path: string }> => {
  const pod = podWith(spec);
  const mounted = await volumes.mountVolumes(pod, never);
  return { pod, path: mounted.get(spec.volumes?.[0]?.name ?? '')?.hostPath ?? '' };
};

test('a configMap is a directory of links that is exchanged as a whole', async () => {
  configMap('settings', { colour: 'green', size: 'large' });
  const { pod, path } = await mount({ volumes: [{ name: 'v', configMap: { name: 'settings', defaultMode: 0o640 } }] });
  expect(path).toBe(join(root, 'pods', pod.metadata.uid, 'volumes/kubernetes.io~configmap/v'));
  expect(await readFile(join(path, 'colour'), 'utf8')).toBe('green');
  expect((await stat(join(path, 'colour'))).mode & 0o777).toBe(0o640);
  expect(await readlink(join(path, 'colour'))).toBe('..data/colour');
  const first = await readlink(join(path, '..data'));
  await volumes.refreshVolumes(pod);
  expect(await readlink(join(path, '..data'))).toBe(first);
  configMap('settings', { colour: 'red', shape: 'round' });
  await volumes.refreshVolumes(pod);
  expect((await readdir(path)).sort()).toEqual([await readlink(join(path, '..data')), '..data', 'colour', 'shape'].sort());
  expect(await readFile(join(path, 'colour'), 'utf8')).toBe('red');
});

test('a secret lies in memory, its chosen keys at their paths with their modes', async () => {
  secrets.set('key', { apiVersion: 'v1', kind: 'Secret', metadata: meta('key'), data: { password: Buffer.from('s3cret').toString('base64') } });
  const { path } = await mount({ securityContext: { fsGroup: 4321 }, volumes: [{ name: 'v', secret: { secretName: 'key', defaultMode: 0o400, items: [{ key: 'password', path: 'deep/word', mode: 0o600 }] } }] });
  expect(await isMountPoint(path)).toBe(true);
  expect(await readFile(join(path, 'deep/word'), 'utf8')).toBe('s3cret');
  const found = await stat(join(path, 'deep/word'));
  expect([found.mode & 0o777, found.gid]).toEqual([0o640, 4321]);
});

test('a projected volume holds the token, the authority and fields of the pod', async () => {
  configMap('kube-root-ca.crt', { 'ca.crt': 'PEM' });
  const { pod, path } = await mount({
    volumes: [{
      name: 'kube-api-access-x',
      projected: {
        defaultMode: 0o644,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }, { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' } }] } },
        ],
      },
    }],
  });
  const texts = await Promise.all(['token', 'ca.crt', 'namespace', 'cpu'].map((name) => readFile(join(path, name), 'utf8')));
  expect(texts).toEqual(['token  3607', 'PEM', 'default', '1500']);
  expect(await volumes.refreshVolumes(pod)).toBe(7);
});

test('what is missing is told in the text of the event, unless it is optional', async () => {
  const fails = async (volume: V1Volume, text: string): Promise<void> => expect(volumes.mountVolumes(podWith({ volumes: [volume] }), never)).rejects.toThrow(text);
  await fails({ name: 'x', configMap: { name: 'y' } }, 'MountVolume.SetUp failed for volume "x" : configmap "y" not found');
  await fails({ name: 'x', secret: { secretName: 'y' } }, 'MountVolume.SetUp failed for volume "x" : secret "y" not found');
  await fails({ name: 'x', configMap: { name: 'settings', items: [{ key: 'none', path: 'p' }] } }, 'MountVolume.SetUp failed for volume "x" : configmap references non-existent config key: none');
  await fails({ name: 'x', hostPath: { path: join(root, 'none'), type: 'Directory' } }, `hostPath type check failed: ${join(root, 'none')} is not a directory`);
  await fails({ name: 'x', persistentVolumeClaim: { claimName: 'c' } }, 'MountVolume.SetUp failed for volume "x" : volumes of type persistentVolumeClaim are not supported on this node');
  const { path } = await mount({ volumes: [{ name: 'x', configMap: { name: 'y', optional: true } }] });
  expect(await readdir(path)).toContain('..data');
});

test('an emptyDir in memory is as large as the pod may have, and goes with it', async () => {
  const { pod, path } = await mount({ volumes: [{ name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }], securityContext: { fsGroup: 77 } });
  expect(await isMountPoint(path)).toBe(true);
  const found = await stat(path);
  expect([found.mode & 0o7777, found.gid]).toEqual([0o2777, 77]);
  await writeFile(join(path, 'x'), 'x');
  await expect(writeFile(join(path, 'big'), Buffer.alloc(33 * 2 ** 20))).rejects.toThrow('ENOSPC');
  await volumes.unmountVolumes(pod.metadata.uid);
  expect(await isMountPoint(path)).toBe(false);
  expect(await readdir(join(root, 'pods', pod.metadata.uid, 'volumes'))).toEqual([]);
});

test('hostPath makes what may be made and checks the rest', async () => {
  const made = join(root, 'made/by/kubelet');
  expect((await mount({ volumes: [{ name: 'h', hostPath: { path: made, type: 'DirectoryOrCreate' } }] })).path).toBe(made);
  await mount({ volumes: [{ name: 'h', hostPath: { path: join(made, 'file'), type: 'FileOrCreate' } }] });
  const server = createServer().listen(join(root, 's'));
  await mount({ volumes: [{ name: 'h', hostPath: { path: join(root, 's'), type: 'Socket' } }] });
  server.close();
  await expect(volumes.mountVolumes(podWith({ volumes: [{ name: 'h', hostPath: { path: made, type: 'File' } }] }), never)).rejects.toThrow(`hostPath type check failed: ${made} is not a file`);
});

test('a subPath is bound where no container can exchange it, and leads out of no volume', async () => {
  const { pod, path } = await mount({ volumes: [{ name: 'e', emptyDir: {} }] });
  const sub = (subPath: string, index: number) => volumes.mountSubPath({ podUid: pod.metadata.uid, volumeName: 'e', volume: { hostPath: path, readOnly: false }, container: 'main', index, subPath });
  const target = await sub('a/b', 0);
  expect(target).toBe(join(root, 'pods', pod.metadata.uid, 'volume-subpaths/e/main/0'));
  expect((await stat(join(path, 'a/b'))).mode & 0o777).toBe(0o777);
  await writeFile(join(path, 'a/b/file'), 'inside');
  expect(await readFile(join(target, 'file'), 'utf8')).toBe('inside');
  expect(await readFile(await sub('a/b/file', 1), 'utf8')).toBe('inside');
  await mkdir(join(root, 'outside'));
  await symlink(join(root, 'outside'), join(path, 'out'));
  await expect(sub('out', 2)).rejects.toThrow('subPath "out" leads out of its volume');
  await expect(sub('out/more', 2)).rejects.toThrow('leads out of its volume');
  await expect(sub('../x', 2)).rejects.toThrow("must be a relative path without '..'");
  await symlink('a', join(path, 'in'));
  expect(await readFile(join(await sub('in/b', 3), 'file'), 'utf8')).toBe('inside');
});

test('nothing stays mounted when the pods have gone', async () => {
  expect(await mountPointsBelow(root)).not.toEqual([]);
  for (const { metadata } of pods) await volumes.unmountVolumes(metadata.uid);
  expect(await mountPointsBelow(root)).toEqual([]);
});

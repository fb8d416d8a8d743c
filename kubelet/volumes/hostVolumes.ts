import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod, V1Volume } from '../../api/generated/types.ts';
import { specOf } from '../podContainers.ts';
import { podDir, type PodPaths } from '../podPaths.ts';
import type { MountedVolume, VolumeManager } from './types.ts';

/** `emptyDir` on the node's disk and `hostPath`. */
export function hostVolumes(paths: PodPaths): VolumeManager {
  return {
    async mountVolumes(pod) {
      const mounted = new Map<string, MountedVolume>();
      for (const volume of specOf(pod).volumes ?? []) mounted.set(volume.name, await mount(paths, pod, volume));
      return mounted;
    },
    refreshVolumes: () => Promise.resolve(),
    unmountVolumes: (podUid) => rm(join(podDir(paths, podUid), 'volumes', 'kubernetes.io~empty-dir'), { recursive: true, force: true }),
  };
}

async function mount(paths: PodPaths, pod: V1Pod, volume: V1Volume): Promise<MountedVolume> {
  if (volume.hostPath) {
    await prepareHostPath(volume.hostPath.path, volume.hostPath.type ?? '', volume.name);
    return { hostPath: volume.hostPath.path, readOnly: false };
  }
  if (volume.emptyDir) {
    const path = join(podDir(paths, pod.metadata.uid), 'volumes', 'kubernetes.io~empty-dir', volume.name);
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
    return { hostPath: path, readOnly: false };
  }
  throw new Error(`MountVolume.SetUp failed for volume "${volume.name}" : no volume plugin matched`);
}

/** `hostPathType`: makes what may be made, and refuses what is of another kind. */
async function prepareHostPath(path: string, type: string, name: string): Promise<void> {
  if (type === '' || type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 }).catch((error: unknown) => (type === '' ? undefined : Promise.reject(error)));
  if (type === 'FileOrCreate') await writeFile(path, '', { flag: 'a', mode: 0o644 });
  const found = await stat(path);
  const fits =
    type.startsWith('Directory') ? found.isDirectory() : type.startsWith('File') ? found.isFile() : type === 'Socket' ? found.isSocket() : type === 'CharDevice' ? found.isCharacterDevice() : type === 'BlockDevice' ? found.isBlockDevice() : true;
  if (!fits) throw new Error(`MountVolume.SetUp failed for volume "${name}" : hostPath type check failed: ${path} is not a ${type.toLowerCase()}`);
}

import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod, V1Volume } from '../../api/generated/types.ts';
import { parseQuantity, quantityValue } from '../../api/values/quantity.ts';
import { isMountPoint, mountPointsBelow, mountTmpfs, unmount } from '../../host/mounts.ts';
import type { Clock } from '../../process/clock.ts';
import type { NodeAllocatable } from '../env/downwardAPI.ts';
import { messageOf } from '../errorText.ts';
import { specOf } from '../podContainers.ts';
import { podDir, type PodPaths, volumesDir } from '../podPaths.ts';
import { writeAtomically } from './atomicWriter.ts';
import { prepareEmptyDir } from './emptyDir.ts';
import { setFsGroup } from './fsGroup.ts';
import { prepareHostPath } from './hostPath.ts';
import { CONFIG_MAP_PLUGIN, EMPTY_DIR_PLUGIN, volumeDir } from './localVolumes.ts';
import type { ReferencedObjects } from './referencedObjects.ts';
import type { ServiceAccountTokens } from './serviceAccountTokens.ts';
import { volumePayload } from './sourcePayload.ts';
import { bindSubPath } from './subPath.ts';
import type { MountedVolume, SubPathMount, VolumeManager } from './types.ts';

export interface PodVolumesOptions {
  readonly paths: PodPaths;
  readonly objects: Pick<ReferencedObjects, 'configMap' | 'secret' | 'release'>;
  readonly tokens: Pick<ServiceAccountTokens, 'token' | 'release' | 'nextRefresh'>;
  readonly allocatable: NodeAllocatable;
  readonly clock: Clock;
}

/** Volumes whose contents come from the API, and the names of their plugins; those of all but configMap stay in memory. */
const SOURCED = { configMap: CONFIG_MAP_PLUGIN, secret: 'secret', downwardAPI: 'downward-api', projected: 'projected' } as const;

/** The volumes of pods under `<root>/pods/<uid>/volumes/kubernetes.io~<plugin>/<name>`. */
export class PodVolumes implements VolumeManager {
  readonly #options: PodVolumesOptions;
  /** What is being done for a pod, by uid; never rejects. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  mountVolumes(pod: V1Pod, signal: AbortSignal): Promise<ReadonlyMap<string, MountedVolume>> {
    return this.#inTurn(pod.metadata.uid, () => this.#mountAll(pod, signal));
  }

  refreshVolumes(pod: V1Pod): Promise<number | undefined> {
    return this.#inTurn(pod.metadata.uid, () => this.#refreshAll(pod));
  }

  unmountVolumes(podUid: string): Promise<void> {
    return this.#inTurn(podUid, () => this.#unmountAll(podUid));
  }

  /** Whoever asks: two do not write into the volumes of one pod at the same time. */
  #inTurn<T>(podUid: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(podUid) ?? Promise.resolve();
    const turn = before.then(act);
    const settled: Promise<void> = turn.then(
      () => undefined,
      () => undefined,
    ).then(() => {
      if (this.#turns.get(podUid) === settled) this.#turns.delete(podUid);
    });
    this.#turns.set(podUid, settled);
    return turn;
  }

  async #mountAll(pod: V1Pod, signal: AbortSignal): Promise<ReadonlyMap<string, MountedVolume>> {
    const mounted = new Map<string, MountedVolume>();
    for (const volume of specOf(pod).volumes ?? []) {
      signal.throwIfAborted();
      mounted.set(volume.name, await named(volume, () => this.#mount(pod, volume)));
    }
    return mounted;
  }

  async mountSubPath({ podUid, volumeName, volume, container, index, subPath }: SubPathMount): Promise<string> {
    return bindSubPath(volume.hostPath, subPath, join(subPathsDir(this.#options.paths, podUid), volumeName, container, String(index)));
  }

  async #refreshAll(pod: V1Pod): Promise<number | undefined> {
    for (const volume of specOf(pod).volumes ?? []) {
      const plugin = pluginOf(volume);
      // What was not mounted yet is the business of the start of a container.
      if (plugin && (await isThere(this.#path(pod.metadata.uid, plugin, volume.name)))) await named(volume, () => this.#mountSourced(pod, volume, plugin, false));
    }
    return this.#options.tokens.nextRefresh(pod.metadata.uid);
  }

  async #unmountAll(podUid: string): Promise<void> {
    const { paths, objects, tokens } = this.#options;
    objects.release(podUid);
    tokens.release(podUid);
    const volumes = volumesDir(paths, podUid);
    const subPaths = subPathsDir(paths, podUid);
    // Nothing is removed below a mount: that would be somebody's data.
    for (const path of [...(await mountPointsBelow(subPaths)), ...(await mountPointsBelow(volumes))]) await unmount(path);
    await rm(subPaths, { recursive: true, force: true });
    for (const plugin of [EMPTY_DIR_PLUGIN, ...Object.values(SOURCED)]) await rm(join(volumes, `kubernetes.io~${plugin}`), { recursive: true, force: true });
  }

  async #mount(pod: V1Pod, volume: V1Volume): Promise<MountedVolume> {
    if (volume.hostPath) return { hostPath: await prepareHostPath(volume.hostPath), readOnly: false };
    const plugin = pluginOf(volume);
    if (plugin) return this.#mountSourced(pod, volume, plugin, true);
    if (!volume.emptyDir) throw new Error(`volumes of type ${Object.keys(volume).find((key) => key !== 'name') ?? 'none'} are not supported on this node`);
    const path = this.#path(pod.metadata.uid, EMPTY_DIR_PLUGIN, volume.name);
    await prepareEmptyDir(path, volume.emptyDir, pod, quantityValue(parseQuantity(this.#options.allocatable.memory)));
    return { hostPath: path, readOnly: false };
  }

  async #mountSourced(pod: V1Pod, volume: V1Volume, plugin: string, fresh: boolean): Promise<MountedVolume> {
    const { objects, tokens, allocatable } = this.#options;
    const { uid, namespace } = pod.metadata;
    const payload = await volumePayload(pod, volume, {
      configMap: (name) => objects.configMap(uid, namespace, name, fresh),
      secret: (name) => objects.secret(uid, namespace, name, fresh),
      token: (wish) => tokens.token(pod, wish),
      allocatable,
    });
    const path = this.#path(uid, plugin, volume.name);
    await mkdir(path, { recursive: true });
    if (plugin !== SOURCED.configMap && !(await isMountPoint(path))) await mountTmpfs(path);
    const group = specOf(pod).securityContext?.fsGroup;
    await chmod(path, group === undefined ? 0o777 : 0o2777);
    await writeAtomically(path, payload, this.#options.clock.now(), async (directory) => {
      if (group !== undefined) await setFsGroup(directory, group, true);
    });
    return { hostPath: path, readOnly: true };
  }

  #path(podUid: string, plugin: string, name: string): string {
    return volumeDir(this.#options.paths, podUid, plugin, name);
  }
}

/** Where subPaths are bound, outside of the volumes that containers see. */
function subPathsDir(paths: PodPaths, podUid: string): string {
  return join(podDir(paths, podUid), 'volume-subpaths');
}

function pluginOf(volume: V1Volume): string | undefined {
  for (const source of ['configMap', 'secret', 'downwardAPI', 'projected'] as const) if (volume[source]) return SOURCED[source];
  return undefined;
}

async function named<T>(volume: V1Volume, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new Error(`MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`, { cause: error });
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

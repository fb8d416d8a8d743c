import { stat } from 'node:fs/promises';
import type { V1Pod } from '../../api/generated/types.ts';
import { isMissing } from '../errorText.ts';
import type { PodPaths } from '../podPaths.ts';
import type { Container, ContainerRuntime } from '../runtime/types.ts';
import { NO_SPACE, type SpaceUsed, sumOfSpace, usedSpace } from '../usedSpace.ts';
import { localVolumes } from '../volumes/localVolumes.ts';
import type { ContainerUsage, Measure, PodUsage } from './podUsage.ts';

/** What stat counts in. */
const BLOCK_BYTES = 512;
/** The engine turns a log over into numbered ones. */
const OLD_LOGS = 4;

/** Measures what these pods use now; a pod without running containers may still fill its volumes. */
export async function readPodUsage(pods: readonly V1Pod[], measure: Measure, runtime: ContainerRuntime, paths: PodPaths): Promise<readonly PodUsage[]> {
  const running = new Map((await runtime.listPods()).map(({ pod, containers }) => [pod.uid, containers.filter(({ state }) => state === 'Running')]));
  const containersOf = (pod: V1Pod): readonly Container[] => running.get(pod.metadata.uid) ?? [];
  const all = pods.flatMap(containersOf);
  const containers = measure === 'disk' ? await containersOnDisk(all, runtime) : await containersInMemory(all, runtime);
  const directories = measure === 'disk' ? pods.flatMap((pod) => [...localVolumes(pod, paths).values()]) : [];
  const volumes = directories.length > 0 ? await usedSpace(directories) : new Map<string, SpaceUsed>();
  return pods.map((pod) => ({
    pod,
    containers: containersOf(pod).flatMap(({ id }) => containers.get(id) ?? []),
    volumes: new Map([...localVolumes(pod, paths)].map(([name, directory]) => [name, volumes.get(directory) ?? NO_SPACE])),
  }));
}

async function containersInMemory(containers: readonly Container[], runtime: ContainerRuntime): Promise<ReadonlyMap<string, ContainerUsage>> {
  const found = await Promise.all(
    containers.map(async ({ id, name }) => {
      // One that ends meanwhile uses nothing.
      const stats = await runtime.stats(id).catch(() => undefined);
      return [id, { name, memory: stats?.memoryWorkingSetBytes ?? 0, processes: stats?.processes ?? 0, rootfs: NO_SPACE, logs: NO_SPACE }] as const;
    }),
  );
  return new Map(found);
}

async function containersOnDisk(containers: readonly Container[], runtime: ContainerRuntime): Promise<ReadonlyMap<string, ContainerUsage>> {
  const layers = await runtime.writableLayers(containers.map(({ id }) => id));
  const found = await Promise.all(
    containers.map(async ({ id, name, logPath }) => [id, { name, memory: 0, processes: 0, rootfs: layers.get(id) ?? NO_SPACE, logs: await logSpace(logPath) }] as const),
  );
  return new Map(found);
}

async function logSpace(logPath: string): Promise<SpaceUsed> {
  if (logPath === '') return NO_SPACE;
  const files = [logPath, ...Array.from({ length: OLD_LOGS }, (_, at) => `${logPath}.${at + 1}`)];
  return sumOfSpace(await Promise.all(files.map(fileSpace)));
}

async function fileSpace(file: string): Promise<SpaceUsed> {
  try {
    return { bytes: (await stat(file)).blocks * BLOCK_BYTES, inodes: 1 };
  } catch (error) {
    if (isMissing(error)) return NO_SPACE;
    throw error;
  }
}

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { childCgroups, removeCgroup } from '../host/cgroups.ts';
import { qosCgroup } from './podCgroup.ts';
import { podsDir } from './podPaths.ts';
import type { PodWorkers } from './podWorkers.ts';
import type { SyncContext } from './sync/context.ts';
import { removePodDir } from './sync/removePod.ts';
import { isMissing } from './errorText.ts';

/**
 * Clears away what no pod of this node owns: containers, addresses, directories, logs and cgroups that a crash, or a pod that went
 * while the kubelet was away, has left. Only to be called when every source of pods has been read.
 */
export async function collectGarbage(context: SyncContext, workers: PodWorkers): Promise<void> {
  const pods = await context.runtime.listPods();
  for (const pod of pods) if (!workers.uids.has(pod.pod.uid)) workers.removeOrphan(pod);
  await context.network.collect(new Set(pods.flatMap((pod) => pod.sandboxes.map(({ id }) => id))));
  const known = new Set([...workers.uids, ...pods.map(({ pod }) => pod.uid)]);
  for (const uid of await names(podsDir(context.paths))) {
    if (known.has(uid)) continue;
    await context.volumes.unmountVolumes(uid);
    await removePodDir(context, uid);
  }
  for (const name of await names(context.paths.podLogsDir)) {
    const uid = name.split('_').at(-1) ?? '';
    if (!known.has(uid)) await rm(join(context.paths.podLogsDir, name), { recursive: true, force: true });
  }
  if (context.cgroups.driver === 'cgroupfs') await collectCgroups(context, known);
}

/** Removes what the runtime still has of pods that are over (`containerGC.DeleteAllUnusedContainers`). */
export async function removeEndedContainers({ runtime, logger }: SyncContext, workers: PodWorkers): Promise<void> {
  for (const { pod, containers } of await runtime.listPods()) {
    const worker = workers.get(pod.uid);
    if (!worker || worker.active) continue;
    for (const { id, name, state } of containers) {
      if (state !== 'Exited') continue;
      await runtime.removeContainer(id);
      logger.info('removed an ended container to free its bytes', { pod: `${pod.namespace}/${pod.name}`, container: name });
    }
  }
}

async function collectCgroups(context: SyncContext, known: ReadonlySet<string>): Promise<void> {
  const version = context.runtimeInfo.cgroupVersion;
  for (const qos of ['Guaranteed', 'Burstable', 'BestEffort'] as const) {
    const parent = qosCgroup(qos, context.cgroups);
    for (const name of await childCgroups(parent, version)) {
      if (name.startsWith('pod') && !known.has(name.slice('pod'.length))) await removeCgroup([...parent, name], version);
    }
  }
}

async function names(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

import { rm, rmdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyncContext } from './context.ts';
import { podDir, podLogDir, volumesDir } from '../podPaths.ts';
import type { RuntimePod } from '../runtime/types.ts';
import { isMissing } from '../errorText.ts';

/** Removes all that is left of a pod which is in no source any more and whose containers have ended. */
export async function removePod(context: SyncContext, runtime: RuntimePod): Promise<void> {
  for (const { id } of runtime.containers) await context.runtime.removeContainer(id);
  for (const sandbox of runtime.sandboxes) {
    if (!sandbox.hostNetwork) await context.network.detach(sandbox);
    await context.runtime.removeSandbox(sandbox.id);
  }
  await context.volumes.unmountVolumes(runtime.pod.uid);
  await removePodDir(context, runtime.pod.uid);
  await removeLogs(context, runtime);
}

/** Removes a pod's directory. Its volumes' directory must be empty, lest a mount is followed into somebody's data. */
export async function removePodDir(context: Pick<SyncContext, 'paths'>, uid: string): Promise<void> {
  await removeEmptyTree(volumesDir(context.paths, uid));
  await rm(podDir(context.paths, uid), { recursive: true, force: true });
}

async function removeEmptyTree(path: string): Promise<void> {
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  for (const entry of entries) if (entry.isDirectory()) await removeEmptyTree(join(path, entry.name));
  await rmdir(path);
}

async function removeLogs({ paths }: SyncContext, { pod, containers }: RuntimePod): Promise<void> {
  await rm(podLogDir(paths, pod), { recursive: true, force: true });
  const prefix = `${pod.name}_${pod.namespace}_`;
  const ids = new Set(containers.map(({ id }) => id));
  for (const name of await linksIn(paths.containerLogsDir)) {
    const id = name.slice(-'.log'.length - 64, -'.log'.length);
    if (name.startsWith(prefix) && ids.has(id)) await unlink(join(paths.containerLogsDir, name));
  }
}

async function linksIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

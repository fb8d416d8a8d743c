import { join } from 'node:path';
import type { V1Pod } from '../../api/generated/types.ts';
import { specOf } from '../podContainers.ts';
import { type PodPaths, volumesDir } from '../podPaths.ts';

export const EMPTY_DIR_PLUGIN = 'empty-dir';
export const CONFIG_MAP_PLUGIN = 'configmap';

/** Directory of a pod's volume on the host. */
export const volumeDir = (paths: PodPaths, podUid: string, plugin: string, name: string): string => join(volumesDir(paths, podUid), `kubernetes.io~${plugin}`, name);

/** The directories of the volumes whose contents count as the pod's own on this node, by the volume's name; of emptyDirs also those in memory. */
export function localVolumes(pod: V1Pod, paths: PodPaths): ReadonlyMap<string, string> {
  return new Map(
    (specOf(pod).volumes ?? []).flatMap(({ name, emptyDir, configMap }) => {
      const plugin = emptyDir ? EMPTY_DIR_PLUGIN : configMap ? CONFIG_MAP_PLUGIN : undefined;
      return plugin === undefined ? [] : [[name, volumeDir(paths, pod.metadata.uid, plugin, name)] as const];
    }),
  );
}

import { chmod, mkdir } from 'node:fs/promises';
import type { V1EmptyDirVolumeSource, V1Pod } from '../../api/generated/types.ts';
import { parseQuantity, quantityValue } from '../../api/values/quantity.ts';
import { isMountPoint, mountTmpfs } from '../../host/mounts.ts';
import { specOf } from '../podContainers.ts';
import { setFsGroup } from './fsGroup.ts';

/**
 * How large an emptyDir in memory may become, in bytes: its own limit, but no more than the pod's memory limit or what the node has
 * to give (`calculateEmptyDirMemorySize`).
 */
export function memorySize(pod: V1Pod, sizeLimit: string | undefined, allocatableBytes: number): number {
  const limits = specOf(pod).containers.map(({ resources }) => resources?.limits?.['memory']);
  const ofPod = limits.every((limit) => limit !== undefined) ? limits.reduce((sum, limit) => sum + bytes(limit), 0) : Infinity;
  const own = sizeLimit === undefined || bytes(sizeLimit) === 0 ? Infinity : bytes(sizeLimit);
  return Math.min(own, ofPod, allocatableBytes);
}

function bytes(text: string): number {
  return quantityValue(parseQuantity(text));
}

/** Makes an emptyDir, on disk or in memory, for everybody in the pod to write into. */
export async function prepareEmptyDir(path: string, source: V1EmptyDirVolumeSource, pod: V1Pod, allocatableBytes: number): Promise<void> {
  const medium = source.medium ?? '';
  if (medium !== '' && medium !== 'Memory') throw new Error(`medium "${medium}" is not supported on this node`);
  const made = await mkdir(path, { recursive: true, mode: 0o777 });
  const mount = medium === 'Memory' && !(await isMountPoint(path));
  if (mount) await mountTmpfs(path, memorySize(pod, source.sizeLimit, allocatableBytes));
  if (made === undefined && !mount) return;
  await chmod(path, 0o777);
  const group = specOf(pod).securityContext?.fsGroup;
  if (group !== undefined) await setFsGroup(path, group, false);
}

import type { V1Pod } from '../../api/generated/types.ts';
import { podLimits } from '../../api/values/podResources.ts';
import { compareQuantities, formatQuantity, type Quantity, quantityOf, quantityOrZero } from '../../api/values/quantity.ts';
import { isSidecar, specOf } from '../podContainers.ts';
import { diskUsed, type PodUsage } from './podUsage.ts';

const STORAGE = 'ephemeral-storage';

/** Whether a pod's use of the disk has to be watched at all. */
export function limitsStorage(pod: V1Pod): boolean {
  const { volumes = [] } = specOf(pod);
  return podLimits(specOf(pod)).has(STORAGE) || volumes.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined);
}

/** Why a pod that uses more of the disk than it may has to go; undefined where it keeps to its limits (`localStorageEviction`). */
export function storageExcess(usage: PodUsage, dedicatedImagefs: boolean): string | undefined {
  return emptyDirExcess(usage) ?? podExcess(usage) ?? containerExcess(usage, dedicatedImagefs);
}

function emptyDirExcess({ pod, volumes }: PodUsage): string | undefined {
  for (const { name, emptyDir } of specOf(pod).volumes ?? []) {
    const limit = quantityOrZero(emptyDir?.sizeLimit);
    const used = volumes.get(name);
    if (used && limit.nanos > 0n && isOver(used.bytes, limit)) return `Usage of EmptyDir volume "${name}" exceeds the limit "${formatQuantity(limit)}". `;
  }
  return undefined;
}

function podExcess(usage: PodUsage): string | undefined {
  const limit = podLimits(specOf(usage.pod)).get(STORAGE);
  if (!limit || !isOver(diskUsed(usage, ['root', 'logs', 'volumes']).bytes, limit)) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${formatQuantity(limit)}. `;
}

function containerExcess({ pod, containers }: PodUsage, dedicatedImagefs: boolean): string | undefined {
  const { containers: app, initContainers = [] } = specOf(pod);
  for (const { name, rootfs, logs } of containers) {
    const limit = quantityOrZero([...app, ...initContainers.filter(isSidecar)].find((each) => each.name === name)?.resources?.limits?.[STORAGE]);
    const used = logs.bytes + (dedicatedImagefs ? 0 : rootfs.bytes);
    if (limit.nanos > 0n && isOver(used, limit)) return `Container ${name} exceeded its local ephemeral storage limit "${formatQuantity(limit)}". `;
  }
  return undefined;
}

function isOver(bytes: number, limit: Quantity): boolean {
  return compareQuantities(quantityOf(bytes, 'BinarySI'), limit) > 0;
}

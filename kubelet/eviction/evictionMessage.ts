import { formatQuantity, quantityOf, quantityOrZero, quantityValue } from '../../api/values/quantity.ts';
import { isSidecar, specOf } from '../podContainers.ts';
import { type CrossedThreshold, resourceOf, type StarvedResource } from './nodePressure.ts';
import type { ContainerUsage, PodUsage } from './podUsage.ts';

/** The message of an evicted pod's status and event (`evictionMessage`). */
export function evictionMessage({ threshold, quantity, available }: CrossedThreshold, { pod, containers }: PodUsage): string {
  const resource = resourceOf(threshold.signal);
  const { containers: app, initContainers = [] } = specOf(pod);
  const blamed = [...app, ...initContainers.filter(isSidecar)];
  const greedy = containers.flatMap((usage) => {
    const container = blamed.find(({ name }) => name === usage.name);
    const used = usedOf(usage, resource);
    const request = quantityOrZero(container?.resources?.requests?.[resource]);
    if (!container || used === undefined || used <= quantityValue(request)) return [];
    return [`Container ${usage.name} was using ${formatQuantity(quantityOf(used, 'BinarySI'))}, request is ${formatQuantity(request)}, has larger consumption of ${resource}. `];
  });
  return `The node was low on resource: ${resource}. Threshold quantity: ${formatQuantity(quantity)}, available: ${formatQuantity(available)}. ${greedy.join('')}`;
}

function usedOf({ memory, rootfs, logs }: ContainerUsage, resource: StarvedResource): number | undefined {
  if (resource === 'memory') return memory;
  return resource === 'ephemeral-storage' ? rootfs.bytes + logs.bytes : undefined;
}

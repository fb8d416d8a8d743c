import type { V1Node } from '../../api/generated/types.ts';
import { milliValue, quantityOrZero } from '../../api/values/quantity.ts';

const ZONE_LABEL = 'topology.kubernetes.io/zone';
const EXCLUDED_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** Each zone's share of the allocatable CPU of ready nodes, control planes left out; undefined where a node does not tell its zone or CPU, or there is one zone only. */
export function zoneRatios(nodes: readonly V1Node[]): ReadonlyMap<string, number> | undefined {
  const cpuByZone = new Map<string, number>();
  for (const node of nodes) {
    const place = placeOf(node);
    if (place === undefined) continue;
    if (place.zone === '' || place.cpu === 0) return undefined;
    cpuByZone.set(place.zone, (cpuByZone.get(place.zone) ?? 0) + place.cpu);
  }
  const total = [...cpuByZone.values()].reduce((sum, cpu) => sum + cpu, 0);
  return cpuByZone.size < 2 ? undefined : new Map([...cpuByZone].map(([zone, cpu]) => [zone, cpu / total]));
}

/** What of a node counts; undefined where it does not count at all. CPU in thousandths. */
export function placeOf({ metadata, status }: V1Node): { readonly zone: string; readonly cpu: number } | undefined {
  const labels = metadata.labels ?? {};
  const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
  if (!isReady || EXCLUDED_LABELS.some((label) => label in labels)) return undefined;
  return { zone: labels[ZONE_LABEL] ?? '', cpu: milliValue(quantityOrZero(status?.allocatable?.['cpu'])) };
}

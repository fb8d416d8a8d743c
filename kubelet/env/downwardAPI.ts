import type { V1Container, V1Pod, V1ResourceFieldSelector } from '../../api/generated/types.ts';
import { milliValue, parseQuantity, quantityValue } from '../../api/values/quantity.ts';
import { containersOf, specOf } from '../podContainers.ts';
import { ownField } from '../../api/values/ownField.ts';

/** What the kubelet knows of a pod that its status may not show yet. */
export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
}

/** The node's allocatable, the limit of a container that has none. */
export interface NodeAllocatable {
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorage: string;
}

/** The value of a `fieldRef`; throws with the API's text where there is no such field. */
export function fieldValue(pod: V1Pod, fieldPath: string, addresses: PodAddresses): string {
  const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath);
  if (subscript) return pod.metadata[subscript[1] === 'labels' ? 'labels' : 'annotations']?.[subscript[2] ?? ''] ?? '';
  const spec = specOf(pod);
  switch (fieldPath) {
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations);
    case 'metadata.labels':
      return formatMap(pod.metadata.labels);
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace;
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return addresses.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return addresses.hostIPs.join(',');
    case 'status.podIP':
      return addresses.podIPs[0] ?? '';
    case 'status.podIPs':
      return addresses.podIPs.join(',');
    default:
      throw new Error(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** Keys sorted, each value quoted as Go's `%q` does. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** The value of a `resourceFieldRef`, divided by its divisor and rounded up (`resource.ExtractContainerResourceValue`). */
export function resourceValue(pod: V1Pod, own: V1Container, selector: V1ResourceFieldSelector, allocatable: NodeAllocatable): string {
  const container = selector.containerName ? containersOf(pod).find((each) => each.container.name === selector.containerName)?.container : own;
  if (!container) throw new Error(`container ${selector.containerName} not found`);
  const [list, ...rest] = selector.resource.split('.');
  const name = rest.join('.');
  const { limits, requests } = container.resources ?? {};
  const byNode: Readonly<Record<string, string>> = { cpu: allocatable.cpu, memory: allocatable.memory, 'ephemeral-storage': allocatable.ephemeralStorage };
  if (list !== 'limits' && list !== 'requests') throw new Error(`Unsupported container resource : ${selector.resource}`);
  const text = list === 'limits' ? (ownField(limits, name) ?? ownField(byNode, name) ?? '0') : (ownField(requests, name) ?? ownField(limits, name) ?? '0');
  return divide(name, text, selector.divisor);
}

function divide(name: string, text: string, divisor: string | undefined): string {
  const quantity = parseQuantity(text);
  const by = parseQuantity(divisor === undefined || divisor === '0' ? '1' : divisor);
  const [value, unit] = name === 'cpu' ? [milliValue(quantity), milliValue(by)] : [quantityValue(quantity), quantityValue(by)];
  return String(Math.ceil(value / unit));
}

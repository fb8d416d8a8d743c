import type { ResourceV1ResourceClaim, V1PersistentVolumeClaim, V1Pod, V1Service } from '../generated/types.ts';
import type { KubeObject } from '../meta.ts';
import type { IncomingObject } from '../resourceDefinition.ts';
import { isPodQuota, podQuotaUsage } from './quotaPods.ts';
import { addQuantities, compareQuantities, maxQuantity, parseQuantity, type Quantity, quantityOf, quantityOrZero, subtractQuantities } from './quantity.ts';

/** Amounts by the names that a ResourceQuota uses (`pods`, `requests.cpu`, `count/deployments.apps`). */
export type Usage = ReadonlyMap<string, Quantity>;

const ZERO = quantityOf(0);
const ONE = quantityOf(1);
/** Core kinds that a quota may also name without `count/`. */
const PLAIN_NAMES: ReadonlySet<string> = new Set(['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'secrets', 'configmaps', 'persistentvolumeclaims']);
/** What no quota counts: things that are not kept, and things that nobody may be kept from writing. */
const UNCOUNTED: ReadonlySet<string> = new Set(['/bindings', '/componentstatuses', '/events', 'events.k8s.io/events']);
const SERVICE_NAMES: ReadonlySet<string> = new Set(['services', 'services.nodeports', 'services.loadbalancers']);
const CLAIM_NAMES = ['persistentvolumeclaims', 'requests.storage'];
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
const DEVICES_SUFFIX = '.deviceclass.resource.k8s.io/devices';
/** What a request for all devices counts as: the most that a claim can be given. */
const MOST_DEVICES = 32;

const countName = (group: string, resource: string): string => (group === '' ? `count/${resource}` : `count/${resource}.${group}`);

/** Those of a quota's names which objects of this resource count for. */
export function countedNames(group: string, resource: string, names: readonly string[]): string[] {
  if (UNCOUNTED.has(`${group}/${resource}`)) return [];
  const own = countName(group, resource);
  return names.filter((name) => name === own || isCounted(group, resource, name));
}

function isCounted(group: string, resource: string, name: string): boolean {
  if (group === 'resource.k8s.io') return resource === 'resourceclaims' && name.endsWith(DEVICES_SUFFIX);
  if (group !== '') return false;
  switch (resource) {
    case 'pods':
      return isPodQuota(name);
    case 'services':
      return SERVICE_NAMES.has(name);
    case 'persistentvolumeclaims':
      return CLAIM_NAMES.some((each) => name === each || name.endsWith(CLASS_SUFFIX + each));
    default:
      return name === resource && PLAIN_NAMES.has(resource);
  }
}

/** What one object takes of a quota (Kubernetes' quota evaluators). `now`, in wall-clock milliseconds, tells pods that should be gone. */
export function quotaUsage(group: string, resource: string, object: IncomingObject | KubeObject, now?: number): Usage {
  const usage = new Map([[countName(group, resource), ONE]]);
  if (group === 'resource.k8s.io' && resource === 'resourceclaims') return deviceUsage(object as ResourceV1ResourceClaim, usage);
  if (group !== '') return usage;
  switch (resource) {
    case 'pods':
      return podQuotaUsage(object as V1Pod, now);
    case 'services':
      return serviceUsage(object as V1Service, usage.set('services', ONE));
    case 'persistentvolumeclaims':
      return claimUsage(object as V1PersistentVolumeClaim, usage.set('persistentvolumeclaims', ONE));
    default:
      return PLAIN_NAMES.has(resource) ? usage.set(resource, ONE) : usage;
  }
}

function serviceUsage(service: V1Service, usage: Map<string, Quantity>): Usage {
  const ports = quotaPorts(service);
  if (ports > 0) usage.set('services.nodeports', quantityOf(ports));
  if (service.spec?.type === 'LoadBalancer') usage.set('services.loadbalancers', ONE);
  return usage;
}

function quotaPorts({ spec }: V1Service): number {
  if (spec?.type === 'NodePort') return spec.ports?.length ?? 0;
  if (spec?.type !== 'LoadBalancer') return 0;
  return spec.allocateLoadBalancerNodePorts === false ? (spec.ports ?? []).filter((port) => (port.nodePort ?? 0) > 0).length : (spec.ports?.length ?? 0);
}

function claimUsage(claim: V1PersistentVolumeClaim, usage: Map<string, Quantity>): Usage {
  const wanted = claim.spec?.resources?.requests?.['storage'];
  const className = claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec?.storageClassName ?? '';
  // A claim that is being grown and then asks for less keeps what it was given. Whole bytes are counted.
  const storage = wanted === undefined ? undefined : wholeBytes(maxQuantity(parseQuantity(wanted), quantityOrZero(claim.status?.allocatedResources?.['storage'])));
  if (storage) usage.set('requests.storage', storage);
  if (className === '') return usage;
  usage.set(`${className}${CLASS_SUFFIX}persistentvolumeclaims`, ONE);
  if (storage) usage.set(`${className}${CLASS_SUFFIX}requests.storage`, storage);
  return usage;
}

const wholeBytes = (amount: Quantity): Quantity => ({ ...amount, nanos: ((amount.nanos + 999_999_999n) / 1_000_000_000n) * 1_000_000_000n });

/** Devices by their class; of alternatives, the one that takes the most of each class. */
function deviceUsage({ spec }: ResourceV1ResourceClaim, usage: Map<string, Quantity>): Usage {
  const add = (className: string | undefined, count: number): void => {
    if (className) usage.set(className + DEVICES_SUFFIX, addQuantities(usage.get(className + DEVICES_SUFFIX) ?? ZERO, quantityOf(count)));
  };
  const countOf = (request: { readonly allocationMode?: string; readonly count?: number }): number => (request.allocationMode === 'All' ? MOST_DEVICES : (request.count ?? 1));
  for (const { exactly, firstAvailable } of spec?.devices?.requests ?? []) {
    if (exactly) add(exactly.deviceClassName, countOf(exactly));
    const most = new Map<string, number>();
    for (const each of firstAvailable ?? []) most.set(each.deviceClassName, Math.max(most.get(each.deviceClassName) ?? 0, countOf(each)));
    for (const [className, count] of most) add(className, count);
  }
  return usage;
}

export function sumUsage(usages: Iterable<Usage>): Map<string, Quantity> {
  const sum = new Map<string, Quantity>();
  for (const usage of usages) for (const [name, amount] of usage) sum.set(name, addQuantities(sum.get(name) ?? ZERO, amount));
  return sum;
}

/** What is used more than before; what is used less is left to the quota controller, which sees that it was really given back. */
export function increase(after: Usage, before: Usage): Map<string, Quantity> {
  return new Map([...after].map(([name, amount]): [string, Quantity] => [name, subtractQuantities(amount, before.get(name) ?? ZERO)]).filter(([, amount]) => amount.nanos > 0n));
}

/** Names of those of the limits that this use goes beyond. */
export function exceeded(used: Usage, hard: Readonly<Record<string, string>>): string[] {
  return [...used].filter(([name, amount]) => hard[name] !== undefined && compareQuantities(amount, parseQuantity(hard[name])) > 0).map(([name]) => name).sort();
}

/** Whether the second state of an object may have taken less of a quota than the first, so that it is worth counting again. */
export function givesBack(group: string, resource: string, previous: KubeObject, current: KubeObject): boolean {
  const before = quotaUsage(group, resource, previous);
  const after = quotaUsage(group, resource, current);
  return [...before].some(([name, amount]) => (after.get(name)?.nanos ?? 0n) < amount.nanos);
}

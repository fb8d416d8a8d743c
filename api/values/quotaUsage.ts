import type { ResourceV1ResourceClaim, V1PersistentVolumeClaim, V1Pod, V1Service } from '../generated/types.ts';
import type { KubeObject } from '../meta.ts';
import type { IncomingObject } from '../resourceDefinition.ts';
import { isPodQuota, podQuotaUsage } from './quotaPods.ts';
import { addDevices, isDeviceQuota, type DeviceFacts } from './quotaDevices.ts';
import { isTerminating } from './quotaScopes.ts';
import { addQuantities, compareQuantities, maxQuantity, parseQuantity, type Quantity, quantityOf, quantityOrZero, subtractQuantities } from './quantity.ts';
import { ownField } from './ownField.ts';

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

const countName = (group: string, resource: string): string => (group === '' ? `count/${resource}` : `count/${resource}.${group}`);

/** Those of a quota's names which objects of this resource count for. */
export function countedNames(group: string, resource: string, names: readonly string[]): string[] {
  if (UNCOUNTED.has(`${group}/${resource}`)) return [];
  const own = countName(group, resource);
  return names.filter((name) => name === own || isCounted(group, resource, name));
}

function isCounted(group: string, resource: string, name: string): boolean {
  if (group === 'resource.k8s.io') return resource === 'resourceclaims' && isDeviceQuota(name);
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

/** What one object takes of a quota (Kubernetes' quota evaluators). `now`, in wall-clock milliseconds, tells pods that should be gone; claims of devices are looked at with `facts`. */
export function quotaUsage(group: string, resource: string, object: IncomingObject | KubeObject, now?: number, facts?: DeviceFacts): Usage {
  const usage = new Map([[countName(group, resource), ONE]]);
  if (group === 'resource.k8s.io' && resource === 'resourceclaims') addDevices(usage, object as ResourceV1ResourceClaim, facts);
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
  return [...used].filter(([name, amount]) => compareToLimit(amount, ownField(hard, name)) > 0).map(([name]) => name).sort();
}

/** Positive where there is a limit and the amount is beyond it. */
const compareToLimit = (amount: Quantity, limit: string | undefined): number => (limit === undefined ? -1 : compareQuantities(amount, parseQuantity(limit)));

/** Whether the second state of an object may have taken less of a quota than the first, so that it is worth counting again. */
export function givesBack(group: string, resource: string, previous: KubeObject, current: KubeObject): boolean {
  const before = quotaUsage(group, resource, previous);
  const after = quotaUsage(group, resource, current);
  if (group === '' && resource === 'pods' && isTerminating((previous as V1Pod).spec) !== isTerminating((current as V1Pod).spec)) return true;
  return [...before].some(([name, amount]) => (after.get(name)?.nanos ?? 0n) < amount.nanos);
}

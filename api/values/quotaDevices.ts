import type { ResourceV1ResourceClaim, V1DeviceClass, V1Pod } from '../generated/types.ts';
import { addQuantities, compareQuantities, type Quantity, quantityOf, quantityOrZero, subtractQuantities } from './quantity.ts';
import { isSidecar, podRequests } from './podResources.ts';

/** What must be known besides a claim to say what it takes. */
export interface DeviceFacts {
  readonly deviceClass: (name: string) => V1DeviceClass | undefined;
  readonly pod: (namespace: string, name: string) => V1Pod | undefined;
}

const ZERO = quantityOf(0);
const DEVICES_SUFFIX = '.deviceclass.resource.k8s.io/devices';
const CLASS_PREFIX = 'deviceclass.resource.kubernetes.io/';
const EXTENDED_CLAIM = 'resource.kubernetes.io/extended-resource-claim';
/** What a request for all devices counts as: the most that a claim can be given. */
const MOST_DEVICES = 32;

/** `nvidia.com/gpu`, or `deviceclass.resource.kubernetes.io/gpu`: whatever has a domain that is not Kubernetes' own, and the devices of a class. */
export const isExtendedResource = (name: string): boolean => name.includes('/') && (!name.includes('kubernetes.io/') || name.startsWith(CLASS_PREFIX));

/** `requests.nvidia.com/gpu`: what a quota calls an extended resource. */
export const isExtendedQuota = (name: string): boolean => name.startsWith('requests.') && isExtendedResource(name.slice('requests.'.length));

/** `gpu.deviceclass.resource.k8s.io/devices`, or an extended resource that the devices of a class may stand for. */
export const isDeviceQuota = (name: string): boolean => name.endsWith(DEVICES_SUFFIX) || isExtendedQuota(name);

/**
 * Adds the devices that a claim asks for to a usage: by their class, and as the extended resources by which pods may ask for them (the claims' quota evaluator). What
 * the pod that a claim was made for has asked for itself is counted with the pod. Of alternatives, the one that takes the most of each class.
 */
export function addDevices(usage: Map<string, Quantity>, claim: ResourceV1ResourceClaim, facts: DeviceFacts | undefined): void {
  const asked = askedByOwner(claim, facts);
  const add = (name: string, amount: Quantity): void => void usage.set(name, addQuantities(usage.get(name) ?? ZERO, amount));
  const takeAsked = (name: string | undefined, amount: Quantity): boolean => {
    const at = asked.findIndex((each) => each.name === name && compareQuantities(each.amount, amount) === 0);
    if (at >= 0) asked.splice(at, 1);
    return at >= 0;
  };
  const addClass = (className: string, count: number): void => {
    const amount = quantityOf(count);
    const extendedName = facts?.deviceClass(className)?.spec?.extendedResourceName;
    const [implicit, explicit] = [`requests.${CLASS_PREFIX}${className}`, extendedName === undefined ? undefined : `requests.${extendedName}`];
    add(className + DEVICES_SUFFIX, amount);
    const isImplicit = takeAsked(implicit, amount);
    const isExplicit = !isImplicit && takeAsked(explicit, amount);
    if (!isImplicit) add(implicit, amount);
    if (explicit !== undefined && !isExplicit) add(explicit, amount);
  };
  for (const { exactly, firstAvailable } of claim.spec?.devices?.requests ?? []) {
    if (exactly?.deviceClassName) addClass(exactly.deviceClassName, countOf(exactly));
    const most = new Map<string, number>();
    for (const each of firstAvailable ?? []) most.set(each.deviceClassName, Math.max(most.get(each.deviceClassName) ?? 0, countOf(each)));
    for (const [className, count] of most) addClass(className, count);
  }
}

const countOf = (request: { readonly allocationMode?: string; readonly count?: number }): number => (request.allocationMode === 'All' ? MOST_DEVICES : (request.count ?? 1));

interface Asked {
  readonly name: string;
  readonly amount: Quantity;
}

/** What the pod of a claim that the scheduler made asks for, container by container, and what its init containers need beyond that. */
function askedByOwner({ metadata }: ResourceV1ResourceClaim, facts: DeviceFacts | undefined): Asked[] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (metadata.annotations?.[EXTENDED_CLAIM] !== 'true' || owner?.kind !== 'Pod' || owner.apiVersion !== 'v1') return [];
  const pod = facts?.pod(metadata.namespace ?? '', owner.name);
  if (pod?.spec === undefined || pod.metadata.uid !== owner.uid) return [];
  const claimName = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  if (claimName !== undefined && claimName !== metadata.name) return [];
  const asked: Asked[] = [];
  const sums = new Map<string, Quantity>();
  for (const [isInit, containers] of [[true, pod.spec.initContainers ?? []], [false, pod.spec.containers]] as const) {
    for (const container of containers) {
      for (const [name, text] of Object.entries(container.resources?.requests ?? {}).filter(([each]) => isExtendedResource(each))) {
        const counts = !isInit || isSidecar(container);
        sums.set(name, counts ? addQuantities(sums.get(name) ?? ZERO, quantityOrZero(text)) : ZERO);
        if (counts) asked.push({ name: `requests.${name}`, amount: quantityOrZero(text) });
      }
    }
  }
  const whole = podRequests(pod.spec);
  for (const [name, sum] of sums) {
    const rest = subtractQuantities(whole.get(name) ?? ZERO, sum);
    if (compareQuantities(rest, ZERO) > 0) asked.push({ name: `requests.${name}`, amount: rest });
  }
  return asked;
}

import type { V1Condition, V1IPAddress, V1ServiceCIDR } from '../../api/generated/types.ts';
import { containsPrefix, offersAddress, parseIp, parsePrefix, type IpPrefix } from '../../api/values/ipPrefix.ts';
import { FINALIZER_SERVICE_CIDR, IP_ALLOCATOR, LABEL_IP_ADDRESS_MANAGED_BY } from '../../api/wellKnown.ts';
import { formatTime } from '../../process/clock.ts';

/** API servers are given this long to hear that a range is to go, before it goes; milliseconds. */
const DELETION_GRACE = 10_000;

/** What is to be done with a ServiceCIDR. */
export type ServiceCIDRStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'addFinalizer' }
  | { readonly kind: 'removeFinalizer' }
  | { readonly kind: 'setReady'; readonly condition: V1Condition }
  | { readonly kind: 'wait'; readonly milliseconds: number };

/** What lives bears the finalizer and is ready; what is to go loses it when no address is left that only it covers. `now` is wall-clock milliseconds. */
export function serviceCIDRStep(serviceCIDR: V1ServiceCIDR, all: readonly V1ServiceCIDR[], addresses: () => readonly V1IPAddress[], now: number): ServiceCIDRStep {
  const { metadata } = serviceCIDR;
  const hasFinalizer = metadata.finalizers?.includes(FINALIZER_SERVICE_CIDR) ?? false;
  if (metadata.deletionTimestamp === undefined) {
    if (!hasFinalizer) return { kind: 'addFinalizer' };
    return settle(serviceCIDR, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }, now);
  }
  if (!hasFinalizer) return { kind: 'none' };
  if (!canGo(serviceCIDR, all, addresses)) {
    return settle(serviceCIDR, { status: 'False', reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR' }, now);
  }
  const left = Date.parse(metadata.deletionTimestamp) + DELETION_GRACE - now;
  return left > 0 ? { kind: 'wait', milliseconds: left } : { kind: 'removeFinalizer' };
}

/** Nothing where the condition says so already. */
function settle({ status }: V1ServiceCIDR, wanted: Pick<V1Condition, 'status' | 'reason' | 'message'>, now: number): ServiceCIDRStep {
  const present = status?.conditions?.find(({ type }) => type === 'Ready');
  // Who has made it ready is of no matter: the API server does so with its default range, in other words.
  if (present?.status === wanted.status && (wanted.status === 'True' || (present.reason === wanted.reason && present.message === wanted.message))) return { kind: 'none' };
  return { kind: 'setReady', condition: { type: 'Ready', ...wanted, lastTransitionTime: present?.status === wanted.status ? present.lastTransitionTime : formatTime(now) } };
}

/** Whether no address would be left without a ServiceCIDR: others cover each of its ranges, or each address that was given out of them. */
function canGo(serviceCIDR: V1ServiceCIDR, all: readonly V1ServiceCIDR[], addresses: () => readonly V1IPAddress[]): boolean {
  const others = all.filter(({ metadata }) => metadata.name !== serviceCIDR.metadata.name).flatMap(prefixesOf);
  const own = prefixesOf(serviceCIDR);
  if (own.every((inner) => others.some((outer) => containsPrefix(outer, inner)))) return true;
  return !addresses().some((object) => {
    const address = allocatedAddress(object);
    return address !== undefined && own.some((each) => offersAddress(each, address)) && !others.some((each) => offersAddress(each, address));
  });
}

/** Names of the ServiceCIDRs that share addresses with this one, and so may be let go when it comes. */
export function overlapping(serviceCIDR: V1ServiceCIDR, all: readonly V1ServiceCIDR[]): string[] {
  const own = prefixesOf(serviceCIDR);
  return all.filter((other) => prefixesOf(other).some((a) => own.some((b) => containsPrefix(a, b) || containsPrefix(b, a)))).map(({ metadata }) => metadata.name);
}

/** Names of the ServiceCIDRs that are to go and that an address may hold, or may have held. */
export function heldBy(object: V1IPAddress, all: readonly V1ServiceCIDR[]): string[] {
  const address = allocatedAddress(object);
  if (address === undefined) return [];
  return all.filter((each) => each.metadata.deletionTimestamp !== undefined && prefixesOf(each).some((prefix) => offersAddress(prefix, address))).map(({ metadata }) => metadata.name);
}

/** The address where an API server has given it out: what people made by hand holds nothing. */
function allocatedAddress({ metadata }: V1IPAddress): ReturnType<typeof parseIp> {
  return metadata.labels?.[LABEL_IP_ADDRESS_MANAGED_BY] === IP_ALLOCATOR ? parseIp(metadata.name) : undefined;
}

const prefixesOf = ({ spec }: V1ServiceCIDR): IpPrefix[] => (spec?.cidrs ?? []).flatMap((each) => parsePrefix(each) ?? []);

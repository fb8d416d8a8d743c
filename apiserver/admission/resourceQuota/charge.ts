import type { V1PersistentVolumeClaim, V1Pod, V1ResourceQuota } from '../../../api/generated/types.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, type Quantity, quantityOf, subtractQuantities } from '../../../api/values/quantity.ts';
import { whatPodMustSpecify } from '../../../api/values/quotaPods.ts';
import type { DeviceFacts } from '../../../api/values/quotaDevices.ts';
import { attributesClassesOf, inScope, isTerminating } from '../../../api/values/quotaScopes.ts';
import { countedNames, exceeded, increase, quotaUsage, type Usage } from '../../../api/values/quotaUsage.ts';
import type { AdmissionAttributes } from '../../types.ts';
import { ownField } from '../../../api/values/ownField.ts';

const ZERO = quantityOf(0);

/** The part of a request that quotas look at. */
export interface QuotaRequest {
  readonly operation: AdmissionAttributes['operation'];
  readonly group: string;
  readonly plural: string;
  readonly subresource: string;
  readonly object: IncomingObject;
  readonly previous: KubeObject | undefined;
  readonly facts?: DeviceFacts;
}

/** What a quota has to say to a request: nothing, no, or what it will have given out (`used`) when `delta` is added. */
export type Charge = { readonly kind: 'none' } | { readonly kind: 'refuse'; readonly why: string } | { readonly kind: 'charge'; readonly delta: Usage; readonly quota: V1ResourceQuota };

const NONE: Charge = { kind: 'none' };

/** What a quota is asked to do: to charge a request, or to take back a charge whose write was not made. */
export type QuotaItem = { readonly kind: 'charge'; readonly request: QuotaRequest; readonly dryRun: boolean } | { readonly kind: 'giveBack'; readonly delta: Usage };

/** Does several things with one quota, one after another; gives what became of each, and the quota, the same object where nothing changes. */
export function chargeAll(quota: V1ResourceQuota, items: readonly QuotaItem[]): { readonly charges: readonly Charge[]; readonly quota: V1ResourceQuota } {
  let now = quota;
  const charges = items.map((item): Charge => {
    if (item.kind === 'giveBack') {
      now = withoutCharge(now, item.delta);
      return NONE;
    }
    const charge = chargeOf(now, item.request);
    if (charge.kind === 'charge' && !item.dryRun) now = charge.quota;
    return charge;
  });
  return { charges, quota: now };
}

/** Whether a request can take anything of a quota at all (the evaluators' `Handles`). */
export function isCharged({ operation, group, plural, subresource, object, previous }: QuotaRequest): boolean {
  const kind = `${group}/${plural}`;
  if (subresource === '' && operation === 'CREATE') return true;
  if (operation !== 'UPDATE') return false;
  if (subresource === '') return kind === '/services' || kind === '/persistentvolumeclaims' || (kind === '/pods' && isTerminating((object as IncomingObject<V1Pod>).spec) !== isTerminating((previous as V1Pod | undefined)?.spec));
  if (subresource === 'resize') return kind === '/pods';
  return subresource === 'status' && kind === '/persistentvolumeclaims' && previous !== undefined && isClaimRegraded(object, previous as V1PersistentVolumeClaim);
}

/** A claim's status says that it was given another size, or another class of attributes. */
function isClaimRegraded(claim: IncomingObject<V1PersistentVolumeClaim>, previous: V1PersistentVolumeClaim): boolean {
  const sizeOf = ({ status }: Pick<V1PersistentVolumeClaim, 'status'>): string => status?.allocatedResources?.['storage'] ?? '';
  return sizeOf(claim) !== sizeOf(previous) || attributesClassesOf(claim as V1PersistentVolumeClaim).toSorted().join() !== attributesClassesOf(previous).toSorted().join();
}

/** Decides about one quota; one that has not been counted yet limits nothing, as in Kubernetes. Texts are those of its quota evaluator. */
export function chargeOf(quota: V1ResourceQuota, request: QuotaRequest): Charge {
  const { group, plural, object } = request;
  const { name } = quota.metadata;
  const hard = quota.status?.hard ?? {};
  const used = usedOf(quota);
  const names = countedNames(group, plural, Object.keys(hard));
  if (names.length === 0 || !inScope(quota, group, plural, object)) return NONE;
  const unsaid = group === '' && plural === 'pods' ? whatPodMustSpecify((object as IncomingObject<V1Pod>).spec!, names) : undefined;
  if (unsaid !== undefined) return { kind: 'refuse', why: `failed quota: ${name}: ${unsaid}` };
  if (names.some((each) => !used.has(each))) return { kind: 'refuse', why: `status unknown for quota: ${name}, resources: ${names.toSorted().join(',')}` };
  const usage = quotaUsage(group, plural, object, undefined, request.facts);
  const negative = [...usage].filter(([, amount]) => amount.nanos < 0n).map(([each]) => each);
  if (negative.length > 0) return { kind: 'refuse', why: `quota usage is negative for resource(s): ${negative.sort().join(',')}` };
  const delta = new Map([...increase(usage, usageBefore(quota, request))].filter(([each]) => ownField(hard, each) !== undefined));
  if (delta.size === 0) return NONE;
  const after = new Map([...delta].map(([each, amount]) => [each, addQuantities(used.get(each) ?? ZERO, amount)]));
  const over = request.subresource === 'status' ? [] : exceeded(after, hard);
  if (over.length === 0) return { kind: 'charge', delta, quota: withUsed(quota, after) };
  return { kind: 'refuse', why: `exceeded quota: ${name}, requested: ${list(over, delta)}, used: ${list(over, used)}, limited: ${over.map((each) => `${each}=${formatQuantity(parseQuantity(hard[each]!))}`).join(',')}` };
}

/** What the object took of this quota already. */
function usageBefore(quota: V1ResourceQuota, { operation, group, plural, previous, facts }: QuotaRequest): Usage {
  return operation === 'UPDATE' && previous && inScope(quota, group, plural, previous) ? quotaUsage(group, plural, previous, undefined, facts) : new Map();
}

/** The quota when a charge has been given back. */
function withoutCharge(quota: V1ResourceQuota, delta: Usage): V1ResourceQuota {
  const used = usedOf(quota);
  const back = [...delta].filter(([name]) => used.has(name)).map(([name, amount]): [string, Quantity] => {
    const rest = subtractQuantities(used.get(name)!, amount);
    return [name, compareQuantities(rest, ZERO) < 0 ? ZERO : rest];
  });
  return withUsed(quota, new Map(back));
}

const usedOf = ({ status }: V1ResourceQuota): Usage => new Map(Object.entries(status?.used ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]));

function withUsed(quota: V1ResourceQuota, changed: Usage): V1ResourceQuota {
  return { ...quota, status: { ...quota.status, used: { ...quota.status?.used, ...Object.fromEntries([...changed].map(([name, amount]) => [name, formatQuantity(amount)])) } } };
}

const list = (names: readonly string[], usage: Usage): string => names.map((name) => `${name}=${formatQuantity(usage.get(name) ?? ZERO)}`).join(',');

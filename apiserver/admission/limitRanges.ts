import type { V1Container, V1LimitRange, V1LimitRangeItem, V1PersistentVolumeClaim, V1Pod, V1PodSpec } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { podLimits, podRequests } from '../../api/values/podResources.ts';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity, quantityAsNumber } from '../../api/values/quantity.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';
type Amounts = { readonly [resource: string]: string };

/** Puts the defaults of the range into containers that say nothing, and tells so in an annotation. */
export function setDefaults(pod: IncomingObject<V1Pod>, range: V1LimitRange): void {
  if (pod.spec === undefined) return;
  const item = range.spec?.limits?.find((each) => each.type === 'Container');
  if (item === undefined) return;
  const notes = [
    ...(pod.spec.containers ?? []).flatMap((container) => setContainerDefaults(container, item, 'container')),
    ...(pod.spec.initContainers ?? []).flatMap((container) => setContainerDefaults(container, item, 'init container')),
  ];
  if (notes.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
}

function setContainerDefaults(container: V1Container, item: V1LimitRangeItem, what: string): string[] {
  const requests: Amounts = container.resources?.requests ?? {};
  const limits: Amounts = container.resources?.limits ?? {};
  const missing = (defaults: Amounts | undefined, present: Amounts): [string, string][] => Object.entries(defaults ?? {}).filter(([name]) => !Object.hasOwn(present, name));
  const newRequests = missing(item.defaultRequest, requests);
  const newLimits = missing(item.default, limits);
  if (newRequests.length + newLimits.length === 0) return [];
  container.resources = { ...container.resources, requests: { ...requests, ...Object.fromEntries(newRequests) }, limits: { ...limits, ...Object.fromEntries(newLimits) } };
  const names = (list: readonly [string, string][]): string => list.map(([name]) => name).sort().join(', ');
  return [
    ...(newRequests.length > 0 ? [`${names(newRequests)} request for ${what} ${container.name}`] : []),
    ...(newLimits.length > 0 ? [`${names(newLimits)} limit for ${what} ${container.name}`] : []),
  ];
}

/** What of a pod is outside a range. Overhead is not the pod's own doing and does not count. */
export function podFaults(pod: V1PodSpec, range: V1LimitRange): readonly string[] {
  const spec = { ...pod };
  delete spec.overhead;
  return (range.spec?.limits ?? []).flatMap((item) => {
    if (item.type === 'Pod') return rangeFaults(item, podRequests(spec), podLimits(spec));
    if (item.type !== 'Container') return [];
    return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) => rangeFaults(item, asQuantities(resources?.requests ?? {}), asQuantities(resources?.limits ?? {})));
  });
}

/** What of a claim is outside a range; claims have no limits. */
export function claimFaults({ spec }: IncomingObject<V1PersistentVolumeClaim>, range: V1LimitRange): readonly string[] {
  const requests = asQuantities(spec?.resources?.requests ?? {});
  return (range.spec?.limits ?? []).filter((item) => item.type === 'PersistentVolumeClaim').flatMap(({ type, min, max }) => [
    ...Object.entries(min ?? {}).flatMap(([name, bound]) => tooLittle(`minimum ${name} usage per ${type} is ${bound}`, bound, requests.get(name), undefined)),
    ...Object.entries(max ?? {}).flatMap(([name, bound]) => tooMuch(`maximum ${name} usage per ${type} is ${bound}`, bound, [{ what: 'request', amount: requests.get(name), isRequired: true }])),
  ]);
}

function asQuantities(amounts: Amounts): Map<string, Quantity> {
  return new Map(Object.entries(amounts).map(([name, amount]) => [name, parseQuantity(amount)]));
}

/** The texts are those of Kubernetes' limitranger. */
function rangeFaults({ type, min, max, maxLimitRequestRatio }: V1LimitRangeItem, requests: ReadonlyMap<string, Quantity>, limits: ReadonlyMap<string, Quantity>): string[] {
  return [
    ...Object.entries(min ?? {}).flatMap(([name, bound]) => tooLittle(`minimum ${name} usage per ${type} is ${bound}`, bound, requests.get(name), limits.get(name))),
    ...Object.entries(max ?? {}).flatMap(([name, bound]) =>
      tooMuch(`maximum ${name} usage per ${type} is ${bound}`, bound, [
        { what: 'limit', amount: limits.get(name), isRequired: true },
        { what: 'request', amount: requests.get(name), isRequired: false },
      ]),
    ),
    ...Object.entries(maxLimitRequestRatio ?? {}).flatMap(([name, ratio]) => ratioFault(`${name} max limit to request ratio per ${type} is ${ratio}`, ratio, requests.get(name), limits.get(name))),
  ];
}

function tooLittle(rule: string, bound: string, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  if (request === undefined) return [`${rule}.  No request is specified`];
  if (compareQuantities(request, parseQuantity(bound)) < 0) return [`${rule}, but request is ${formatQuantity(request)}`];
  return limit !== undefined && compareQuantities(limit, parseQuantity(bound)) < 0 ? [`${rule}, but limit is ${formatQuantity(limit)}`] : [];
}

/** The first of the amounts that is missing, or too much. */
function tooMuch(rule: string, bound: string, amounts: readonly { readonly what: string; readonly amount: Quantity | undefined; readonly isRequired: boolean }[]): string[] {
  for (const { what, amount, isRequired } of amounts) {
    if (amount === undefined && isRequired) return [`${rule}.  No ${what} is specified`];
    if (amount !== undefined && compareQuantities(amount, parseQuantity(bound)) > 0) return [`${rule}, but ${what} is ${formatQuantity(amount)}`];
  }
  return [];
}

function ratioFault(rule: string, ratio: string, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  if (request === undefined || request.nanos === 0n) return [`${rule}, but no request is specified or request is 0`];
  if (limit === undefined || limit.nanos === 0n) return [`${rule}, but no limit is specified or limit is 0`];
  const actual = quantityAsNumber(limit) / quantityAsNumber(request);
  return actual > quantityAsNumber(parseQuantity(ratio)) ? [`${rule}, but provided ratio is ${actual.toFixed(6)}`] : [];
}

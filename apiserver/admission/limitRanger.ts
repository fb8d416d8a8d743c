import { forbiddenError } from '../../api/apiError.ts';
import type { V1Container, V1LimitRange, V1LimitRangeItem, V1PersistentVolumeClaim, V1Pod, V1PodSpec } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { podLimits, podRequests } from '../../api/values/podResources.ts';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity, quantityAsNumber } from '../../api/values/quantity.ts';
import { resourcePrefix, type WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';
type Amounts = { readonly [resource: string]: string };

/** Fills in a namespace's default requests and limits, and refuses what is outside its ranges. */
export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  admit(attributes: AdmissionAttributes): Promise<void> {
    if (attributes.operation === 'CREATE' && isPod(attributes)) for (const range of this.#ranges(attributes.namespace)) setDefaults(attributes.object as IncomingObject<V1Pod>, range);
    return Promise.resolve();
  }

  validate(attributes: AdmissionAttributes): Promise<void> {
    // A pod that was there before the range may still be labelled, and let go.
    if (attributes.operation === 'UPDATE' && isPod(attributes)) return Promise.resolve();
    const faults = this.#ranges(attributes.namespace).flatMap((range) => faultsOf(attributes, range.spec?.limits ?? []));
    if (faults.length === 0 || (attributes.operation !== 'CREATE' && attributes.operation !== 'UPDATE')) return Promise.resolve();
    const why = faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]`;
    return Promise.reject(forbiddenError({ group: attributes.definition.group, resource: attributes.definition.plural }, attributes.name, why));
  }

  #ranges(namespace: string): readonly V1LimitRange[] {
    return namespace === '' ? [] : this.#cache.list(resourcePrefix({ group: '', resource: 'limitranges' }, namespace)).map((stored) => stored.object as V1LimitRange);
  }
}

function isPod({ definition, subresource, object }: AdmissionAttributes): boolean {
  return definition.group === '' && definition.plural === 'pods' && subresource === '' && object !== undefined;
}

/** Puts the defaults of the range into containers that say nothing, and tells so in an annotation. */
export function setDefaults(pod: IncomingObject<V1Pod>, range: V1LimitRange): void {
  if (pod.spec === undefined) return;
  const item = range.spec?.limits.find((each) => each.type === 'Container');
  if (item === undefined) return;
  const notes = [
    ...pod.spec.containers.flatMap((container) => setContainerDefaults(container, item, 'container')),
    ...(pod.spec.initContainers ?? []).flatMap((container) => setContainerDefaults(container, item, 'init container')),
  ];
  if (notes.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
}

function setContainerDefaults(container: V1Container, item: V1LimitRangeItem, what: string): string[] {
  const requests: Amounts = container.resources?.requests ?? {};
  const limits: Amounts = container.resources?.limits ?? {};
  const missing = (defaults: Amounts | undefined, present: Amounts): [string, string][] => Object.entries(defaults ?? {}).filter(([name]) => !(name in present));
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

function faultsOf(attributes: AdmissionAttributes, items: readonly V1LimitRangeItem[]): string[] {
  if (isPod(attributes)) {
    const spec = (attributes.object as IncomingObject<V1Pod>).spec;
    return spec === undefined ? [] : items.flatMap((item) => podFaults(spec, item));
  }
  const { definition, subresource, object } = attributes;
  if (definition.group !== '' || definition.plural !== 'persistentvolumeclaims' || subresource !== '' || object === undefined) return [];
  const requests = (object as IncomingObject<V1PersistentVolumeClaim>).spec?.resources?.requests ?? {};
  return items.filter((item) => item.type === 'PersistentVolumeClaim').flatMap((item) => rangeFaults(item, asQuantities(requests), new Map()));
}

function podFaults(spec: V1PodSpec, item: V1LimitRangeItem): string[] {
  if (item.type === 'Pod') return rangeFaults(item, podRequests(spec), podLimits(spec));
  if (item.type !== 'Container') return [];
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) => rangeFaults(item, asQuantities(container.resources?.requests ?? {}), asQuantities(container.resources?.limits ?? {})));
}

function asQuantities(amounts: Amounts): Map<string, Quantity> {
  return new Map(Object.entries(amounts).map(([name, amount]) => [name, parseQuantity(amount)]));
}

/** The texts are those of Kubernetes' limitranger. */
function rangeFaults(item: V1LimitRangeItem, requests: ReadonlyMap<string, Quantity>, limits: ReadonlyMap<string, Quantity>): string[] {
  const faults: string[] = [];
  const per = `usage per ${item.type}`;
  for (const [name, bound] of Object.entries(item.min ?? {})) {
    const request = requests.get(name);
    if (request === undefined) faults.push(`minimum ${name} ${per} is ${bound}.  No request is specified`);
    else if (compareQuantities(request, parseQuantity(bound)) < 0) faults.push(`minimum ${name} ${per} is ${bound}, but request is ${formatQuantity(request)}`);
  }
  for (const [name, bound] of Object.entries(item.max ?? {})) {
    const isClaim = item.type === 'PersistentVolumeClaim';
    const amount = isClaim ? requests.get(name) : limits.get(name);
    if (amount === undefined) faults.push(`maximum ${name} ${per} is ${bound}.  No ${isClaim ? 'request' : 'limit'} is specified`);
    else if (compareQuantities(amount, parseQuantity(bound)) > 0) faults.push(`maximum ${name} ${per} is ${bound}, but ${isClaim ? 'request' : 'limit'} is ${formatQuantity(amount)}`);
  }
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    const request = requests.get(name);
    const limit = limits.get(name);
    const unset = request === undefined || request.nanos === 0n ? 'request' : limit === undefined || limit.nanos === 0n ? 'limit' : undefined;
    if (request === undefined || limit === undefined || unset !== undefined) {
      faults.push(`${name} max limit to request ratio per ${item.type} is ${ratio}, but no ${unset} is specified or ${unset} is 0`);
      continue;
    }
    const actual = quantityAsNumber(limit) / quantityAsNumber(request);
    if (actual > quantityAsNumber(parseQuantity(ratio))) faults.push(`${name} max limit to request ratio per ${item.type} is ${ratio}, but provided ratio is ${actual.toFixed(6)}`);
  }
  return faults;
}

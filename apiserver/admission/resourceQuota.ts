import { conflict, forbiddenError, OBJECT_MODIFIED } from '../../api/apiError.ts';
import type { V1Container, V1Pod, V1ResourceQuota } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity, quantityOf, subtractQuantities, addQuantities } from '../../api/values/quantity.ts';
import { exceeded, inScope, quotaUsage, sumUsage, type Usage } from '../../api/values/quotaUsage.ts';
import { resourcePrefix, type Storage, type StoredObject, type WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

const QUOTAS = { group: '', resource: 'resourcequotas' };
const ZERO = quantityOf(0);
/** A busy quota is contended: each round one writer wins. */
const ATTEMPTS = 20;

/** Amounts that a pod's containers must state where a quota limits them. */
const COMPUTE = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/**
 * Charges what a write takes to every quota of the namespace, in the quota's own status by compare-and-swap, so that any number of API
 * servers together never go beyond it. The quota controller corrects what crashes leave behind.
 */
export class ResourceQuota implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #cache: WatchCache;
  readonly #storage: Storage;

  constructor(cache: WatchCache, storage: Storage) {
    this.#cache = cache;
    this.#storage = storage;
  }

  async validate(attributes: AdmissionAttributes): Promise<void | (() => Promise<void>)> {
    const { operation, namespace, subresource, object, definition } = attributes;
    if (namespace === '' || subresource !== '' || object === undefined || definition.verbs?.includes('list') === false || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined;
    const charged: { readonly key: string; readonly delta: Usage }[] = [];
    const giveBack = async (): Promise<void> => {
      for (const { key, delta } of charged) await this.#giveBack(key, delta);
    };
    try {
      for (const { key } of this.#cache.list(resourcePrefix(QUOTAS, namespace))) {
        const delta = await this.#charge(key, attributes, object);
        if (delta !== undefined && delta.size > 0 && !attributes.dryRun) charged.push({ key, delta });
      }
    } catch (error) {
      await giveBack();
      throw error;
    }
    return charged.length === 0 ? undefined : giveBack;
  }

  async #charge(key: string, attributes: AdmissionAttributes, object: IncomingObject): Promise<Usage | undefined> {
    let stored: StoredObject | undefined = this.#cache.get(key);
    let isLive = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (stored === undefined) return undefined;
      const quota = stored.object as V1ResourceQuota;
      const delta = chargeOf(quota, attributes, object);
      if (delta.size === 0) return undefined;
      const used = usedWith(quota, delta);
      const over = exceeded(new Map([...used].filter(([name]) => compareQuantities(delta.get(name) ?? ZERO, ZERO) > 0)), hardOf(quota));
      if (over.length > 0) {
        // Nothing is refused on the strength of a cached object.
        if (isLive) throw refusal(attributes, `exceeded quota: ${quota.metadata.name}, requested: ${list(over, delta)}, used: ${list(over, usedOf(quota))}, limited: ${over.map((name) => `${name}=${hardOf(quota)[name]}`).join(',')}`);
        stored = await this.#storage.get(key);
        isLive = true;
        continue;
      }
      if (attributes.dryRun) return delta;
      const result = await this.#storage.transact([{ key, revision: stored.revision }], [{ kind: 'put', key, object: withUsed(quota, used) }]);
      if (result.committed) return delta;
      stored = result.current.get(key);
      isLive = true;
    }
    throw conflict(QUOTAS, key.slice(key.lastIndexOf('/') + 1), OBJECT_MODIFIED);
  }

  async #giveBack(key: string, delta: Usage): Promise<void> {
    let stored = await this.#storage.get(key);
    for (let attempt = 0; attempt < ATTEMPTS && stored !== undefined; attempt += 1) {
      const quota = stored.object as V1ResourceQuota;
      const back = new Map([...delta].map(([name, amount]) => [name, subtractQuantities(ZERO, amount)]));
      const result = await this.#storage.transact([{ key, revision: stored.revision }], [{ kind: 'put', key, object: withUsed(quota, usedWith(quota, back)) }]);
      if (result.committed) return;
      stored = result.current.get(key);
    }
  }
}

const hardOf = (quota: V1ResourceQuota): Readonly<Record<string, string>> => quota.status?.hard ?? quota.spec?.hard ?? {};
const usedOf = (quota: V1ResourceQuota): Usage => new Map(Object.entries(quota.status?.used ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]));

/** What the write adds to this quota; for an update, the difference. Throws where a pod leaves open what the quota limits. */
function chargeOf(quota: V1ResourceQuota, attributes: AdmissionAttributes, object: IncomingObject): Usage {
  const { definition, previous, operation } = attributes;
  const { group, plural } = definition;
  const hard = hardOf(quota);
  const usageOf = (each: IncomingObject | KubeObject | undefined): Usage => (each !== undefined && inScope(quota, group, plural, each) ? quotaUsage(group, plural, each) : new Map());
  const after = usageOf(object);
  if (group === '' && plural === 'pods' && operation === 'CREATE' && after.size > 0) mustSpecify(quota, attributes, object);
  const before = operation === 'UPDATE' ? usageOf(previous) : new Map<string, Quantity>();
  const negative = new Map([...before].map(([name, amount]) => [name, subtractQuantities(ZERO, amount)]));
  return new Map([...sumUsage([after, negative])].filter(([name, amount]) => hard[name] !== undefined && amount.nanos !== 0n));
}

function mustSpecify(quota: V1ResourceQuota, attributes: AdmissionAttributes, pod: IncomingObject<V1Pod>): void {
  const missing = Object.keys(hardOf(quota))
    .filter((name) => COMPUTE.has(name))
    .sort()
    .map((name) => ({ name, containers: (pod.spec?.containers ?? []).filter((container) => !states(container, name)).map((container) => container.name) }))
    .filter(({ containers }) => containers.length > 0);
  if (missing.length > 0) throw refusal(attributes, `failed quota: ${quota.metadata.name}: must specify ${missing.map(({ name, containers }) => `${name} for: ${containers.join(',')}`).join('; ')}`);
}

function states(container: V1Container, name: string): boolean {
  const isLimit = name.startsWith('limits.');
  const plain = name.replace(/^(requests|limits)\./, '');
  return (isLimit ? container.resources?.limits : container.resources?.requests)?.[plain] !== undefined;
}

function usedWith(quota: V1ResourceQuota, delta: Usage): Map<string, Quantity> {
  const used = new Map(usedOf(quota));
  for (const [name, amount] of delta) {
    const sum = addQuantities(used.get(name) ?? ZERO, amount);
    used.set(name, sum.nanos < 0n ? ZERO : sum);
  }
  return used;
}

function withUsed(quota: V1ResourceQuota, used: Usage): V1ResourceQuota {
  return { ...quota, status: { hard: { ...hardOf(quota) }, ...quota.status, used: Object.fromEntries([...used].map(([name, amount]) => [name, formatQuantity(amount)])) } };
}

const list = (names: readonly string[], usage: Usage): string => names.map((name) => `${name}=${formatQuantity(usage.get(name) ?? ZERO)}`).join(',');

function refusal({ definition, name }: AdmissionAttributes, why: string): Error {
  return forbiddenError({ group: definition.group, resource: definition.plural }, name, why);
}

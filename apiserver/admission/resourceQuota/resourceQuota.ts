import { conflict, OBJECT_MODIFIED } from '../../../api/apiError.ts';
import type { V1DeviceClass, V1Pod, V1ResourceQuota } from '../../../api/generated/types.ts';
import type { DeviceFacts } from '../../../api/values/quotaDevices.ts';
import type { Usage } from '../../../api/values/quotaUsage.ts';
import { objectKey, resourcePrefix, type Storage, type StoredObject, type WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { refusal } from '../refusal.ts';
import { Batches } from './batches.ts';
import { type Charge, chargeAll, chargeOf, isCharged, type QuotaItem, type QuotaRequest } from './charge.ts';
import { type LimitedResource, whyUncovered } from './limitedResources.ts';

const QUOTAS = { group: '', resource: 'resourcequotas' };
const PODS = { group: '', resource: 'pods' };
const DEVICE_CLASSES = { group: 'resource.k8s.io', resource: 'deviceclasses' };
/** Requests of this server are charged together; it is other servers, and the quota controller, that may be faster. */
const ATTEMPTS = 50;

/**
 * Charges what a write takes to every quota of the namespace, in the quota's own status by compare-and-swap, so that any number of API
 * servers together never go beyond it. The quota controller counts a new quota first, and corrects what crashes leave behind.
 */
export class ResourceQuota implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #cache: WatchCache;
  readonly #storage: Storage;
  readonly #limited: readonly LimitedResource[];
  readonly #batches = new Batches<QuotaItem, Charge>((key, items) => this.#settle(key, items));
  /** What this server wrote last, where the watch may not have brought it yet; only while more waits. */
  readonly #written = new Map<string, StoredObject>();
  readonly #facts: DeviceFacts = {
    deviceClass: (name) => this.#cache.get(objectKey(DEVICE_CLASSES, '', name))?.object as V1DeviceClass | undefined,
    pod: (namespace, name) => this.#cache.get(objectKey(PODS, namespace, name))?.object as V1Pod | undefined,
  };

  constructor(cache: WatchCache, storage: Storage, limited: readonly LimitedResource[] = []) {
    this.#cache = cache;
    this.#storage = storage;
    this.#limited = limited;
  }

  async validate(attributes: AdmissionAttributes): Promise<void | (() => Promise<void>)> {
    const { operation, namespace, subresource, object, previous, definition, dryRun } = attributes;
    const { group, plural } = definition;
    if (namespace === '' || object === undefined || definition.verbs?.includes('list') === false || !definition.namespaced) return undefined;
    const quotas = this.#cache.list(resourcePrefix(QUOTAS, namespace));
    if (quotas.length === 0 && this.#limited.length === 0) return undefined;
    const request: QuotaRequest = { operation, group, plural, subresource, object, previous, facts: this.#facts };
    if (!isCharged(request)) return undefined;
    const uncovered = whyUncovered(this.#limited, quotas.map((stored) => stored.object as V1ResourceQuota), request);
    if (uncovered !== undefined) throw refusal(attributes, uncovered);
    const charged: { readonly key: string; readonly delta: Usage }[] = [];
    // What is not given back in the end, the quota controller counts away.
    const giveBack = async (): Promise<void> => {
      for (const { key, delta } of charged) await this.#batches.add(key, { kind: 'giveBack', delta });
    };
    try {
      for (const { key, object: quota } of quotas) {
        // Most quotas are not about this kind; those need not be asked.
        if (chargeOf(quota as V1ResourceQuota, request).kind === 'none') continue;
        const charge = await this.#batches.add(key, { kind: 'charge', request, dryRun });
        if (charge.kind === 'refuse') throw refusal(attributes, charge.why);
        if (charge.kind === 'charge' && !dryRun) charged.push({ key, delta: charge.delta });
      }
    } catch (error) {
      await giveBack();
      throw error;
    }
    return charged.length === 0 ? undefined : giveBack;
  }

  /** Settles with one quota what waits for it, by one transaction. */
  async #settle(key: string, items: readonly QuotaItem[]): Promise<readonly Charge[]> {
    let stored: StoredObject | undefined = this.#newest(key);
    let isLive = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (stored === undefined) return items.map(() => ({ kind: 'none' }));
      const { charges, quota } = chargeAll(stored.object as V1ResourceQuota, items);
      // Nothing is refused on the strength of a cached object.
      if (!isLive && charges.some(({ kind }) => kind === 'refuse')) {
        stored = await this.#storage.get(key);
        isLive = true;
        continue;
      }
      if (quota === stored.object) return charges;
      const result = await this.#storage.transact([{ key, revision: stored.revision }], [{ kind: 'put', key, object: quota }]);
      if (result.committed) {
        if (this.#batches.hasMore(key)) this.#written.set(key, result.stored[0]!);
        else this.#written.delete(key);
        return charges;
      }
      stored = result.current.get(key);
      isLive = true;
    }
    throw conflict(QUOTAS, key.slice(key.lastIndexOf('/') + 1), OBJECT_MODIFIED);
  }

  #newest(key: string): StoredObject | undefined {
    const written = this.#written.get(key);
    const cached = this.#cache.get(key);
    this.#written.delete(key);
    return written && written.revision > (cached?.revision ?? 0) ? written : cached;
  }
}

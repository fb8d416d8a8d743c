import { conflict, OBJECT_MODIFIED } from '../../../api/apiError.ts';
import type { V1ResourceQuota } from '../../../api/generated/types.ts';
import type { Usage } from '../../../api/values/quotaUsage.ts';
import { resourcePrefix, type Storage, type StoredObject, type WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { refusal } from '../refusal.ts';
import { chargeOf, isCharged, type QuotaRequest, withoutCharge } from './charge.ts';
import { type LimitedResource, whyUncovered } from './limitedResources.ts';
import { Turns } from './turns.ts';

const QUOTAS = { group: '', resource: 'resourcequotas' };
/** Requests of this server take turns; it is other servers, and the quota controller, that may be faster. */
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
  readonly #turns = new Turns();
  /** What this server wrote last, where the watch may not have brought it yet; only while somebody waits for his turn. */
  readonly #written = new Map<string, StoredObject>();

  constructor(cache: WatchCache, storage: Storage, limited: readonly LimitedResource[] = []) {
    this.#cache = cache;
    this.#storage = storage;
    this.#limited = limited;
  }

  async validate(attributes: AdmissionAttributes): Promise<void | (() => Promise<void>)> {
    const { operation, namespace, subresource, object, previous, definition } = attributes;
    const { group, plural } = definition;
    if (namespace === '' || object === undefined || definition.verbs?.includes('list') === false || !definition.namespaced) return undefined;
    const quotas = this.#cache.list(resourcePrefix(QUOTAS, namespace));
    if (quotas.length === 0 && this.#limited.length === 0) return undefined;
    const request: QuotaRequest = { operation, group, plural, subresource, object, previous };
    if (!isCharged(request)) return undefined;
    const uncovered = whyUncovered(this.#limited, quotas.map((stored) => stored.object as V1ResourceQuota), request);
    if (uncovered !== undefined) throw refusal(attributes, uncovered);
    const charged: { readonly key: string; readonly delta: Usage }[] = [];
    const giveBack = async (): Promise<void> => {
      for (const { key, delta } of charged) await this.#turn(key, () => this.#giveBack(key, delta));
    };
    try {
      for (const { key, object: quota } of quotas) {
        // Most quotas are not about this kind; those need no turn.
        if (chargeOf(quota as V1ResourceQuota, request).kind === 'none') continue;
        const delta = await this.#turn(key, () => this.#charge(key, attributes, request));
        if (delta !== undefined && !attributes.dryRun) charged.push({ key, delta });
      }
    } catch (error) {
      await giveBack();
      throw error;
    }
    return charged.length === 0 ? undefined : giveBack;
  }

  async #turn<T>(key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#turns.take(key, work);
    } finally {
      if (this.#turns.isFree(key)) this.#written.delete(key);
    }
  }

  async #charge(key: string, attributes: AdmissionAttributes, request: QuotaRequest): Promise<Usage | undefined> {
    let stored: StoredObject | undefined = this.#newest(key);
    let isLive = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (stored === undefined) return undefined;
      const charge = chargeOf(stored.object as V1ResourceQuota, request);
      if (charge.kind === 'none') return undefined;
      if (charge.kind === 'refuse') {
        // Nothing is refused on the strength of a cached object.
        if (isLive) throw refusal(attributes, charge.why);
        stored = await this.#storage.get(key);
        isLive = true;
        continue;
      }
      if (attributes.dryRun) return charge.delta;
      const result = await this.#storage.transact([{ key, revision: stored.revision }], [{ kind: 'put', key, object: charge.quota }]);
      if (result.committed) {
        this.#written.set(key, result.stored[0]!);
        return charge.delta;
      }
      stored = result.current.get(key);
      isLive = true;
    }
    throw conflict(QUOTAS, key.slice(key.lastIndexOf('/') + 1), OBJECT_MODIFIED);
  }

  /** What is not given back in the end, the quota controller counts away. */
  async #giveBack(key: string, delta: Usage): Promise<void> {
    let stored = this.#newest(key);
    for (let attempt = 0; attempt < ATTEMPTS && stored !== undefined; attempt += 1) {
      const result = await this.#storage.transact([{ key, revision: stored.revision }], [{ kind: 'put', key, object: withoutCharge(stored.object as V1ResourceQuota, delta) }]);
      if (result.committed) {
        this.#written.set(key, result.stored[0]!);
        return;
      }
      stored = result.current.get(key);
    }
  }

  #newest(key: string): StoredObject | undefined {
    const written = this.#written.get(key);
    const cached = this.#cache.get(key);
    return written && written.revision > (cached?.revision ?? 0) ? written : cached;
  }
}

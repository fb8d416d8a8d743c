import type { V1Service } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { ValueObject } from '../storage/encodedObject.ts';
import { objectKey, type Check, type Storage, type StoredObject, type WatchCache } from '../storage/types.ts';
import { addressOwner, holdingsOf, IP_ADDRESS_PREFIX, IP_ALLOCATOR, NODE_PORT_PREFIX, type PortClaim, type ServiceName } from './claims.ts';
import { LABEL_IP_ADDRESS_MANAGED_BY } from '../../api/wellKnown.ts';

/** Kubernetes' interval of the same repair, in milliseconds. */
const INTERVAL = 180_000;
const SERVICES = { group: '', resource: 'services' };

/** A claim whose Service is gone or does not hold it, and what must still be so when it is removed. */
export interface Orphan {
  readonly key: string;
  readonly checks: readonly Check[];
}

/** Claims that no Service holds. `service` finds a Service by its name; the three views must be of the same moment. */
export function orphanedClaims(addresses: readonly StoredObject[], ports: readonly StoredObject[], service: (name: ServiceName) => StoredObject | undefined): Orphan[] {
  const orphan = (claim: StoredObject, owner: ServiceName, holds: (holder: V1Service) => boolean): Orphan[] => {
    const holder = service(owner);
    if (holder && holds(holder.object as V1Service)) return [];
    return [{ key: claim.key, checks: [{ key: claim.key, revision: claim.revision }, { key: objectKey(SERVICES, owner.namespace, owner.name), revision: holder?.revision ?? 0 }] }];
  };
  return [
    ...addresses.flatMap((claim) => {
      const { metadata } = claim.object;
      const owner = addressOwner(claim.object);
      // What people made by hand is theirs.
      if (!owner || metadata.labels?.[LABEL_IP_ADDRESS_MANAGED_BY] !== IP_ALLOCATOR) return [];
      return orphan(claim, owner, ({ spec }) => holdingsOf(spec).addresses.includes(metadata.name));
    }),
    ...ports.flatMap((claim) => {
      const port = Number(claim.key.slice(NODE_PORT_PREFIX.length));
      return orphan(claim, (claim.object as ValueObject).value as PortClaim, ({ spec }) => holdingsOf(spec).ports.includes(port));
    }),
  ];
}

/** Removes orphaned claims once; returns how many. None come of crashes, since claims are written with their Services; imports may bring some. */
export async function repairOnce(storage: Storage, cache: WatchCache, logger: Logger): Promise<number> {
  await cache.consistent();
  const orphans = orphanedClaims(cache.list(IP_ADDRESS_PREFIX), cache.list(NODE_PORT_PREFIX), ({ namespace, name }) => cache.get(objectKey(SERVICES, namespace, name)));
  let removed = 0;
  for (const { key, checks } of orphans) {
    const result = await storage.transact(checks, [{ kind: 'delete', key }]);
    if (!result.committed) continue;
    removed += 1;
    logger.warn('removed the claim of a Service that does not hold it', { key });
  }
  return removed;
}

/** Repairs at once and then every three minutes, until the signal is aborted. */
export async function keepRepairing(storage: Storage, cache: WatchCache, clock: Clock, logger: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await repairOnce(storage, cache, logger);
    } catch (error) {
      logger.warn('claims of Services were not checked', { error });
    }
    await clock.sleep(INTERVAL, signal);
  }
}

import type { V1Service } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { ValueObject } from '../storage/encodedObject.ts';
import { objectKey, resourcePrefix, type Check, type Storage, type StoredObject, type WatchCache } from '../storage/types.ts';
import { addressKey, addressObject, addressOwner, holdingsOf, IP_ADDRESS_PREFIX, IP_ADDRESSES, nameOf, NODE_PORT_PREFIX, type PortClaim, type ServiceName } from './claims.ts';
import { claimFaults, type ClaimFaults } from './missingClaims.ts';
import { IP_ALLOCATOR, LABEL_IP_ADDRESS_MANAGED_BY } from '../../api/wellKnown.ts';

/** Kubernetes' interval of the same repair, in milliseconds. */
const INTERVAL = 180_000;
/** From the loss of a claim to a look at its Service, in milliseconds. */
const SETTLE = 1_000;
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

/** What repairs need; `uid` makes identities of objects. */
export interface RepairTools {
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly uid: () => string;
}

/** Removes orphaned claims once, and claims what Services have without; returns how much was changed. Nothing of this comes of crashes, since claims are written with their Services; people's hands and imports may bring some. */
export async function repairOnce(tools: RepairTools): Promise<number> {
  const { cache } = tools;
  await cache.consistent();
  const orphans = orphanedClaims(cache.list(IP_ADDRESS_PREFIX), cache.list(NODE_PORT_PREFIX), serviceIn(cache));
  const removed = await removeClaims(orphans, 'removed the claim of a Service that does not hold it', tools);
  return removed + (await claimAgain(cache.list(resourcePrefix(SERVICES)), tools));
}

async function removeClaims(claims: readonly Orphan[], message: string, { storage, logger }: RepairTools): Promise<number> {
  let removed = 0;
  for (const { key, checks } of claims) {
    const result = await storage.transact(checks, [{ kind: 'delete', key }]);
    if (!result.committed) continue;
    removed += 1;
    logger.warn(message, { key });
  }
  return removed;
}

/** Claims the addresses that these Services have and no IPAddress of theirs speaks of. */
async function claimAgain(services: readonly StoredObject[], tools: RepairTools): Promise<number> {
  const { storage, cache, clock, logger, uid } = tools;
  const faults = (): ClaimFaults => claimFaults(services, (address) => cache.get(addressKey(address)), serviceIn(cache));
  const { wrong, doubled } = faults();
  for (const { address, service } of doubled) logger.warn('a cluster IP was assigned to several Services; please recreate this one', { address, service: service.key });
  const removed = await removeClaims(wrong.map(({ claim }) => ({ key: claim.key, checks: [{ key: claim.key, revision: claim.revision }] })), 'removed the wrong claim of an address that a Service has', tools);
  if (removed > 0) await cache.consistent();
  let made = 0;
  for (const { address, service } of faults().missing) {
    const key = addressKey(address);
    const object = addressObject(address, nameOf(service.object as V1Service), uid(), clock.now());
    const result = await storage.transact([{ key, revision: 0 }, { key: service.key, revision: service.revision }], [{ kind: 'put', key, object }]);
    if (!result.committed) continue;
    made += 1;
    logger.warn('a cluster IP was not allocated; repaired', { address, service: service.key });
  }
  return removed + made;
}

const serviceIn = (cache: WatchCache) => ({ namespace, name }: ServiceName): StoredObject | undefined => cache.get(objectKey(SERVICES, namespace, name));

/** Repairs at once and then every three minutes, and a Service soon after somebody took its address's claim away, until the signal is aborted. */
export async function keepRepairing(tools: RepairTools, signal: AbortSignal): Promise<void> {
  const { cache, clock, logger } = tools;
  const robbed = new Map<string, ServiceName>();
  let wake = new AbortController();
  const unsubscribe = cache.subscribe(IP_ADDRESSES, (event) => {
    const owner = event.type === 'delete' ? addressOwner(event.last.object) : undefined;
    if (!owner) return;
    robbed.set(objectKey(SERVICES, owner.namespace, owner.name), owner);
    wake.abort();
  });
  const attempt = async (work: () => Promise<number>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn('claims of Services were not checked', { error });
    }
  };
  try {
    for (let next = 0; !signal.aborted; ) {
      if (clock.monotonic() >= next) {
        await attempt(() => repairOnce(tools));
        next = clock.monotonic() + INTERVAL;
      }
      await clock.sleep(next - clock.monotonic(), AbortSignal.any([signal, wake.signal]));
      if (!wake.signal.aborted || signal.aborted) continue;
      // Most claims go with their Services: by then memory knows.
      await clock.sleep(SETTLE, signal);
      wake = new AbortController();
      const services = [...robbed.values()].flatMap((each) => serviceIn(cache)(each) ?? []);
      robbed.clear();
      if (services.length > 0) await attempt(() => claimAgain(services, tools));
    }
  } finally {
    unsubscribe();
  }
}

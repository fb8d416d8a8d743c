import type { Clock } from '../../process/clock.ts';
import type { ValueObject } from '../storage/encodedObject.ts';
import type { Storage, StoredObject, WatchCache } from '../storage/types.ts';

/** One key for each API server that lives, renewed while it does. */
export const SERVER_PREFIX = '/registry/.gantry/apiservers/';

/** How often a server renews its key, and after how long without a renewal it is taken for dead; milliseconds, as for Kubernetes' master leases. */
export const RENEW_INTERVAL = 5_000;
export const LEASE_DURATION = 15_000;

/** What a server tells of itself. */
export interface ServerLease {
  readonly address: string;
  readonly port: number;
  /** Raised by each renewal, so that others see it change. */
  readonly renewal: number;
}

interface Sighting {
  readonly revision: number;
  readonly at: number;
}

/** Which servers' keys have changed of late, by this server's own monotonic clock: stamps of other machines are not compared. */
export class ServerSightings {
  readonly #seen = new Map<string, Sighting>();

  /** Takes note of the present keys, and parts them. `now` is monotonic milliseconds. A key that is seen for the first time lives. */
  observe(keys: readonly StoredObject[], now: number): { readonly alive: readonly StoredObject[]; readonly dead: readonly StoredObject[] } {
    const present = new Set(keys.map(({ key }) => key));
    for (const key of this.#seen.keys()) if (!present.has(key)) this.#seen.delete(key);
    const alive: StoredObject[] = [];
    const dead: StoredObject[] = [];
    for (const stored of keys) {
      const known = this.#seen.get(stored.key);
      if (known?.revision !== stored.revision) this.#seen.set(stored.key, { revision: stored.revision, at: now });
      (known?.revision === stored.revision && now - known.at > LEASE_DURATION ? dead : alive).push(stored);
    }
    return { alive, dead };
  }
}

export const leaseOf = (stored: StoredObject): ServerLease => (stored.object as ValueObject).value as ServerLease;

/** This server's own key. */
export class OwnLease {
  readonly key: string;
  readonly #storage: Storage;
  readonly #place: Omit<ServerLease, 'renewal'>;
  #renewal = 0;

  constructor(storage: Storage, place: Omit<ServerLease, 'renewal'>) {
    this.key = `${SERVER_PREFIX}${place.address}`;
    this.#storage = storage;
    this.#place = place;
  }

  async renew(): Promise<void> {
    this.#renewal += 1;
    await this.#storage.transact([], [{ kind: 'putValue', key: this.key, value: { ...this.#place, renewal: this.#renewal } satisfies ServerLease }]);
  }

  async release(): Promise<void> {
    await this.#storage.transact([], [{ kind: 'delete', key: this.key }]);
  }
}

/** The servers that live, sorted by address; the keys of dead ones are removed. */
export async function livingServers(storage: Storage, cache: WatchCache, sightings: ServerSightings, clock: Clock): Promise<readonly ServerLease[]> {
  const { alive, dead } = sightings.observe(cache.list(SERVER_PREFIX), clock.monotonic());
  for (const { key, revision } of dead) await storage.transact([{ key, revision }], [{ kind: 'delete', key }]);
  return alive.map(leaseOf).toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

import { randomInt } from 'node:crypto';
import type { Clock } from '../../process/clock.ts';
import type { EtcdClient } from './etcdClient.ts';

/** Kubernetes' default of `--lease-reuse-duration-seconds`. */
const SHARED_FOR_MS = 60_000;
const LARGEST_ID = 2 ** 48 - 1;

interface SharedLease {
  readonly until: number;
  readonly id: Promise<number>;
}

/** Leases by their time to live, each shared for a while, so that a storm of Events is not a storm of leases. An object lives at least that long, and at most by that while longer. */
export class SharedLeases {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  readonly #sharedFor: number;
  readonly #bySeconds = new Map<number, SharedLease>();

  /** `sharedFor` in milliseconds. */
  constructor(client: EtcdClient, clock: Clock, sharedFor = SHARED_FOR_MS) {
    this.#client = client;
    this.#clock = clock;
    this.#sharedFor = sharedFor;
  }

  /** The id of a lease that ends `seconds` from now, or a while later. */
  lease(seconds: number): Promise<number> {
    const now = this.#clock.monotonic();
    const shared = this.#bySeconds.get(seconds);
    if (shared && shared.until > now) return shared.id;
    const id = this.#grant(seconds + this.#sharedFor / 1_000);
    this.#bySeconds.set(seconds, { until: now + this.#sharedFor, id });
    id.catch(() => this.forget());
    return id;
  }

  /** After etcd has said that it does not know a lease (it was restored from a snapshot, or revoked). */
  forget(): void {
    this.#bySeconds.clear();
  }

  async #grant(seconds: number): Promise<number> {
    const id = randomInt(1, LARGEST_ID);
    await this.#client.grantLease(id, seconds);
    return id;
  }
}

import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { EtcdClient } from './etcdClient.ts';

const EVERY_MS = 30_000;
/** After a failure; the members may just be finding a new leader. */
const SOON_MS = 1_000;

/** Keeps clients informed of which members etcd has: every half minute, and soon after one of them failed. */
export class MemberFollower {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #wake = new AbortController();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** A member failed. */
  poke(): void {
    this.#wake.abort();
  }

  /** Until the signal is aborted. */
  async run(asked: Pick<EtcdClient, 'members'>, told: readonly Pick<EtcdClient, 'useMembers'>[], signal: AbortSignal): Promise<void> {
    let known = '';
    while (!signal.aborted) {
      this.#wake = new AbortController();
      try {
        const members = (await asked.members()).toSorted();
        for (const client of told) client.useMembers(members);
        if (known !== '' && known !== members.join()) this.#logger.info("etcd's members have changed", { members });
        known = members.join();
      } catch (error) {
        if (!signal.aborted) this.#logger.warn("etcd's members could not be asked for", { error });
      }
      await this.#clock.sleep(EVERY_MS, AbortSignal.any([signal, this.#wake.signal]));
      if (!signal.aborted && this.#wake.signal.aborted) await this.#clock.sleep(SOON_MS, signal);
    }
  }
}

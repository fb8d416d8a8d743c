import type { EtcdClient } from './etcdClient.ts';
import type { Compare, RangeResponse, RequestOperation } from './etcdMessages.ts';
import { GrpcError } from './grpcConnection.ts';
import { FENCE_KEY } from './keys.ts';

/**
 * Voids what was sent and may still arrive. A member that stands still holds a request in its socket, and carries it out when it goes on, however
 * long ago its sender gave it up and sent another one. A request that names the revision which it changes does nothing then; a creation names none,
 * and would bring back what was deleted meanwhile. So creations compare the revision of one key, the fence, too. Whoever has lost the answer to one changes the
 * fence: after that the lost one has been applied already, which can be seen, or never is.
 * The key is one for all API servers. Those that did not change it learn of it by a comparison that fails.
 */
export class Fence {
  readonly #client: EtcdClient;
  /** As it was seen last; 0: nobody has ever needed it. */
  #revision = 0;
  #raising: Promise<void> | undefined;

  constructor(client: EtcdClient) {
    this.#client = client;
  }

  /** Part of every creation. */
  get compare(): Compare {
    return { key: FENCE_KEY, modRevision: this.#revision };
  }

  /** The answer to this, where a comparison failed, is for `learn`. */
  readonly read: RequestOperation = { kind: 'range', range: { key: FENCE_KEY } };

  /** Whether it is another one than was compared with. */
  learn(compared: Compare, response: RangeResponse | undefined): boolean {
    this.#revision = response?.kvs[0]?.modRevision ?? 0;
    return this.#revision !== compared.modRevision;
  }

  /** After this, nothing that compared with that revision is applied any more. Throws a `GrpcError` where etcd does not answer until the deadline. */
  async raise({ modRevision }: Compare, deadline: number): Promise<void> {
    while (this.#revision <= modRevision) {
      this.#raising ??= this.#write(deadline).finally(() => (this.#raising = undefined));
      await this.#raising;
    }
  }

  async #write(deadline: number): Promise<void> {
    for (;;) {
      try {
        const { revision } = await this.#client.txn({ compare: [], success: [{ kind: 'put', key: FENCE_KEY, value: Buffer.from('{}') }], failure: [] }, deadline);
        this.#revision = revision;
        return;
      } catch (error) {
        // To change it twice does no harm.
        if (!(error instanceof GrpcError && error.sent) || this.#client.isOver(deadline)) throw error;
      }
    }
  }
}

import { setImmediate } from 'node:timers/promises';
import { internalError } from '../../api/apiError.ts';
import type { Clock } from '../../process/clock.ts';
import type { StoredValues } from '../encryption/transformer.ts';
import { EtcdClient } from './etcdClient.ts';
import type { EtcdClientConfig, OpenWatch } from './etcdClient.ts';
import type { KeyValue, RangeRequest, RangeResponse, RequestOperation, TxnRequest, TxnResponse, WatchResponse } from './etcdMessages.ts';
import type { GrpcError } from './grpcConnection.ts';

/** Values that are opened before others get their turn. */
const CHUNK = 256;

/**
 * etcd as if nothing in it were encrypted. A value that cannot be opened is handed out as it is, with `trouble`; one that cannot be
 * encrypted is not written (500).
 */
export class EncryptingClient extends EtcdClient {
  readonly #values: StoredValues;

  constructor(config: EtcdClientConfig, values: StoredValues, clock: Clock) {
    super(config, clock);
    this.#values = values;
  }

  override async range(request: RangeRequest, deadline?: number): Promise<RangeResponse> {
    const response = await super.range(request, deadline);
    return { ...response, kvs: await this.#openAll(response.kvs) };
  }

  override async txn(request: TxnRequest, deadline?: number): Promise<TxnResponse> {
    const success = await Promise.all(request.success.map((operation) => this.#sealed(operation)));
    const response = await super.txn({ ...request, success }, deadline);
    const responses = await Promise.all(response.responses.map(async (each) => each && { ...each, kvs: await this.#openAll(each.kvs) }));
    return { ...response, responses };
  }

  override watch(key: string, end: string, startRevision: number, response: (response: WatchResponse) => Promise<void> | void, ended: (error: GrpcError) => void): OpenWatch {
    const opened = async (received: WatchResponse): Promise<void> => {
      const kvs = await this.#openAll(received.events.map(({ kv }) => kv));
      await response({ ...received, events: received.events.map((event, at) => ({ ...event, kv: kvs[at]! })) });
    };
    return super.watch(key, end, startRevision, opened, ended);
  }

  async #openAll(kvs: readonly KeyValue[]): Promise<KeyValue[]> {
    const opened: KeyValue[] = [];
    for (const kv of kvs) {
      const result = this.#open(kv);
      opened.push(result instanceof Promise ? await result : result);
      if (opened.length % CHUNK === 0) await setImmediate();
    }
    return opened;
  }

  #open(kv: KeyValue): KeyValue | Promise<KeyValue> {
    const transformer = kv.value.length === 0 ? undefined : this.#values.of(kv.key);
    if (!transformer) return kv;
    try {
      const opened = transformer.fromStorage(kv.value, kv.key);
      if (opened instanceof Promise) return opened.then(({ value, stale }) => ({ ...kv, value, stale }), (error: unknown) => ({ ...kv, trouble: troubleOf(kv.key, error) }));
      return { ...kv, ...opened };
    } catch (error) {
      return { ...kv, trouble: troubleOf(kv.key, error) };
    }
  }

  async #sealed(operation: RequestOperation): Promise<RequestOperation> {
    if (operation.kind !== 'put') return operation;
    const transformer = this.#values.of(operation.key);
    if (!transformer) return operation;
    try {
      return { ...operation, value: await transformer.toStorage(operation.value, operation.key) };
    } catch (error) {
      throw troubleOf(operation.key, error);
    }
  }
}

/** Kubernetes' text. */
export function troubleOf(key: string, error: unknown): Error {
  return internalError(`unable to transform key ${JSON.stringify(key)}: ${error instanceof Error ? error.message : String(error)}`);
}

import type { ComponentContext } from '../../process/component.ts';
import type { StoredValues } from '../encryption/transformer.ts';
import { keepCompacting } from './compaction.ts';
import type { ValueObject } from './encodedObject.ts';
import { EtcdClient, isOutage, type EtcdClientConfig } from './etcdClient.ts';
import { EncryptingClient } from './encryptingClient.ts';
import { EtcdStorage } from './etcdStorage.ts';
import { keepWatching, listRegistry } from './etcdWatch.ts';
import { etcdTrouble, READY_CHECK_MS } from './health.ts';
import { GrpcError } from './grpcConnection.ts';
import { OFFSET_KEY } from './keys.ts';
import { MemberFollower } from './memberFollower.ts';
import { SharedLeases } from './sharedLeases.ts';
import type { Storage, WatchCache } from './types.ts';
import { keepRecovering } from './unreadable.ts';
import { MemoryWatchCache, type WatchCacheConfig } from './watchCache.ts';

export interface StorageConfig extends EtcdClientConfig, WatchCacheConfig {
  /** 0: this API server does not compact. Default: 5 minutes. */
  readonly compactionIntervalMilliseconds?: number;
  /** How long etcd may take to answer `/readyz` and `/healthz`; 2 s unless given. */
  readonly readyCheckMilliseconds?: number;
  readonly healthCheckMilliseconds?: number;
  /** For how long objects that expire share a lease; a minute unless given. */
  readonly leaseReuseMilliseconds?: number;
  /** Encryption at rest; absent: everything is kept as it is. */
  readonly values?: StoredValues;
}

export interface OpenedStorage {
  readonly storage: Storage;
  readonly cache: WatchCache;
  /** For `/readyz` and, by another limit of time, `/healthz`: undefined when etcd answers, else why not. */
  trouble(check?: 'readyz' | 'healthz'): Promise<string | undefined>;
  /** Aborted when etcd was replaced by another cluster, e.g. restored from a snapshot: nothing in memory counts any more, and this server has to start anew. */
  readonly replaced: AbortSignal;
  /** Ends watch, compaction and connections. Also done when the context's signal is aborted. */
  close(): Promise<void>;
}

const RETRY_MS = 500;

/** Connects to etcd and resolves when everything in it is in memory; waits for an etcd that is not up yet. */
export async function openStorage(config: StorageConfig, context: ComponentContext): Promise<OpenedStorage> {
  const { clock, logger } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const members = new MemberFollower(clock, logger);
  const followed = { ...config, onFailure: () => members.poke() };
  const { values } = config;
  const connect = (): EtcdClient => (values ? new EncryptingClient(followed, values, clock) : new EtcdClient(followed, clock));
  const client = connect();
  // A connection of its own: a large backlog of events does not delay transactions, and each finds another member by itself.
  const watchClient = connect();
  try {
    const offset = await untilAnswered(context, () => readOffset(client));
    const storage = new EtcdStorage(client, new SharedLeases(client, clock, config.leaseReuseMilliseconds), offset, values !== undefined);
    const cache = new MemoryWatchCache(storage, config, clock, logger, () => watchClient.resetConnection());
    await cache.replace(await untilAnswered(context, () => listRegistry(client)));
    cache.start(signal);
    const loops = [keepWatching(watchClient, cache, clock, logger, signal), members.run(client, [client, watchClient], signal)];
    if (config.compactionIntervalMilliseconds !== 0) loops.push(keepCompacting(storage, client, clock, logger, signal, config.compactionIntervalMilliseconds));
    if (values) loops.push(keepRecovering(client, cache, { clock, logger, signal }));
    const ended = Promise.all(loops).finally(() => {
      client.close();
      watchClient.close();
    });
    return {
      storage,
      cache,
      trouble: (check = 'readyz') => etcdTrouble(storage, clock, (check === 'readyz' ? config.readyCheckMilliseconds : config.healthCheckMilliseconds) ?? READY_CHECK_MS),
      replaced: client.replaced,
      close: async () => {
        stop.abort();
        await ended;
      },
    };
  } catch (error) {
    client.close();
    watchClient.close();
    throw error;
  }
}

async function readOffset(client: EtcdClient): Promise<number> {
  const { kvs } = await client.range({ key: OFFSET_KEY });
  if (!kvs[0]) return 0;
  const offset: ValueObject['value'] = JSON.parse(kvs[0].value.toString());
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset)) throw new Error(`${OFFSET_KEY} in etcd is not a whole number`);
  return offset;
}

async function untilAnswered<T>({ clock, logger, signal }: ComponentContext, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof GrpcError) || !isOutage(error)) throw error;
      logger.warn('waiting for etcd', { cause: error.message });
    }
    await clock.sleep(RETRY_MS, signal);
  }
}

import type { ComponentContext } from '../../process/component.ts';
import type { EtcdClient } from './etcdClient.ts';
import type { KeyValue } from './etcdMessages.ts';

const RETRY_MS = 5_000;
/** Values that are tried in one round. */
const ROUND = 200;

/** Who remembers what could not be read. */
export interface UnreadableKeys {
  unreadable(): readonly string[];
  /** Takes in a value that can be read now; nothing where it has changed since. */
  recover(kv: KeyValue): void;
}

/** Tries again and again to read what could not be read, until the signal: a KMS plugin comes back, a key is put into the configuration. */
export async function keepRecovering(client: EtcdClient, cache: UnreadableKeys, { clock, logger, signal }: ComponentContext): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(RETRY_MS, signal);
    const keys = signal.aborted ? [] : cache.unreadable().slice(0, ROUND);
    if (keys.length > 0) await recoverOnce(client, cache, keys).catch((error: unknown) => logger.debug('values that could not be read were not tried again', { error }));
  }
}

async function recoverOnce(client: EtcdClient, cache: UnreadableKeys, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const { kvs } = await client.range({ key });
    if (kvs[0]) cache.recover(kvs[0]);
  }
}

import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { EtcdClient } from './etcdClient.ts';
import { COMPACTION_KEY } from './keys.ts';
import type { Storage } from './types.ts';

/** Kubernetes' default of `--etcd-compaction-interval`. */
export const COMPACTION_INTERVAL_MS = 300_000;

/** What an API server remembers from one round to the next. */
export interface CompactionRound {
  /** The revision at which the shared key was last seen. */
  readonly keyRevision: number;
  /** etcd's revision then; 0: none yet. */
  readonly revision: number;
}

/**
 * Forgets etcd's history up to the revision of one interval ago, until the signal is aborted. However many API servers do
 * this, one of them compacts in each interval: the one whose compare-and-swap of the shared key succeeds.
 */
export async function keepCompacting(storage: Storage, client: EtcdClient, clock: Clock, logger: Logger, signal: AbortSignal, intervalMilliseconds = COMPACTION_INTERVAL_MS): Promise<void> {
  let round: CompactionRound = { keyRevision: 0, revision: 0 };
  for (;;) {
    await clock.sleep(intervalMilliseconds, signal);
    if (signal.aborted) return;
    try {
      round = await compactOnce(storage, client, round);
    } catch (error) {
      logger.warn('etcd was not compacted', { error });
    }
  }
}

/** One round; returns what to remember for the next one. */
export async function compactOnce(storage: Storage, client: Pick<EtcdClient, 'compact'>, round: CompactionRound): Promise<CompactionRound> {
  const result = await storage.transact([{ key: COMPACTION_KEY, revision: round.keyRevision }], [{ kind: 'putValue', key: COMPACTION_KEY, value: { compactedTo: round.revision } }]);
  if (!result.committed) {
    return { keyRevision: result.current.get(COMPACTION_KEY)?.revision ?? 0, revision: await storage.currentRevision() };
  }
  if (round.revision > 0) await client.compact(round.revision);
  return { keyRevision: result.revision, revision: result.revision };
}

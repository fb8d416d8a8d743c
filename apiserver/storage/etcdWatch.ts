import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { EtcdClient, OpenWatch } from './etcdClient.ts';
import type { KeyValue, WatchResponse } from './etcdMessages.ts';
import type { GrpcError } from './grpcConnection.ts';
import { REGISTRY, REGISTRY_END } from './keys.ts';

export interface EtcdEvent {
  readonly type: 'put' | 'delete';
  readonly kv: KeyValue;
}

/** Everything in etcd as of one revision. */
export interface Snapshot {
  readonly revision: number;
  readonly kvs: readonly KeyValue[];
}

/** Who is fed by the watch. */
export interface WatchTarget {
  /** The revision of the last event applied; the watch goes on behind it. */
  readonly clock: number;
  /** Events in order, whole revisions. */
  apply(events: readonly EtcdEvent[]): Promise<void>;
  /** etcd no longer has the events after `clock`; here is the present state instead. */
  replace(snapshot: Snapshot): Promise<void>;
}

/** etcd counts the whole range for every page: few large pages. */
const PAGE = 5_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** Lists all of `/registry/` as of one revision, in pages, so that no message is huge. */
export async function listRegistry(client: EtcdClient): Promise<Snapshot> {
  const kvs: KeyValue[] = [];
  let revision: number | undefined;
  for (let key = REGISTRY; ; ) {
    const page = await client.range({ key, end: REGISTRY_END, limit: PAGE, ...(revision === undefined ? {} : { revision }) });
    revision ??= page.revision;
    for (const kv of page.kvs) kvs.push(kv);
    const last = page.kvs.at(-1);
    if (!page.more || !last) return { revision, kvs };
    key = `${last.key}\0`;
  }
}

/**
 * Keeps one watch on `/registry/` open until the signal is aborted.
 * 1. After any failure it goes on behind the last event that was applied, on another member where there is one.
 * 2. Only if etcd has compacted those events, everything is listed again.
 * 3. The target learns revisions from events alone; a response's header may be ahead of them.
 */
export async function keepWatching(client: EtcdClient, target: WatchTarget, clock: Clock, logger: Logger, signal: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const before = target.clock;
    const { compacted, error } = await watchOnce(client, target, signal);
    if (signal.aborted) return;
    if (target.clock > before) pause = FIRST_PAUSE_MS;
    try {
      if (compacted) {
        logger.warn('etcd has compacted what was missed; listing everything again', { clock: target.clock });
        await target.replace(await listRegistry(client));
        pause = FIRST_PAUSE_MS;
        continue;
      }
      logger.info('the watch on etcd broke and will go on', { clock: target.clock, cause: error.message });
    } catch (failure) {
      logger.error('listing etcd again failed', { error: failure });
    }
    client.turnToNextMember();
    await clock.sleep(pause, signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

interface WatchEnd {
  readonly compacted: boolean;
  readonly error: Error;
}

function watchOnce(client: EtcdClient, target: WatchTarget, signal: AbortSignal): Promise<WatchEnd> {
  return new Promise((resolve) => {
    let compacted = false;
    let reason: string | undefined;
    const pieces = new RevisionAssembler();
    let watch: OpenWatch | undefined;
    const cancel = (): void => watch?.cancel();
    const response = async (received: WatchResponse): Promise<void> => {
      if (received.canceled) {
        compacted = received.compactRevision > 0;
        reason = received.cancelReason;
        return cancel();
      }
      const events = pieces.add(received);
      if (events.length > 0) await target.apply(events);
    };
    const ended = (error: GrpcError): void => {
      signal.removeEventListener('abort', cancel);
      resolve({ compacted, error: reason === undefined ? error : new Error(reason) });
    };
    try {
      watch = client.watch(REGISTRY, REGISTRY_END, target.clock + 1, response, ended);
      signal.addEventListener('abort', cancel, { once: true });
    } catch (error) {
      resolve({ compacted: false, error: error instanceof Error ? error : new Error(String(error)) });
    }
  });
}

/** Puts the fragments of a response together: etcd ends a response, though not a fragment, at the end of a revision. */
export class RevisionAssembler {
  #held: EtcdEvent[] = [];

  add(response: Pick<WatchResponse, 'fragment' | 'events'>): readonly EtcdEvent[] {
    if (response.fragment) {
      this.#held.push(...response.events);
      return [];
    }
    if (this.#held.length === 0) return response.events;
    const events = [...this.#held, ...response.events];
    this.#held = [];
    return events;
  }
}

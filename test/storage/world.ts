import type { KubeObject } from '../../api/meta.ts';
import { openStorage, type OpenedStorage, type StorageConfig } from '../../apiserver/storage/openStorage.ts';
import type { Storage, StoredObject, WatchItem, WatchStream } from '../../apiserver/storage/types.ts';
import { type Clock, systemClock } from '../../process/clock.ts';
import type { ComponentContext } from '../../process/component.ts';
import { silentLogger } from '../../process/log.ts';
import { PATIENT } from '../rig/etcd.ts';

export interface ConfigMap extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}

export const CONFIG_MAPS = '/registry/configmaps/';

export function configMapKey(name: string, namespace = 'default'): string {
  return `${CONFIG_MAPS}${namespace}/${name}`;
}

export function configMap(name: string, data: Readonly<Record<string, string>> = {}, namespace = 'default'): ConfigMap & { metadata: { namespace: string } } {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z' },
    data,
  };
}

/** The machine's clock, without the minute after which watchers are told how far it is: what they are told is compared as a whole. */
const WITHOUT_PROGRESS: Clock = { ...systemClock, setTimeout: (run, milliseconds) => (milliseconds === 60_000 ? { cancel: () => undefined } : systemClock.setTimeout(run, milliseconds)) };

/** Storage as an API server opens it, on an etcd that may be slow; `close` it before etcd. */
export function open(endpoints: readonly string[], config: Partial<StorageConfig> = {}, { clock = WITHOUT_PROGRESS, logger = silentLogger }: Partial<ComponentContext> = {}): Promise<OpenedStorage> {
  return openStorage({ compactionIntervalMilliseconds: 0, ...PATIENT, ...config, endpoints }, { clock, logger, signal: new AbortController().signal });
}

/** Creates a ConfigMap; throws where it exists. */
export async function create(storage: Storage, name: string, data: Readonly<Record<string, string>> = {}, namespace = 'default'): Promise<StoredObject> {
  const key = configMapKey(name, namespace);
  const result = await storage.transact([{ key, revision: 0 }], [{ kind: 'put', key, object: configMap(name, data, namespace) }]);
  const stored = result.committed ? result.stored[0] : undefined;
  if (!stored) throw new Error(`${key} exists`);
  return stored;
}

/** The next items of a watch until `enough` says so; throws after two minutes. */
export async function collect(stream: WatchStream, enough: (items: readonly WatchItem[]) => boolean): Promise<WatchItem[]> {
  const items: WatchItem[] = [];
  const taken = async (): Promise<WatchItem[]> => {
    for await (const item of stream) {
      items.push(item);
      if (enough(items)) return items;
    }
    return items;
  };
  return bounded(taken(), () => `only ${items.length} items came`);
}

/** Rejects when a promise has not settled within two minutes, unless told. */
export async function bounded<T>(promise: Promise<T>, what: () => string, milliseconds = 120_000): Promise<T> {
  const done = new AbortController();
  const late = systemClock.sleep(milliseconds, done.signal).then(() => 'late' as const);
  try {
    const outcome = await Promise.race([promise.then((value) => ({ value })), late]);
    if (outcome === 'late') throw new Error(`too late: ${what()}`);
    return outcome.value;
  } finally {
    done.abort();
  }
}

/** `put a@5`, `delete b@6`, `progress@6`: revisions relative to nothing, for readable comparisons. */
export function tell(item: WatchItem): string {
  if (item.kind === 'progress') return `progress@${item.revision}`;
  const { event } = item;
  return event.type === 'put' ? `put ${event.current.object.metadata.name}@${event.current.revision}` : `delete ${event.last.object.metadata.name}@${event.revision}`;
}

import { ApiError } from '../../api/apiError.ts';
import type { V1ConfigMap } from '../../api/generated/types.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { ConfigMaps } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import { seededRandom } from '../../api/schema/seededRandom.ts';
import type { History, ReadRecord, StateRecord, WatchItem, WatchRecord, WriteRecord } from './history.ts';

export interface RecorderOptions {
  /** How writers and readers reach the cluster: by all its servers. */
  readonly cluster: ClientConfig;
  /** Each gets a watcher of its own, which knows this server only; one more watches by all of them. */
  readonly servers: readonly ClientConfig[];
  readonly seed: number;
  readonly writers?: number;
  /** Milliseconds from one attempt of a writer to the next. */
  readonly pause?: number;
}

/** A recording that goes on. */
export interface Recording {
  /** Acknowledged writes so far: tells a test that the cluster takes writes again. */
  readonly acknowledged: number;
  /** The longest time between two acknowledged writes since the last call, in milliseconds. */
  longestGap(): number;
  /** Stops the writers, waits until each watcher has heard the last of it (`seconds` at most), and gives everything. */
  finish(seconds: number): Promise<History>;
  /** Stops without a result. */
  close(): void;
}

const NAMESPACE = 'default';
const LABEL = 'chaos';
const OBJECTS_PER_WRITER = 6;
const REQUEST_MILLISECONDS = 8000;
const RETRY_MILLISECONDS = 100;
const READ_PAUSE_MILLISECONDS = 250;

const now = (): number => performance.now();
const pauseFor = (milliseconds: number, signal: AbortSignal): Promise<void> => systemClock.sleep(milliseconds, signal);
const versionOf = (text: string | undefined): number => Number(text);
const valueOf = (object: V1ConfigMap): string => object.data?.['value'] ?? '';

/** Begins to write, read and watch ConfigMaps with the label `chaos=<run>`, at a bounded rate, and writes down what is attempted and seen. */
export async function record(options: RecorderOptions): Promise<Recording> {
  const run = `r${options.seed.toString(36)}-${Math.floor(now()).toString(36)}`;
  const selector = `${LABEL}=${run}`;
  const stopWriting = new AbortController();
  const stopWatching = new AbortController();
  const clients: RestClient[] = [];
  const connect = (config: ClientConfig): RestClient => {
    const client = new RestClient(config, { component: 'chaos', clock: systemClock });
    clients.push(client);
    return client;
  };
  const writes: WriteRecord[] = [];
  const reads: ReadRecord[] = [];
  const watches: { watcher: string; items: WatchItem[] }[] = [];
  let lastAcknowledged = now();
  let gap = 0;

  const writers = Array.from({ length: options.writers ?? 3 }, (_, at) =>
    new Writer(`w${at}`, run, connect(options.cluster), seededRandom(options.seed + at), (write) => {
      writes.push(write);
      if (write.outcome !== 'acknowledged') return;
      gap = Math.max(gap, write.ended - lastAcknowledged);
      lastAcknowledged = write.ended;
    }).run(options.pause ?? 40, stopWriting.signal),
  );
  const reading = keepReading(connect(options.cluster), selector, reads, stopWriting.signal);
  const watching = [...options.servers, options.cluster].map((config, at) => {
    const watch = { watcher: at < options.servers.length ? (config.servers[0] ?? '') : 'all', items: [] as WatchItem[] };
    watches.push(watch);
    return keepWatching(connect(config), selector, watch.items, stopWatching.signal);
  });
  const close = (): void => {
    stopWriting.abort();
    stopWatching.abort();
    for (const client of clients) client.close();
  };
  return {
    get acknowledged() {
      return writes.filter(({ outcome }) => outcome === 'acknowledged').length;
    },
    longestGap() {
      const longest = Math.max(gap, now() - lastAcknowledged);
      gap = 0;
      return longest;
    },
    async finish(seconds) {
      stopWriting.abort();
      await Promise.all([...writers, reading]);
      const client = connect(options.cluster);
      const final = await insist(() => listState(client, selector), seconds);
      // One more write, which every watcher must hear of: then it has heard of all before.
      const last = await insist(() => client.create(ConfigMaps, configMap('last', run, 'last'), NAMESPACE), seconds);
      const target = versionOf(last.metadata.resourceVersion);
      for (const end = now() + seconds * 1000; now() < end && !watches.every(({ items }) => heard(items, target)); ) await systemClock.sleep(50);
      stopWatching.abort();
      await Promise.all(watching);
      for (const each of clients) each.close();
      return { writes, reads, watches: watches.map(({ watcher, items }): WatchRecord => ({ watcher, items: until(items, target) })), final };
    },
    close,
  };
}

const heard = (items: readonly WatchItem[], target: number): boolean => items.some(({ resourceVersion }) => resourceVersion >= target);

/** The last write is no part of the experiment; a list after it still shows what was there before. */
function until(items: readonly WatchItem[], target: number): WatchItem[] {
  return items.flatMap((item) => {
    if (item.resourceVersion < target) return [item];
    if (item.kind !== 'list') return [];
    const { last: _, ...objects } = item.objects;
    return [{ ...item, objects }];
  });
}

/** One client that changes objects of its own, one attempt after the other. */
class Writer {
  readonly #name: string;
  readonly #run: string;
  readonly #client: RestClient;
  readonly #random: () => number;
  readonly #note: (write: WriteRecord) => void;
  /** What it knows of its objects; undefined: absent. Those whose last attempt had no answer are missing until they were read. */
  readonly #known = new Map<string, V1ConfigMap | undefined>();
  #count = 0;

  constructor(name: string, run: string, client: RestClient, random: () => number, note: (write: WriteRecord) => void) {
    this.#name = name;
    this.#run = run;
    this.#client = client;
    this.#random = random;
    this.#note = note;
    for (let at = 0; at < OBJECTS_PER_WRITER; at += 1) this.#known.set(`${name}-${at}`, undefined);
  }

  async run(pause: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#one(`${this.#name}-${Math.floor(this.#random() * OBJECTS_PER_WRITER)}`, signal);
      await pauseFor(pause, signal);
    }
  }

  async #one(object: string, signal: AbortSignal): Promise<void> {
    if (!this.#known.has(object) && !(await this.#look(object))) return pauseFor(RETRY_MILLISECONDS, signal);
    const present = this.#known.get(object);
    const value = present && this.#random() < 0.2 ? undefined : `${this.#name}.${(this.#count += 1)}`;
    const attempt = { writer: this.#name, name: object, value, began: now(), creates: !present };
    try {
      const written = await within(this.#attempt(object, present, value));
      this.#known.set(object, value === undefined ? undefined : written);
      const resourceVersion = versionOf(written?.metadata.resourceVersion);
      this.#note({ ...attempt, ended: now(), outcome: 'acknowledged', ...(value === undefined || Number.isNaN(resourceVersion) ? {} : { resourceVersion }) });
    } catch (error) {
      // Whatever a server says below 500 it says instead of writing.
      const outcome = error instanceof ApiError && error.code < 500 ? 'refused' : 'unknown';
      this.#note({ ...attempt, ended: now(), outcome });
      this.#known.delete(object);
      await pauseFor(RETRY_MILLISECONDS, signal);
    }
  }

  /** Every change names the version that it starts from, so that an attempt that arrives late changes nothing. */
  async #attempt(object: string, present: V1ConfigMap | undefined, value: string | undefined): Promise<V1ConfigMap | undefined> {
    const name = configMap(object, this.#run, '').metadata.name;
    if (value === undefined) {
      const { uid, resourceVersion } = present!.metadata;
      await this.#client.delete(ConfigMaps, name, NAMESPACE, { preconditions: { uid, resourceVersion } });
      return undefined;
    }
    if (!present) return this.#client.create(ConfigMaps, configMap(object, this.#run, value), NAMESPACE);
    if (this.#random() < 0.5) return this.#client.update(ConfigMaps, { ...present, data: { value } });
    return this.#client.patch(ConfigMaps, name, NAMESPACE, 'application/merge-patch+json', { metadata: { resourceVersion: present.metadata.resourceVersion }, data: { value } });
  }

  /** Finds out what has become of an object; false where nobody answers. */
  async #look(object: string): Promise<boolean> {
    try {
      this.#known.set(object, await within(this.#client.get(ConfigMaps, configMap(object, this.#run, '').metadata.name, NAMESPACE)));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'NotFound')) return false;
      this.#known.set(object, undefined);
      return true;
    }
  }
}

async function keepReading(client: RestClient, selector: string, reads: ReadRecord[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const began = now();
    try {
      const state = await within(listState(client, selector));
      reads.push({ ...state, began, ended: now() });
    } catch (error) {
      // A read without an answer shows nothing.
      if (error instanceof TypeError) throw error;
    }
    await pauseFor(READ_PAUSE_MILLISECONDS, signal);
  }
}

/** Lists once, then watches, and resumes where it was; on 410 Gone it lists again. */
async function keepWatching(client: RestClient, selector: string, items: WatchItem[], signal: AbortSignal): Promise<void> {
  let clock: string | undefined;
  while (!signal.aborted) {
    try {
      if (clock === undefined) {
        const state = await listState(client, selector);
        items.push({ kind: 'list', ...state });
        clock = String(state.resourceVersion);
      }
      for await (const event of client.watch(ConfigMaps, { namespace: NAMESPACE, labelSelector: selector, resourceVersion: clock, allowWatchBookmarks: true, signal })) {
        if (event.type === 'ERROR') {
          if (event.object.code === 410) clock = undefined;
          break;
        }
        clock = event.object.metadata.resourceVersion;
        const resourceVersion = versionOf(clock);
        if (event.type === 'BOOKMARK') items.push({ kind: 'bookmark', resourceVersion });
        else items.push({ kind: 'event', type: event.type, name: plainName(event.object), value: valueOf(event.object), resourceVersion });
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === 410) clock = undefined;
      else if (error instanceof TypeError) throw error;
    }
    await pauseFor(RETRY_MILLISECONDS, signal);
  }
}

function configMap(object: string, run: string, value: string): V1ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${run}.${object}`, namespace: NAMESPACE, labels: { [LABEL]: run } }, data: { value } } as unknown as V1ConfigMap;
}

const plainName = ({ metadata }: V1ConfigMap): string => metadata.name.slice(metadata.name.indexOf('.') + 1);

async function listState(client: RestClient, labelSelector: string): Promise<StateRecord> {
  const { metadata, items } = await client.list(ConfigMaps, { namespace: NAMESPACE, labelSelector });
  return { resourceVersion: versionOf(metadata.resourceVersion), objects: Object.fromEntries(items.map((item) => [plainName(item), { value: valueOf(item), resourceVersion: versionOf(item.metadata.resourceVersion) }])) };
}

/** Nobody waits longer for an answer than a client with a deadline would. */
async function within<T>(answer: Promise<T>): Promise<T> {
  const enough = new AbortController();
  const late = systemClock.sleep(REQUEST_MILLISECONDS, enough.signal).then((): never => {
    throw new Error('no answer in time');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    answer.catch(() => undefined);
    enough.abort();
  }
}

async function insist<T>(ask: () => Promise<T>, seconds: number): Promise<T> {
  for (const end = now() + seconds * 1000; ; await systemClock.sleep(RETRY_MILLISECONDS)) {
    try {
      return await within(ask());
    } catch (error) {
      if (now() > end) throw new Error(`the cluster does not answer ${seconds} s after it was healed`, { cause: error });
    }
  }
}

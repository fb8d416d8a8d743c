import { ApiError, badRequest, notAcceptable } from '../../api/apiError.ts';
import type { Timer } from '../../process/clock.ts';
import { PROTOBUF_TYPE } from '../codec/protobuf/envelope.ts';
import { checkResourceVersion, listOptions } from '../request/options.ts';
import type { ListOptions } from '../request/options.ts';
import { selectedName } from '../request/requestInfo.ts';
import { beforeServingMany, beforeTelling } from './servedMany.ts';
import { toServed } from '../registry.ts';
import { objectKey, resourcePrefix } from '../storage/types.ts';
import type { StoredObject, WatchItem } from '../storage/types.ts';
import type { Transform } from '../table/transform.ts';
import { transformFor } from '../table/transform.ts';
import type { ApiResponse } from '../types.ts';
import type { Call, Engine } from './call.ts';
import { chooseObjects } from './chooseObjects.ts';
import { JSON_TYPE } from './respond.ts';
import { parseSelection } from './selection.ts';
import type { Selection } from './selection.ts';
import { bookmark, encodeFrame, frame, noticeObject, noticeOf } from './watchFrames.ts';
import type { Notice, WatchEventType } from './watchFrames.ts';

/** Longer timers (24 days) go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Where a watch begins. */
interface Start {
  readonly fromRevision: number;
  /** Told as ADDED before anything else. */
  readonly initial: readonly StoredObject[];
  /** A bookmark says where the initial events end. */
  readonly markEnd: boolean;
}

/** An event in the form that was asked for. */
function lineOf({ form }: Call, type: WatchEventType, object: unknown): Buffer {
  return form.protobuf?.event(type, object) ?? encodeFrame(type, object);
}

const STREAMED = [`${JSON_TYPE};stream=watch`, `${PROTOBUF_TYPE};stream=watch`];

/** Answers a watch: lines of JSON, or frames of protobuf, until its time is over, the client or this server goes, or it cannot go on. */
export async function watch(engine: Engine, call: Call): Promise<ApiResponse> {
  const { served, info } = call;
  // YAML has no way to tell where one event ends.
  if (call.form.format === 'yaml') throw notAcceptable(STREAMED);
  const options = listOptions(call.request.query, 'watch');
  if (info.name !== '' && options.fieldSelector !== '' && selectedName(call.request.query) !== info.name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
  const fieldSelector = info.name === '' || options.fieldSelector !== '' ? options.fieldSelector : `metadata.name=${info.name}`;
  const selection = servedSelection(call, parseSelection(served.definition, options.labelSelector, fieldSelector));
  const namespace = served.definition.namespaced ? info.namespace : '';
  const isOneKey = selection.name !== undefined && (!served.definition.namespaced || namespace !== '');
  const prefix = isOneKey ? objectKey(served.storage, namespace, selection.name) : resourcePrefix(served.storage, namespace);
  const transform = transformFor(served, call.form, call.request.query, engine.clock.now());
  const headers = { 'content-type': call.form.protobuf ? `${PROTOBUF_TYPE};stream=watch` : JSON_TYPE };
  let start: Start;
  try {
    start = await startOf(engine, call, options, prefix, isOneKey);
  } catch (error) {
    if (error instanceof ApiError && error.code === 410) return { status: 200, headers, body: [lineOf(call, 'ERROR', error.status)] };
    throw error;
  }
  return { status: 200, headers, body: lines(engine, call, options, selection, prefix, transform, start) };
}

function servedSelection(call: Call, selection: Selection): Selection {
  const { matches } = selection;
  if (call.served.isStorageVersion || !matches) return selection;
  return { ...selection, matches: (object) => matches(toServed(call.served, object)) };
}

async function startOf(engine: Engine, call: Call, options: ListOptions, prefix: string, isOneKey: boolean): Promise<Start> {
  const { cache, storage } = engine;
  const { resourceVersion, sendInitialEvents } = options;
  const wantsState = sendInitialEvents ?? (resourceVersion === '' || resourceVersion === '0');
  if (resourceVersion === '') await cache.consistent(call.signal);
  else if (resourceVersion !== '0') {
    const revision = storage.fromResourceVersion(checkResourceVersion(resourceVersion, 'watch'));
    if (!wantsState) return { fromRevision: revision, initial: [], markEnd: false };
    await cache.reached(revision, call.signal);
  }
  // Memory and its clock are read in one turn, so the state is exactly that of the clock's revision.
  const one = isOneKey ? cache.get(prefix) : undefined;
  const initial = !wantsState ? [] : isOneKey ? (one ? [one] : []) : cache.list(prefix);
  return { fromRevision: cache.clock, initial, markEnd: sendInitialEvents === true && options.allowWatchBookmarks };
}

async function* lines(engine: Engine, call: Call, options: ListOptions, selection: Selection, prefix: string, transform: Transform | undefined, start: Start): AsyncGenerator<Buffer> {
  const { served } = call;
  const { storage } = engine;
  const seconds = options.timeoutSeconds || engine.watchSeconds * (1 + engine.random());
  const ended = new AbortController();
  const timer = engine.clock.setTimeout(() => ended.abort(), Math.min(seconds * 1000, LONGEST_TIMER_MS));
  const signal = AbortSignal.any([call.request.signal, engine.stopping, ended.signal, ...(served.gone ? [served.gone] : [])]);
  let late: Timer | undefined;
  let first = true;
  const encode = (notice: Notice): Buffer => {
    if (!transform) return call.form.protobuf ? lineOf(call, notice.type, noticeObject(served, notice)) : frame(served, notice);
    const line = lineOf(call, notice.type, transform.event(noticeObject(served, notice), first));
    first = false;
    return line;
  };
  const mark = (revision: number, initialEventsEnd: boolean): Buffer => {
    const object = bookmark(served, storage.toResourceVersion(revision), initialEventsEnd);
    // Whoever asked for metadata alone cannot read anything else.
    return lineOf(call, 'BOOKMARK', transform ? transform.bookmark(object) : object);
  };
  let seen = start.fromRevision;
  try {
    // The watch is registered before the state is sent, and so misses nothing however long that takes.
    const stream = engine.cache.watch({ fromRevision: start.fromRevision, signal, prefix });
    // A client that does not read would keep what waits for it for ever.
    stream.onEnd(() => (late = engine.clock.setTimeout(() => call.request.abort?.(), engine.endedWatchMilliseconds)));
    await beforeServingMany(served, start.initial);
    const initial = selection.matches ? (await chooseObjects(start.initial, selection, 0)).items : start.initial;
    for (const stored of initial) yield encode({ type: 'ADDED', stored });
    if (start.markEnd) yield mark(start.fromRevision, true);
    for await (const batch of stream.batches()) {
      const out: Buffer[] = [];
      const ahead = beforeTelling(served, batch, selection.matches !== undefined);
      if (ahead) await ahead;
      for (const item of batch) {
        seen = Math.max(seen, revisionOf(item));
        if (item.kind === 'progress') {
          if (options.allowWatchBookmarks) out.push(mark(item.revision, false));
          continue;
        }
        const notice = noticeOf(item.event, selection.matches);
        if (notice) out.push(encode(notice));
      }
      if (out.length > 0) yield out.length === 1 ? out[0]! : Buffer.concat(out);
    }
    if (ended.signal.aborted && options.allowWatchBookmarks) yield mark(seen, false);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    yield lineOf(call, 'ERROR', error.status);
  } finally {
    timer.cancel();
    late?.cancel();
  }
}

function revisionOf(item: WatchItem): number {
  if (item.kind === 'progress') return item.revision;
  return item.event.type === 'put' ? item.event.current.revision : item.event.revision;
}

import { badRequest, expired } from '../../api/apiError.ts';
import type { KubeObject } from '../../api/meta.ts';
import { checkResourceVersion, listOptions } from '../request/options.ts';
import type { ListOptions } from '../request/options.ts';
import { beforeServing } from '../convertObject.ts';
import { beforeServingMany } from './servedMany.ts';
import { toServed } from '../registry.ts';
import { objectKey, resourcePrefix } from '../storage/types.ts';
import type { StoredObject } from '../storage/types.ts';
import type { CollectionMeta } from '../table/transform.ts';
import { transformFor } from '../table/transform.ts';
import type { ApiResponse } from '../types.ts';
import type { Call, Engine } from './call.ts';
import { chooseObjects } from './chooseObjects.ts';
import { continueExpired, decodeContinue, encodeContinue } from './continueToken.ts';
import { listAnswer, listObject } from './listBody.ts';
import { respond } from './respond.ts';
import { parseSelection } from './selection.ts';
import type { Selection } from './selection.ts';

/** What was found, and what its list says of itself. */
export interface Page {
  readonly items: readonly StoredObject[];
  readonly meta: CollectionMeta;
}

/** Answers a GET of a collection. */
export async function list(engine: Engine, call: Call): Promise<ApiResponse> {
  const page = await findPage(engine, call, listOptions(call.request.query, 'list'));
  return encodePage(engine, call, page);
}

/** The objects that a list is about, by the reading rules of `resourceVersion`, `resourceVersionMatch`, `limit` and `continue`. */
export async function findPage(engine: Engine, call: Call, options: ListOptions): Promise<Page> {
  const { served, info } = call;
  const selection = parseSelection(served.definition, options.labelSelector, options.fieldSelector);
  const prefix = resourcePrefix(served.storage, served.definition.namespaced ? info.namespace : '');
  if (options.continueToken !== '') return continued(engine, call, options, selection, prefix);
  const { resourceVersion } = options;
  // Whatever there is, all at once: as from Kubernetes' memory, too.
  if (resourceVersion === '0' && options.limit > 0) return findPage(engine, call, { ...options, limit: 0 });
  if (resourceVersion === '') await engine.cache.consistent(call.signal);
  else if (resourceVersion !== '0') {
    const revision = engine.storage.fromResourceVersion(checkResourceVersion(resourceVersion, 'list'));
    await engine.cache.reached(revision, call.signal);
    // With a limit and no match, Kubernetes reads at exactly this version, as it always did.
    const exact = options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && options.limit > 0);
    if (exact) return atRevision(engine, call, options, selection, prefix, revision, '');
  }
  const single = selection.name === undefined || (served.definition.namespaced && info.namespace === '') ? undefined : selection.name;
  const revision = engine.cache.clock;
  const all = single === undefined ? engine.cache.list(prefix) : present(engine.cache.get(objectKey(served.storage, info.namespace, single)));
  return cut(engine, call, options, selection, prefix, all, revision);
}

function present(stored: StoredObject | undefined): readonly StoredObject[] {
  return stored ? [stored] : [];
}

async function continued(engine: Engine, call: Call, options: ListOptions, selection: Selection, prefix: string): Promise<Page> {
  const token = decodeContinue(options.continueToken);
  if (options.resourceVersion !== '' && options.resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue');
  if (token.inconsistent) {
    await engine.cache.consistent(call.signal);
    return cut(engine, call, options, selection, prefix, behind(engine.cache.list(prefix), prefix + token.after), engine.cache.clock);
  }
  return atRevision(engine, call, options, selection, prefix, engine.storage.fromResourceVersion(token.resourceVersion), token.after);
}

/** From memory where nothing of the kind has changed since, else from etcd's history. */
async function atRevision(engine: Engine, call: Call, options: ListOptions, selection: Selection, prefix: string, revision: number, after: string): Promise<Page> {
  await engine.cache.reached(revision, call.signal);
  const start = after === '' ? '' : prefix + after;
  if (engine.lastChange(call.served) <= revision) return cut(engine, call, options, selection, prefix, behind(engine.cache.list(prefix), start), revision);
  const past = await engine.storage.listAt(prefix, revision);
  if (past === undefined) throw after === '' ? expired('The resourceVersion for the provided list is too old.') : continueExpired(after);
  return cut(engine, call, options, selection, prefix, behind(past, start), revision);
}

/** The part of a sorted list that comes behind a key. */
function behind(items: readonly StoredObject[], key: string): readonly StoredObject[] {
  if (key === '') return items;
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle]!.key <= key) low = middle + 1;
    else high = middle;
  }
  return items.slice(low);
}

async function cut(engine: Engine, call: Call, options: ListOptions, selection: Selection, prefix: string, all: readonly StoredObject[], revision: number): Promise<Page> {
  const resourceVersion = engine.storage.toResourceVersion(revision);
  const { matches } = selection;
  const { limit } = options;
  // Selectors speak of the version that is asked for.
  if (matches && call.served.definition.convert?.ahead) await beforeServingMany(call.served, all);
  const test = matches && !call.served.isStorageVersion ? (object: KubeObject) => matches(toServed(call.served, object)) : matches;
  // From now on it is known whether the pages to come can be cut from memory.
  if (limit > 0) engine.lastChange(call.served);
  if (limit <= 0 && !test) return { items: all, meta: { resourceVersion } };
  const { items, more } = await chooseObjects(all, { matches: test, evidence: selection.evidence }, limit);
  if (!more) return { items, meta: { resourceVersion } };
  const token = encodeContinue({ resourceVersion, after: items.at(-1)!.key.slice(prefix.length) });
  return { items, meta: { resourceVersion, continue: token, ...(test ? {} : { remainingItemCount: all.length - limit }) } };
}

/** A page in the form that was asked for. */
export async function encodePage(engine: Engine, call: Call, { items, meta }: Page): Promise<ApiResponse> {
  const { served, form } = call;
  const transform = transformFor(served, form, call.request.query, engine.clock.now());
  if (!transform && form.format === 'json' && !call.pretty) {
    await beforeServingMany(served, items);
    return listAnswer(served, items, meta);
  }
  await beforeServing(served, items.map(({ object }) => object));
  const objects = items.map(({ object }) => toServed(served, object));
  return respond(200, transform ? transform.many(objects, meta) : listObject(served, objects, meta), form, call.pretty);
}

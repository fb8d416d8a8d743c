import { notFoundError } from '../../api/apiError.ts';
import { checkResourceVersion } from '../request/options.ts';
import { beforeServing } from '../convertObject.ts';
import { toServed } from '../registry.ts';
import type { StoredObject } from '../storage/types.ts';
import { transformFor } from '../table/transform.ts';
import type { ApiResponse } from '../types.ts';
import type { Call, Engine } from './call.ts';
import { keyOf } from './call.ts';
import { bytesFor } from './encodeObject.ts';
import { jsonBytes, respond } from './respond.ts';

/** Answers a GET of one object; subresources that show the object itself (`status` …) are read the same way. */
export async function get(engine: Engine, call: Call): Promise<ApiResponse> {
  return encodeStored(engine, call, 200, await read(engine, call));
}

/** The object of a call, as new as its `resourceVersion` asks; throws `notFoundError` after a live look. */
export async function read(engine: Engine, call: Call): Promise<StoredObject> {
  const resourceVersion = call.request.query.get('resourceVersion') ?? '';
  if (resourceVersion === '') await engine.cache.consistent(call.signal);
  else if (resourceVersion !== '0') await engine.cache.reached(engine.storage.fromResourceVersion(checkResourceVersion(resourceVersion, 'get')), call.signal);
  const key = keyOf(call);
  // After `consistent` memory holds what etcd held; only a read that allows a stale answer can miss an object that exists.
  const stored = engine.cache.get(key) ?? (resourceVersion === '' ? undefined : await engine.storage.get(key));
  if (!stored) throw notFoundError(call.served.resource, call.info.name);
  return stored;
}

/** One stored object in the form that was asked for; the stored bytes themselves wherever they will do. */
export async function encodeStored(engine: Engine, call: Call, status: number, stored: StoredObject): Promise<ApiResponse> {
  const { served, form } = call;
  const isPlain = form.as === '' && form.format === 'json' && !call.pretty;
  // What goes out as it is stored is not even parsed.
  if (isPlain && served.isStorageVersion) return jsonBytes(status, stored.bytes);
  await beforeServing(served, [stored.object]);
  if (isPlain) return jsonBytes(status, bytesFor(served, stored));
  const object = toServed(served, stored.object);
  const transform = transformFor(served, form, call.request.query, engine.clock.now());
  return respond(status, transform ? transform.one(object) : object, form, call.pretty);
}

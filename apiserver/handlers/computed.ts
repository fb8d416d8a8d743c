import { failure } from '../../api/apiError.ts';
import type { Draft, KubeObject } from '../../api/meta.ts';
import { listOptions } from '../request/options.ts';
import { transformFor } from '../table/transform.ts';
import type { ApiResponse, ComputedResource } from '../types.ts';
import type { Call, Engine } from './call.ts';
import { respond } from './respond.ts';
import { parseSelection } from './selection.ts';

/** Answers a GET of an object that nothing stores. */
export async function getComputed(engine: Engine, call: Call, computed: ComputedResource): Promise<ApiResponse> {
  const found = await computed.get(call.info.name);
  // Kubernetes says this with an error that is no Status.
  if (!found) throw failure(500, '', computed.notFound(call.info.name));
  const object = asObject(found);
  const transform = transformFor(call.served, call.form, call.request.query, engine.clock.now());
  return respond(200, transform ? transform.one(object) : object, call.form, call.pretty);
}

/** Answers a GET of a collection that nothing stores; all of it in one page. */
export async function listComputed(engine: Engine, call: Call, computed: ComputedResource): Promise<ApiResponse> {
  const { served, form, request } = call;
  const options = listOptions(request.query, 'list');
  const { matches } = parseSelection(served.definition, options.labelSelector, options.fieldSelector);
  const all = (await computed.list()).map(asObject);
  const objects = matches ? all.filter(matches) : all;
  const transform = transformFor(served, form, request.query, engine.clock.now());
  const value = transform ? transform.many(objects, {}) : { kind: served.listKind, apiVersion: served.apiVersion, metadata: {}, items: objects };
  return respond(200, value, form, call.pretty);
}

/** What was never stored has neither uid nor version; no form of an answer asks for them. */
const asObject = (draft: Draft<KubeObject>): KubeObject => draft as KubeObject;

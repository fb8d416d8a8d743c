import { notFoundError } from '../../api/apiError.ts';
import { writeOptions } from '../request/options.ts';
import type { ApiResponse, VirtualResource } from '../types.ts';
import type { Call, Engine } from './call.ts';
import { keyOf } from './call.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import { decodeRequest, settleNamespace } from './decode.ts';
import { respond } from './respond.ts';

/** Answers a POST that stores nothing of its kind: reviews, and subresources such as `serviceaccounts/token`, whose object must exist. */
export async function createVirtual(engine: Engine, call: Call, virtual: VirtualResource): Promise<ApiResponse> {
  const { info, served, user } = call;
  const options = writeOptions(call.request.query, 'CreateOptions');
  const object = decodeRequest(engine, call, virtual.kind, options.fieldValidation);
  settleNamespace(object, call);
  if (info.name !== '' && !engine.cache.get(keyOf(call)) && !(await engine.storage.get(keyOf(call)))) throw notFoundError(served.resource, info.name);
  const attributes = attributesOf({ operation: 'CREATE', definition: served.definition, namespace: info.namespace, name: info.name, subresource: info.subresource, object, previous: undefined, user, dryRun: options.dryRun, options, signal: call.signal, deadline: call.deadline, warn: call.warn, annotate: call.annotate });
  await admit(engine.admission, attributes);
  await validateAdmission(engine.admission, attributes);
  const answer = await virtual.create({ object, namespace: info.namespace, name: info.name, user, dryRun: options.dryRun, warn: call.warn, annotate: call.annotate });
  return respond(201, answer, call.form, call.pretty);
}

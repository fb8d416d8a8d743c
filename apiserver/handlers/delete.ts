import { conflict, notFoundError } from '../../api/apiError.ts';
import type { V1DeleteOptions, V1Status } from '../../api/generated/types.ts';
import type { KubeObject, ObjectMeta } from '../../api/meta.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { deleteOptions } from '../request/options.ts';
import type { DeleteOptions } from '../request/options.ts';
import type { ServedResource } from '../registry.ts';
import { beforeServing } from '../convertObject.ts';
import { toServed } from '../registry.ts';
import type { StoredObject } from '../storage/types.ts';
import { transformFor } from '../table/transform.ts';
import type { ApiResponse } from '../types.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import type { Call, Engine } from './call.ts';
import { keyOf } from './call.ts';
import { companionOf } from './companion.ts';
import { decodeRequest } from './decode.ts';
import { planDeletion } from './deletion.ts';
import { encodeStored } from './get.ts';
import { modify } from './modify.ts';
import type { Change, Outcome } from './modify.ts';
import { respond } from './respond.ts';

/** Kinds whose deletion answers with the object that is gone; others answer with a `Status` (`ReturnDeletedObject`). */
const RETURNS_OBJECT: ReadonlySet<string> = new Set([
  '/pods', '/services', '/serviceaccounts', '/resourcequotas', '/podtemplates', '/persistentvolumes', '/persistentvolumeclaims', 'policy/podsecuritypolicies', 'storage.k8s.io/storageclasses', 'storage.k8s.io/csinodes', 'storage.k8s.io/volumeattachments', 'storage.k8s.io/csidrivers',
]);

/** Answers a DELETE of one object. */
export async function remove(engine: Engine, call: Call): Promise<ApiResponse> {
  const options = requestOptions(engine, call);
  const outcome = await removeObject(engine, call, call.info.name, options);
  return encodeRemoval(engine, call, outcome, options);
}

const DELETE_OPTIONS = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions', model: 'V1DeleteOptions', isOptions: true };

/** The options of a delete's body, or those of its query. */
export function requestOptions(engine: Engine, call: Call): DeleteOptions {
  const { request } = call;
  if (request.body.length === 0) return deleteOptions(request.query, undefined);
  const body = decodeRequest(engine, call, DELETE_OPTIONS, 'Ignore') as unknown as V1DeleteOptions;
  return deleteOptions(request.query, body);
}

/** Takes one object of the call's resource a step towards its end, or all the way. */
export async function removeObject(engine: Engine, call: Call, name: string, options: DeleteOptions): Promise<Outcome> {
  const { served } = call;
  const target = { key: keyOf(call, name), resource: served.resource, name };
  return modify(engine, target, call.signal, async (current, attempt) => {
    if (!current) throw notFoundError(served.resource, name);
    return decideRemoval(engine, call, name, options, current, attempt);
  });
}

async function decideRemoval(engine: Engine, call: Call, name: string, options: DeleteOptions, current: StoredObject, attempt: number): Promise<Change> {
  const { served, info, user } = call;
  const { definition } = served;
  await beforeServing(served, [current.object]);
  const previous = toServed(served, current.object);
  checkPreconditions(served, name, previous, options);
  const step = planDeletion(definition, current.object, options, engine.clock.now());
  const attributes = attributesOf({
    operation: 'DELETE',
    definition,
    namespace: info.namespace,
    // What is deleted among others is not named.
    name: info.verb === 'deletecollection' ? '' : info.name,
    subresource: '',
    object: undefined,
    previous,
    user,
    dryRun: options.dryRun,
    options,
    signal: call.signal,
    deadline: call.deadline,
    warn: call.warn,
    annotate: call.annotate,
  });
  await admit(engine.admission, attributes);
  const undo = await validateAdmission(engine.admission, attributes);
  const giveBack = undo ? { undo } : {};
  if (step.kind === 'pending' || (step.kind === 'mark' && deepEqual(step.object, current.object))) {
    await undo?.();
    return { kind: 'keep' };
  }
  if (options.dryRun) return { kind: 'pretend', object: step.kind === 'mark' ? step.object : current.object, ...giveBack };
  if (step.kind === 'mark') return { kind: 'put', object: step.object, ...giveBack };
  const along = await companionOf(engine, served, { operation: 'DELETE', object: undefined, previous, dryRun: false, attempt });
  return { kind: 'delete', ...(along ? { along } : {}), ...giveBack };
}

function checkPreconditions(served: ServedResource, name: string, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const fault = preconditionFault(preconditions, metadata);
  // Here Kubernetes names the kind.
  if (fault !== undefined) throw conflict({ group: served.definition.group, resource: served.definition.kind }, name, fault);
}

/** Why an object is not the one that a deletion means; undefined where it is. */
export function preconditionFault(preconditions: DeleteOptions['preconditions'], { uid, resourceVersion }: ObjectMeta): string | undefined {
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    return `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    return `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
  }
  return undefined;
}

async function encodeRemoval(engine: Engine, call: Call, outcome: Outcome, options: DeleteOptions): Promise<ApiResponse> {
  const { served } = call;
  switch (outcome.kind) {
    case 'stored':
      return encodeStored(engine, call, options.orphanDependents === false ? 202 : 200, outcome.stored);
    case 'kept':
      return encodeStored(engine, call, 200, outcome.stored!);
    case 'deleted':
      return returnsObject(served) ? encodeStored(engine, call, 200, outcome.last) : respond(200, deletedStatus(served, outcome.last.object), call.form, call.pretty);
    default: {
      // What would only be marked is shown as it would be.
      if (!returnsObject(served) && outcome.object!.metadata.deletionTimestamp === undefined) return respond(200, deletedStatus(served, outcome.object!), call.form, call.pretty);
      await beforeServing(served, [outcome.object!]);
      const object = toServed(served, outcome.object!);
      const transform = transformFor(served, call.form, call.request.query, engine.clock.now());
      return respond(200, transform ? transform.one(object) : object, call.form, call.pretty);
    }
  }
}

const returnsObject = ({ resource }: ServedResource): boolean => RETURNS_OBJECT.has(`${resource.group}/${resource.resource}`);

function deletedStatus({ resource }: ServedResource, { metadata }: KubeObject): V1Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.resource, uid: metadata.uid },
  };
}

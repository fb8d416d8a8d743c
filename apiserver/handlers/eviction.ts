import { ApiError, badRequest, conflict, failure, forbiddenError, notFoundError } from '../../api/apiError.ts';
import type { V1Eviction, V1Pod, V1PodDisruptionBudget } from '../../api/generated/types.ts';
import { matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';
import { formatTime } from '../../process/clock.ts';
import type { DeleteOptions } from '../request/options.ts';
import { deleteOptions, writeOptions } from '../request/options.ts';
import type { StoredObject } from '../storage/types.ts';
import { objectKey, resourcePrefix } from '../storage/types.ts';
import type { ApiResponse } from '../types.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import type { Call, Engine } from './call.ts';
import { keyOf } from './call.ts';
import { decodeRequest } from './decode.ts';
import { preconditionFault, removeObject } from './delete.ts';
import { budgetAfter, budgetRefusal, disrupted, hasEnded, ignoresBudget, needsNoBudget, STILL_PROCESSED_SECONDS, stillProcessed } from './disruptionBudget.ts';
import { modify } from './modify.ts';
import { respond } from './respond.ts';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction', model: 'V1Eviction', otherVersions: [{ group: 'policy', version: 'v1beta1' }] };
const BUDGETS = { group: 'policy', resource: 'poddisruptionbudgets' };
/** How often a pod may change under an eviction that asks no budget (`EvictionsRetry`). */
const ATTEMPTS = 20;

/** Answers a POST to `pods/NAME/eviction`: the pod is deleted if its disruption budget lets it go; 429 where it does not at present. */
export async function evict(engine: Engine, call: Call): Promise<ApiResponse> {
  const { info, served } = call;
  const options = writeOptions(call.request.query, 'CreateOptions');
  const object = decodeRequest(engine, call, EVICTION, options.fieldValidation);
  const eviction = object as unknown as V1Eviction;
  if (eviction.metadata.name !== info.name) throw badRequest('name in URL does not match name in Eviction object');
  const attributes = attributesOf({ operation: 'CREATE', definition: served.definition, namespace: info.namespace, name: info.name, subresource: 'eviction', object, previous: undefined, user: call.user, dryRun: options.dryRun, options, signal: call.signal, deadline: call.deadline, warn: call.warn, annotate: call.annotate });
  await admit(engine.admission, attributes);
  await validateAdmission(engine.admission, attributes);
  const given = deleteOptions(new URLSearchParams(), eviction.deleteOptions ?? {});
  await evictJudged(engine, call, { ...given, dryRun: given.dryRun || options.dryRun });
  return respond(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, call.form, call.pretty);
}

async function evictJudged(engine: Engine, call: Call, options: DeleteOptions): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const pod = (await engine.storage.get(keyOf(call)))?.object as V1Pod | undefined;
    if (!pod) throw notFoundError(call.served.resource, call.info.name);
    if (!ignoresBudget(pod)) return evictByBudget(engine, call, pod, options);
    // One that has not begun may begin meanwhile, and is then under its budget; what has ended stays ended.
    const mayBegin = !hasEnded(pod) && options.preconditions?.resourceVersion === undefined;
    try {
      return await takeAway(engine, call, mayBegin ? unchanged(options, pod) : options, pod);
    } catch (error) {
      if (!isConflict(error) || options.preconditions?.resourceVersion !== undefined || attempt >= ATTEMPTS) throw error;
    }
  }
}

async function evictByBudget(engine: Engine, call: Call, pod: V1Pod, options: DeleteOptions): Promise<void> {
  const budget = await budgetOf(engine, call, pod);
  if (!budget || !needsNoBudget(pod, budget.object as V1PodDisruptionBudget)) {
    if (budget) await charge(engine, call, pod, budget, options.dryRun);
    return takeAway(engine, call, options, pod);
  }
  try {
    await takeAway(engine, call, unchanged(options, pod), pod);
  } catch (error) {
    // It may have become ready, and would have to be charged for.
    if (!isConflict(error) || options.preconditions?.resourceVersion !== undefined) throw error;
    throw violation(stillProcessed(budget.object.metadata.name), STILL_PROCESSED_SECONDS);
  }
}

/** Marks the pod that was judged, and begins its end. */
async function takeAway(engine: Engine, call: Call, options: DeleteOptions, pod: V1Pod): Promise<void> {
  const resourceVersion = options.dryRun ? options.preconditions?.resourceVersion : await markDisrupted(engine, call, options.preconditions);
  // Not a pod that came in its place. What admission had to say was said of the eviction.
  const preconditions = { uid: options.preconditions?.uid ?? pod.metadata.uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  await removeObject({ ...engine, admission: [] }, call, call.info.name, { ...options, preconditions });
}

/** The options with the state that was judged as a condition. */
function unchanged(options: DeleteOptions, { metadata }: V1Pod): DeleteOptions {
  return { ...options, preconditions: { ...options.preconditions, resourceVersion: metadata.resourceVersion } };
}

const isConflict = (error: unknown): boolean => error instanceof ApiError && error.reason === 'Conflict';

/** The one budget that covers the pod, where there is one. */
async function budgetOf(engine: Engine, call: Call, pod: V1Pod): Promise<StoredObject | undefined> {
  await engine.cache.consistent(call.signal);
  const covering = engine.cache.list(resourcePrefix(BUDGETS, call.info.namespace)).filter(({ object }) => {
    const { spec } = object as V1PodDisruptionBudget;
    return spec?.selector !== undefined && matchesLabels(selectorOf(spec.selector), pod.metadata.labels);
  });
  if (covering.length > 1) {
    throw failure(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  }
  return covering[0];
}

/** Takes one disruption from the budget; throws where it has none left. */
async function charge(engine: Engine, call: Call, pod: V1Pod, budget: StoredObject, dryRun: boolean): Promise<void> {
  const { name } = budget.object.metadata;
  const key = objectKey(BUDGETS, call.info.namespace, name);
  await modify(engine, { key, resource: BUDGETS, name }, call.signal, async (current) => {
    if (!current) return { kind: 'keep' };
    const present = current.object as V1PodDisruptionBudget;
    const refusal = budgetRefusal(present);
    if (refusal?.kind === 'forbidden') throw forbiddenError({ group: 'policy', resource: 'poddisruptionbudget' }, name, refusal.message);
    if (refusal) throw violation(refusal.message, refusal.retryAfterSeconds);
    const object = budgetAfter(present, pod.metadata.name, formatTime(engine.clock.now()));
    return dryRun ? { kind: 'pretend', object } : { kind: 'put', object };
  });
}

function violation(message: string, retryAfterSeconds: number): ApiError {
  return failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}

/** Says on the pod why it goes. Returns its version after that where one was asked for; throws a conflict where it is not the pod, or the state of it, that is meant. */
async function markDisrupted(engine: Engine, call: Call, preconditions: DeleteOptions['preconditions']): Promise<string | undefined> {
  const { resource } = call.served;
  const { name } = call.info;
  const outcome = await modify(engine, { key: keyOf(call), resource, name }, call.signal, async (current) => {
    if (!current) throw notFoundError(resource, name);
    const pod = current.object as V1Pod;
    const fault = preconditionFault(preconditions, pod.metadata);
    // The name of the kind stands where that of the resource should, in Kubernetes as well.
    if (fault !== undefined) throw conflict({ group: '', resource: 'Pod' }, name, fault);
    return { kind: 'put', object: disrupted(pod, formatTime(engine.clock.now())) };
  });
  return preconditions?.resourceVersion === undefined || outcome.kind !== 'stored' ? preconditions?.resourceVersion : outcome.stored.object.metadata.resourceVersion;
}

import type { ApiError } from '../../api/apiError.ts';
import { badRequest, failure, forbiddenError, notFoundError } from '../../api/apiError.ts';
import type { V1Eviction, V1Pod, V1PodDisruptionBudget } from '../../api/generated/types.ts';
import { matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';
import { formatTime } from '../../process/clock.ts';
import { deleteOptions, writeOptions } from '../request/options.ts';
import type { StoredObject } from '../storage/types.ts';
import { objectKey, resourcePrefix } from '../storage/types.ts';
import type { ApiResponse } from '../types.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import type { Call, Engine } from './call.ts';
import { keyOf } from './call.ts';
import { decodeRequest } from './decode.ts';
import { removeObject } from './delete.ts';
import { budgetAfter, budgetRefusal, ignoresBudget, needsNoBudget } from './disruptionBudget.ts';
import { modify } from './modify.ts';
import { respond } from './respond.ts';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction', model: 'V1Eviction', otherVersions: [{ group: 'policy', version: 'v1beta1' }] };
const BUDGETS = { group: 'policy', resource: 'poddisruptionbudgets' };

/** Answers a POST to `pods/NAME/eviction`: the pod is deleted if its disruption budget lets it go; 429 where it does not at present. */
export async function evict(engine: Engine, call: Call): Promise<ApiResponse> {
  const { info, served } = call;
  const options = writeOptions(call.request.query, 'CreateOptions');
  const object = decodeRequest(engine, call, EVICTION, options.fieldValidation);
  const eviction = object as unknown as V1Eviction;
  if (eviction.metadata.name && eviction.metadata.name !== info.name) {
    throw badRequest(`name in URL does not match name in Eviction object: ${info.name} != ${eviction.metadata.name}`);
  }
  const attributes = attributesOf({ operation: 'CREATE', definition: served.definition, namespace: info.namespace, name: info.name, subresource: 'eviction', object, previous: undefined, user: call.user, dryRun: options.dryRun, options, signal: call.signal, warn: call.warn, annotate: call.annotate });
  await admit(engine.admission, attributes);
  await validateAdmission(engine.admission, attributes);
  const given = deleteOptions(new URLSearchParams(), eviction.deleteOptions ?? {});
  const removal = { ...given, dryRun: given.dryRun || options.dryRun };
  const pod = (await engine.storage.get(keyOf(call)))?.object as V1Pod | undefined;
  if (!pod) throw notFoundError(served.resource, info.name);
  if (!ignoresBudget(pod)) {
    const budget = await budgetOf(engine, call, pod);
    if (budget && !needsNoBudget(pod, budget.object as V1PodDisruptionBudget)) await charge(engine, call, pod, budget, removal.dryRun);
    if (!removal.dryRun) await markDisrupted(engine, call, pod);
  }
  // The pod that was judged, not one that came in its place. What admission had to say was said of the eviction.
  await removeObject({ ...engine, admission: [] }, call, info.name, { ...removal, preconditions: { ...removal.preconditions, uid: removal.preconditions?.uid ?? pod.metadata.uid } });
  return respond(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, call.form, call.pretty);
}

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
    if (refusal?.kind === 'forbidden') throw forbiddenError(BUDGETS, name, refusal.message);
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

/** Says on the pod why it goes. */
async function markDisrupted(engine: Engine, call: Call, pod: V1Pod): Promise<void> {
  const { resource } = call.served;
  await modify(engine, { key: keyOf(call), resource, name: call.info.name }, call.signal, async (current) => {
    if (!current || current.object.metadata.uid !== pod.metadata.uid) return { kind: 'keep' };
    const { status, ...rest } = current.object as V1Pod;
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastTransitionTime: formatTime(engine.clock.now()) };
    const others = (status?.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget');
    const object: V1Pod = { ...rest, status: { ...status, conditions: [...others, condition] } };
    return { kind: 'put', object };
  });
}

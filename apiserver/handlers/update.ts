import { conflict, failure, invalidError, notFoundError, OBJECT_MODIFIED } from '../../api/apiError.ts';
import { append, type FieldError } from '../../api/fieldError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { deepEqual, semanticEqual } from '../../api/values/deepEqual.ts';
import { formatTime } from '../../process/clock.ts';
import { fillStoredZeroValues } from '../codec/zeroValues.ts';
import { sameButTimes } from '../fieldManagement/managedFields.ts';
import { authorizeRequest } from '../request/authorizeRequest.ts';
import { notUnsigned, writeOptions } from '../request/options.ts';
import type { WriteOptions } from '../request/options.ts';
import { beforeServing, toStoredSoon } from '../convertObject.ts';
import { isLarge, nextTurn } from '../inTurns.ts';
import { toServed } from '../registry.ts';
import type { StoredObject } from '../storage/types.ts';
import type { ApiResponse } from '../types.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import type { Call, Engine } from './call.ts';
import { keyOf } from './call.ts';
import { checkRules } from './checkRules.ts';
import { companionOf } from './companion.ts';
import { createObject, encodeOutcome } from './create.ts';
import { checkIdentity, decodedAnew, decodeRequest, settleNamespace } from './decode.ts';
import { endsWithUpdate } from './deletion.ts';
import { dropDuplicateOwners } from './duplicateOwners.ts';
import { extraRightFaults } from './extraRights.ts';
import { applies, ownFields, setEntries } from './fieldOwnership.ts';
import { modify } from './modify.ts';
import type { Change, Outcome } from './modify.ts';
import { namespaceFaults } from './namespaceLabel.ts';
import { carryOverMeta, validateObjectMeta, validateObjectMetaUpdate } from '../../api/validation/objectMeta.ts';
import { newFaults } from './ratcheting.ts';
import type { UpdateStrategy } from './updateStrategy.ts';

/** Answers a PUT of an object or of a subresource that shows the whole object. */
export async function update(engine: Engine, call: Call, strategy: UpdateStrategy): Promise<ApiResponse> {
  const options = writeOptions(call.request.query, 'UpdateOptions');
  const { definition } = call.served;
  const decode = decodedAnew((): IncomingObject => {
    const object = decodeRequest(engine, call, definition, options.fieldValidation);
    checkIdentity(object, call);
    definition.setDefaults?.(object);
    dropDuplicateOwners(object.metadata, 'asSent', call.warn);
    return object;
  });
  if (definition.createOnUpdate && strategy.subresource === '' && !engine.cache.get(keyOf(call)) && !(await engine.storage.get(keyOf(call)))) {
    await authorizeCreation(engine, call);
    const object = decode();
    delete object.metadata.resourceVersion;
    return encodeOutcome(engine, call, await createObject(engine, call, object, options, (complete) => ownFields(engine, call, options, { object: complete, previous: undefined, large: isLarge(call.request.body.length) })));
  }
  const wanted = async (previous: KubeObject, large: boolean): Promise<IncomingObject> => {
    const object = decode();
    if (large) await nextTurn();
    await ownFields(engine, call, options, { object, previous, large });
    return object;
  };
  return encodeOutcome(engine, call, await updateObject(engine, call, strategy, options, wanted));
}

/** A PUT or an apply that creates needs the right to create, too. Throws a 403. */
export async function authorizeCreation(engine: Engine, { info, user, signal }: Call): Promise<void> {
  await authorizeRequest(engine.authorizer, { ...info, verb: 'create' }, user, () => engine.cache.consistent(signal));
}

/**
 * Changes an existing object. `wanted` makes, from the state that is found (in the version that is served), the object that the
 * client asks for, with the owners of its fields; it is called anew for each attempt and must return an object of its own. `large`: it gives others their turn between
 * its steps.
 */
export async function updateObject(
  engine: Engine,
  call: Call,
  strategy: UpdateStrategy,
  options: WriteOptions,
  wanted: (previous: KubeObject, large: boolean) => Promise<IncomingObject>,
): Promise<Outcome> {
  const { served, info } = call;
  const target = { key: keyOf(call), resource: served.resource, name: info.name };
  return modify(engine, target, call.signal, async (current, attempt) => {
    if (!current) throw notFoundError(served.resource, info.name);
    const large = isLarge(call.request.body.length + current.bytes.length);
    if (large) await nextTurn();
    await beforeServing(served, [current.object]);
    const previous = toServed(served, current.object);
    if (large) await nextTurn();
    const object = await wanted(previous, large);
    return decideUpdate(engine, call, strategy, options, { current, previous, object, attempt, large });
  });
}

interface Attempt {
  readonly current: StoredObject;
  readonly previous: KubeObject;
  readonly object: IncomingObject;
  readonly attempt: number;
  /** Whether others get their turn between two steps. */
  readonly large: boolean;
}

async function decideUpdate(engine: Engine, call: Call, strategy: UpdateStrategy, options: WriteOptions, { current, previous, object, attempt, large }: Attempt): Promise<Change> {
  const { served, info, user } = call;
  const { definition } = served;
  if (large) await nextTurn();
  checkUid(call, object, previous);
  const attributes = attributesOf({
    operation: 'UPDATE',
    definition,
    namespace: info.namespace,
    name: info.name,
    subresource: info.subresource,
    object,
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
  if (large) await nextTurn();
  checkResourceVersion(call, object, previous);
  // Webhooks may write whatever they like.
  settleNamespace(object, call);
  dropDuplicateOwners(object.metadata, 'afterAdmission', call.warn);
  if (strategy.subresource === '') definition.setDefaults?.(object);
  delete object.metadata.selfLink;
  carryOverMeta(object.metadata, previous.metadata);
  const { managedFields } = object.metadata;
  strategy.prepare(definition, object, previous, formatTime(engine.clock.now()));
  // Some strategies take the metadata as they were; owners change with every way of writing.
  setEntries(object.metadata, managedFields);
  const isMain = strategy.subresource === '';
  const along = isMain ? await companionOf(engine, served, { operation: 'UPDATE', object, previous, dryRun: options.dryRun, attempt }) : undefined;
  if (large) await nextTurn();
  const metaFaults = validateObjectMetaUpdate(object.metadata, previous.metadata);
  // Told twice: Kubernetes looks once for every kind, and once more for this one.
  const errors = [...validateObjectMeta(object.metadata, definition), ...metaFaults, ...metaFaults];
  if (large) await nextTurn();
  append(errors, ownFaults(definition, strategy, object, previous));
  if (large) await nextTurn();
  if (definition.statusRights && strategy.subresource === 'status') errors.unshift(...(await extraRightFaults(engine, call, definition, object, previous)));
  if (definition.namespaceLabelNeed) errors.unshift(...(await namespaceFaults(engine, definition, object, previous)));
  if (definition.evaluateRules) append(errors, await checkRules(definition, object, previous, errors, call.warn));
  if (errors.length > 0) throw invalidError(definition.group, object.kind ?? definition.kind, info.name, errors);
  const warnings = isMain ? definition.warnings?.(object, previous) : strategy.subresource === 'status' ? definition.statusWarnings?.(object) : undefined;
  for (const warning of warnings ?? []) call.warn(warning);
  object.metadata.resourceVersion = previous.metadata.resourceVersion;
  if (large) await nextTurn();
  fillStoredZeroValues(engine.schema, definition, object);
  if (raisesGeneration(definition, isMain, object, previous)) object.metadata.generation = (previous.metadata.generation ?? 0) + 1;
  const undo = await validateAdmission(engine.admission, attributes);
  const giveBack = undo ? { undo } : {};
  const complete = await toStoredSoon(served, object as KubeObject);
  if (large) await nextTurn();
  if (endsWithUpdate(definition, complete)) {
    if (options.dryRun) return { kind: 'pretend', object: complete, ...giveBack };
    // What the object holds ends with it, as if it were deleted by itself.
    const release = await companionOf(engine, served, { operation: 'DELETE', object: undefined, previous, dryRun: false, attempt });
    return { kind: 'delete', shown: complete, ...(release ? { along: release } : {}), ...giveBack };
  }
  // A change of nothing brings what is encrypted under an old key under the present one.
  if (isSameObject(complete, current.object) && (options.dryRun || !(await engine.storage.isStale(current.key)))) {
    await undo?.();
    return { kind: 'keep' };
  }
  if (options.dryRun) return { kind: 'pretend', object: complete, ...giveBack };
  if (large) await nextTurn();
  const leaseSeconds = engine.leaseSeconds(served);
  return { kind: 'put', object: complete, ownersMayGo: !applies(call), ...(leaseSeconds === undefined ? {} : { leaseSeconds }), ...(along ? { along } : {}), ...giveBack };
}

/** Of the kind's own rules; those of custom resources see for themselves to what was so before. */
function ownFaults(definition: ResourceDefinition, strategy: UpdateStrategy, object: IncomingObject, previous: KubeObject): readonly FieldError[] {
  const errors = strategy.validate(definition, object, previous);
  return definition.custom ? errors : newFaults(errors, object, previous, () => strategy.validate(definition, previous, previous));
}

/** As Go prints an unsigned zero. */
const NO_RESOURCE_VERSION: FieldError = { type: 'FieldValueInvalid', field: 'metadata.resourceVersion', message: 'Invalid value: 0: must be specified for an update' };

/** The uid of a sent object is a precondition. */
function checkUid(call: Call, object: IncomingObject, previous: KubeObject): void {
  const { served, info } = call;
  const { uid } = object.metadata;
  // What a patch makes of the uid is for validation.
  if (call.request.method !== 'PATCH' && uid !== undefined && uid !== '' && uid !== previous.metadata.uid) {
    throw conflict(served.resource, info.name, `StorageError: invalid object, Code: 4, Key: ${keyOf(call)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`);
  }
}

/** So is its resourceVersion, at which is looked when mutating admission has been asked. */
function checkResourceVersion({ served, info }: Call, object: IncomingObject, previous: KubeObject): void {
  const { resourceVersion } = object.metadata;
  const isSet = resourceVersion !== undefined && resourceVersion !== '' && !/^0+$/.test(resourceVersion);
  const fault = isSet ? notUnsigned(resourceVersion) : undefined;
  if (fault !== undefined) throw failure(500, '', fault);
  if (!isSet && served.definition.unconditionalUpdate === false) {
    throw invalidError(served.resource.group, served.resource.resource, info.name, [NO_RESOURCE_VERSION]);
  }
  if (isSet && resourceVersion !== previous.metadata.resourceVersion) throw conflict(served.resource, info.name, OBJECT_MODIFIED);
}

/** Whether nothing differs, or nothing but when somebody took fields that they had: that alone is no change. */
function isSameObject(object: KubeObject, stored: KubeObject): boolean {
  const { managedFields } = stored.metadata;
  if (!sameButTimes(object.metadata.managedFields, managedFields)) return false;
  return deepEqual(managedFields === undefined ? object : { ...object, metadata: { ...object.metadata, managedFields } }, stored);
}

/** Whether an update counts the generation on. */
export function raisesGeneration(definition: ResourceDefinition, isMain: boolean, object: IncomingObject, previous: KubeObject): boolean {
  const { hasGeneration, generationCounts } = definition;
  if (!hasGeneration || generationCounts === 'no') return false;
  if (contentChanged(definition, object, previous)) return true;
  return isMain && generationCounts !== undefined && !semanticEqual(object.metadata[generationCounts] ?? {}, previous.metadata[generationCounts] ?? {});
}

/** Whether anything outside metadata and status differs; the status of a custom resource without that subresource is a field as any other. */
function contentChanged({ custom, hasStatus }: ResourceDefinition, object: IncomingObject, previous: KubeObject): boolean {
  const apart = { apiVersion: undefined, kind: undefined, metadata: undefined, ...(custom && !hasStatus ? {} : { status: undefined }) };
  const content = (value: IncomingObject | KubeObject): unknown => ({ ...value, ...apart });
  // What is empty is there in a custom resource; Go's structs do not tell it from what is absent.
  return !(custom ? deepEqual : semanticEqual)(content(object), content(previous));
}

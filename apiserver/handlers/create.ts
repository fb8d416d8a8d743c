import { alreadyExists, ApiError, failure, invalidError } from '../../api/apiError.ts';
import { append } from '../../api/fieldError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { formatTime } from '../../process/clock.ts';
import { fillStoredZeroValues } from '../codec/zeroValues.ts';
import { writeOptions } from '../request/options.ts';
import type { WriteOptions } from '../request/options.ts';
import { beforeServing, toStoredSoon } from '../convertObject.ts';
import { isLarge, nextTurn } from '../inTurns.ts';
import { toServed } from '../registry.ts';
import { objectKey } from '../storage/types.ts';
import type { StoredObject } from '../storage/types.ts';
import { transformFor } from '../table/transform.ts';
import type { ApiResponse } from '../types.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import type { Call, Engine } from './call.ts';
import { checkRules } from './checkRules.ts';
import { companionOf } from './companion.ts';
import { decodeRequest, settleNamespace } from './decode.ts';
import { applies, ownFields } from './fieldOwnership.ts';
import { generateName } from './generateName.ts';
import { dropDuplicateOwners } from './duplicateOwners.ts';
import { encodeStored } from './get.ts';
import { modify } from './modify.ts';
import type { Change, Outcome } from './modify.ts';
import { namespaceFaults } from './namespaceLabel.ts';
import { validateObjectMeta } from '../../api/validation/objectMeta.ts';
import { respond } from './respond.ts';

/** `RetryGenerateName`: how many names are tried. */
const GENERATED_NAMES = 8;

const SYSTEM_FIELDS = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const;

/** Answers a POST to a collection. */
export async function create(engine: Engine, call: Call): Promise<ApiResponse> {
  const options = writeOptions(call.request.query, 'CreateOptions');
  for (let attempt = 1; ; attempt += 1) {
    const large = isLarge(call.request.body.length);
    const object = decodeRequest(engine, call, call.served.definition, options.fieldValidation);
    if (large) await nextTurn();
    settleNamespace(object, call);
    const generated = !object.metadata.name && Boolean(object.metadata.generateName);
    try {
      return await encodeOutcome(engine, call, await createObject(engine, call, object, options, (complete) => ownFields(engine, call, options, { object: complete, previous: undefined, large })));
    } catch (error) {
      const collided = generated && error instanceof ApiError && error.reason === 'AlreadyExists';
      if (!collided || attempt === GENERATED_NAMES) throw error;
    }
  }
}

/**
 * Takes a decoded object through mutation, defaults and validation into the store, where no object of its name may be. `own` writes into it who
 * owns its fields, before admission adds what nobody asked for.
 */
export async function createObject(engine: Engine, call: Call, object: IncomingObject, options: WriteOptions, own: (object: IncomingObject) => Promise<void> | void): Promise<Outcome> {
  const { served, info } = call;
  await mutateForCreate(engine, call, object, options, own);
  const name = object.metadata.name ?? '';
  const key = objectKey(served.storage, served.definition.namespaced ? info.namespace : '', name);
  const target = { key, resource: served.resource, name };
  // The transaction finds out whether the name is free; a dry run has none, and looks first.
  const start = options.dryRun ? undefined : { current: undefined };
  return modify(engine, target, call.signal, (current, attempt) => decideCreate(engine, call, object, options, current, attempt), start);
}

/** Everything that happens to a new object before its name is final. */
async function mutateForCreate(engine: Engine, call: Call, object: IncomingObject, options: WriteOptions, own: (object: IncomingObject) => Promise<void> | void): Promise<void> {
  const { definition } = call.served;
  const { metadata } = object;
  const large = isLarge(call.request.body.length);
  // What is no number is passed over.
  if (/^\d*[1-9]\d*$/.test(metadata.resourceVersion ?? '')) throw failure(500, '', 'resourceVersion should not be set on objects to be created');
  definition.setDefaults?.(object);
  dropDuplicateOwners(metadata, 'asSent', call.warn);
  // Nobody owns what the server alone sets.
  for (const field of SYSTEM_FIELDS) delete metadata[field];
  await own(object);
  if (large) await nextTurn();
  await admit(engine.admission, attributes(call, object, options));
  dropDuplicateOwners(object.metadata, 'afterAdmission', call.warn);
  // Webhooks may write whatever they like.
  settleNamespace(object, call);
  // What admission added (a container, a volume) has defaults, too.
  definition.setDefaults?.(object);
  if (large) await nextTurn();
  metadata.uid = engine.uid();
  metadata.creationTimestamp = formatTime(engine.clock.now());
  for (const field of ['resourceVersion', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'generation'] as const) delete metadata[field];
  if (definition.hasGeneration) metadata.generation = 1;
  if (definition.hasStatus && !definition.statusOnCreate) delete (object as { status?: unknown }).status;
  // Strategies look at the name and the uid (a Job's labels, a Namespace's).
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName, engine.random);
  definition.prepareForCreate?.(object, call.warn);
  definition.recordRequester?.(object, call.user);
}

async function decideCreate(engine: Engine, call: Call, object: IncomingObject, options: WriteOptions, current: StoredObject | undefined, attempt: number): Promise<Change> {
  const { served } = call;
  const { definition } = served;
  const large = isLarge(call.request.body.length);
  const name = object.metadata.name ?? '';
  if (current) throw existsError(served.resource, name, current.object);
  const along = await companionOf(engine, served, { operation: 'CREATE', object, previous: undefined, dryRun: options.dryRun, attempt });
  if (large) await nextTurn();
  const errors = validateObjectMeta(object.metadata, definition);
  if (large) await nextTurn();
  append(errors, definition.validate?.(object) ?? []);
  if (large) await nextTurn();
  append(errors, definition.validateCreate?.(object) ?? []);
  if (large) await nextTurn();
  if (definition.namespaceLabelNeed) errors.unshift(...(await namespaceFaults(engine, definition, object, undefined)));
  if (definition.evaluateRules) append(errors, await checkRules(definition, object, undefined, errors, call.warn));
  if (errors.length > 0) throw invalidError(definition.group, object.kind ?? definition.kind, name, errors);
  for (const warning of definition.warnings?.(object) ?? []) call.warn(warning);
  const undo = await validateAdmission(engine.admission, attributes(call, object, options));
  const giveBack = undo ? { undo } : {};
  if (large) await nextTurn();
  fillStoredZeroValues(engine.schema, definition, object);
  // Complete by now: name, uid and creationTimestamp are set and validated.
  const complete = await toStoredSoon(served, object as KubeObject);
  if (large) await nextTurn();
  if (options.dryRun) return { kind: 'pretend', object: complete, ...giveBack };
  const leaseSeconds = engine.leaseSeconds(served);
  return { kind: 'put', object: complete, ownersMayGo: !applies(call), ...(leaseSeconds === undefined ? {} : { leaseSeconds }), ...(along ? { along } : {}), ...giveBack };
}

function existsError(resource: Call['served']['resource'], name: string, existing: KubeObject): ApiError {
  const error = alreadyExists(resource, name);
  if (existing.metadata.deletionTimestamp === undefined) return error;
  return new ApiError({ ...error.status, message: `object is being deleted: ${error.message}` });
}

function attributes(call: Call, object: IncomingObject, options: WriteOptions): ReturnType<typeof attributesOf> {
  const { served, info, user } = call;
  const name = object.metadata.name ?? '';
  // A new namespace is its own.
  const namespace = info.group === '' && info.resource === 'namespaces' ? name : info.namespace;
  return attributesOf({ operation: 'CREATE', definition: served.definition, namespace, name, subresource: '', object, previous: undefined, user, dryRun: options.dryRun, options, signal: call.signal, deadline: call.deadline, warn: call.warn, annotate: call.annotate });
}

/** The answer of a create or an update: 201 for a new object, else 200. */
export async function encodeOutcome(engine: Engine, call: Call, outcome: Outcome): Promise<ApiResponse> {
  switch (outcome.kind) {
    case 'stored':
      return encodeStored(engine, call, outcome.created ? 201 : 200, outcome.stored);
    case 'kept':
      return encodeStored(engine, call, 200, outcome.stored!);
    case 'deleted':
      return encodeUnstored(engine, call, 200, outcome.shown ?? outcome.last.object);
    default:
      return encodeUnstored(engine, call, outcome.created ? 201 : 200, outcome.object!);
  }
}

/** An object that is not stored so: of a dry run, or one that is gone by now. */
async function encodeUnstored(engine: Engine, call: Call, status: number, stored: KubeObject): Promise<ApiResponse> {
  await beforeServing(call.served, [stored]);
  const object = toServed(call.served, stored);
  const transform = transformFor(call.served, call.form, call.request.query, engine.clock.now());
  return respond(status, transform ? transform.one(object) : object, call.form, call.pretty);
}

import { ApiError, badRequest, conflict, failure } from '../../api/apiError.ts';
import type { V1ManagedFieldsEntry } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { GroupVersionKind } from '../../api/schema/model.ts';
import { deepCopy } from '../../api/values/deepCopy.ts';
import { jsonKind } from '../../api/values/goPrint.ts';
import type { DecodeTarget } from '../codec/decodeBody.ts';
import { BodySyntaxError, hasSurrogates, NumberRangeError, parseJson, parseYamlBody, type ParsedBody } from '../codec/parseBody.ts';
import type { Applied } from '../fieldManagement/applyConfiguration.ts';
import { asMap, type Fields } from '../fieldManagement/fieldType.ts';
import { applyAfterClientSide } from '../fieldManagement/lastApplied.ts';
import { readOwners, writeOwners, type FieldOwner } from '../fieldManagement/managedFields.ts';
import { visible, type Tracking } from '../fieldManagement/tracking.ts';
import { faultsMessage, typeFaults } from '../fieldManagement/validateTyped.ts';
import type { FieldValidation, WriteOptions } from '../request/options.ts';
import { patchOptions } from '../request/options.ts';
import type { ApiResponse } from '../types.ts';
import { atOnce, isLarge, nextTurn } from '../inTurns.ts';
import { withConversions } from './askedConversions.ts';
import type { Call, Engine } from './call.ts';
import { keyOf } from './call.ts';
import { createObject, encodeOutcome } from './create.ts';
import { checkIdentity, decodePlain, warnOf } from './decode.ts';
import { setEntries, trackingOf } from './fieldOwnership.ts';
import type { Outcome } from './modify.ts';
import { authorizeCreation, updateObject } from './update.ts';
import type { UpdateStrategy } from './updateStrategy.ts';

/** How often an object may come and go between a look at it and the write. */
const ATTEMPTS = 5;
const OPENING_BRACE = 0x7b;

/** The kind that is applied to. */
type AppliedKind = Pick<ResourceDefinition, 'group' | 'version' | 'kind' | 'custom'>;

/** What is applied. */
interface Configuration {
  readonly fields: Fields;
  /** Warns of keys that stand in it twice, or throws a 400, as the client asked: once it is known that it can be applied. */
  readonly checkStrictly: () => void;
}

/** Answers a PATCH that applies a configuration (server-side apply): to an object, or, through a subresource, to one that exists. */
export async function apply(engine: Engine, call: Call, strategy: UpdateStrategy): Promise<ApiResponse> {
  const { served, request } = call;
  const options = patchOptions(request.query, true);
  call.record?.patch();
  const configuration = parseConfiguration(call, served.definition, options.fieldValidation);
  const tracking = trackingOf(engine, call);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const creates = strategy.subresource === '' && !engine.cache.get(keyOf(call)) && !(await engine.storage.get(keyOf(call)));
      return encodeOutcome(engine, call, await (creates ? createApplied(engine, call, tracking, options, configuration) : updateApplied(engine, call, strategy, tracking, options, configuration)));
    } catch (error) {
      const wentOrCame = error instanceof ApiError && (error.reason === 'AlreadyExists' || error.reason === 'NotFound') && isAbout(error, call);
      if (!wentOrCame || strategy.subresource !== '' || attempt === ATTEMPTS) throw error;
    }
  }
}

const isAbout = ({ status }: ApiError, { served, info }: Call): boolean => status.details?.kind === served.resource.resource && status.details.name === info.name;

async function createApplied(engine: Engine, call: Call, tracking: Tracking, options: WriteOptions, configuration: Configuration): Promise<Outcome> {
  const { served, info } = call;
  const large = isLarge(call.request.body.length);
  const applied = await withConversions(large, () => applyInSteps(tracking, served.definition, options, undefined, configuration, new Map()));
  const object = decodePlain(engine, call, applied.object ?? configuration.fields, served.definition, 'Ignore');
  if (large) await nextTurn();
  const { uid } = object.metadata;
  if (uid) throw conflict(served.resource, info.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
  checkIdentity(object, call);
  await authorizeCreation(engine, call);
  delete object.metadata.resourceVersion;
  return createObject(engine, call, object, options, ({ metadata }) => setEntries(metadata, writeOwners(applied.owners)));
}

function updateApplied(engine: Engine, call: Call, strategy: UpdateStrategy, tracking: Tracking, options: WriteOptions, configuration: Configuration): Promise<Outcome> {
  const { definition } = call.served;
  return updateObject(engine, call, strategy, options, async (previous, large) => {
    const applied = await withConversions(large, () => applyInSteps(tracking, definition, options, previous, configuration, readOwners(previous.metadata.managedFields)));
    const object = applied.object ? decodePlain(engine, call, applied.object, definition, 'Ignore') : unchanged(previous);
    if (large) await nextTurn();
    checkIdentity(object, call);
    definition.setDefaults?.(object);
    if (large) await nextTurn();
    return owned(object, writeOwners(applied.owners));
  });
}

const unchanged = (previous: KubeObject): IncomingObject => deepCopy(visible(previous, {})) as unknown as IncomingObject;

function owned(object: IncomingObject, entries: V1ManagedFieldsEntry[] | undefined): IncomingObject {
  setEntries(object.metadata, entries);
  return object;
}

/** Applies a configuration to an object of a kind. Throws `ApplyConflictError`, and what is wrong with the configuration itself. */
export function applyTo(...parts: Parameters<typeof applyInSteps>): Applied {
  return atOnce(applyInSteps(...parts));
}

function* applyInSteps(tracking: Tracking, kind: AppliedKind, { fieldManager, force }: WriteOptions, live: KubeObject | undefined, { fields: configuration, checkStrictly }: Configuration, owners: ReadonlyMap<string, FieldOwner>): Generator<void, Applied> {
  const isFirst = owners.size === 0;
  if (isFirst) requireTyped(tracking, kind, live, 'failed to create manager for existing fields: failed to convert new object', ' to smd typed');
  const metadata = asMap(configuration['metadata']);
  if (metadata?.['managedFields'] !== undefined && metadata['managedFields'] !== null) throw badRequest('metadata.managedFields must be nil');
  const faults = typeFaults(tracking.type, configuration);
  if (faults.length > 0) throw notTyped('failed to create typed patch object', metadata, kind, faults);
  yield;
  if (!isFirst) requireTyped(tracking, kind, live, 'failed to create typed live object');
  const applied = yield* applyAfterClientSide(tracking, fieldManager, live as Fields | undefined, configuration, owners, force);
  checkStrictly();
  return applied;
}

/** An object of a custom kind may have been stored under another schema, or be nothing that this one allows: there is no telling then what an apply makes of it. Throws a 500, as upstream does. */
function requireTyped({ type }: Tracking, kind: AppliedKind, live: KubeObject | undefined, failed: string, to = ''): void {
  if (!kind.custom || !live) return;
  const faults = typeFaults(type, live, true);
  if (faults.length > 0) throw notTyped(failed, { ...live.metadata }, kind, faults, to);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const notTyped = (failed: string, metadata: Fields | undefined, kind: GroupVersionKind, faults: readonly string[], to = ''): ApiError =>
  failure(500, '', `${failed} (${textOf(metadata?.['namespace'])}/${textOf(metadata?.['name'])}; ${showKind(kind)})${to}: ${faultsMessage(faults)}`);

/** The body of an apply, which must be of the kind that its path names. Throws a 400. */
export function parseConfiguration(call: Call, target: DecodeTarget, fieldValidation: FieldValidation): Configuration {
  const { value, strictErrors } = parse(call.request.body);
  const configuration = asMap(value);
  if (!configuration) throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`);
  const given = kindOf(configuration);
  if (given.group !== target.group || given.version !== target.version || given.kind !== target.kind) throw badRequest(`invalid object type: ${showKind(given)}`);
  const checkStrictly = (): void => {
    if (strictErrors.length > 0 && fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${strictErrors.join(', ')}`);
    if (fieldValidation === 'Warn') for (const error of strictErrors) warnOf(call, error);
  };
  return { fields: configuration, checkStrictly };
}

/** JSON is YAML, but is read faster as what it is. */
function parse(body: Buffer): ParsedBody {
  try {
    if (body[0] !== OPENING_BRACE) return parseYamlBody(body);
    // YAML has no pairs of them.
    if (body.includes('\\u') && hasSurrogates(body.toString())) throw new BodySyntaxError('yaml: found invalid Unicode character escape code');
    const parsed = parseJson(body);
    return parsed.strictErrors.length > 0 ? parseYamlBody(body) : parsed;
  } catch (error) {
    if (error instanceof BodySyntaxError || error instanceof NumberRangeError) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
    throw error;
  }
}

function kindOf({ apiVersion, kind }: Fields): GroupVersionKind {
  const text = typeof apiVersion === 'string' ? apiVersion : '';
  const slash = text.indexOf('/');
  return { group: slash < 0 ? '' : text.slice(0, slash), version: text.slice(slash + 1), kind: typeof kind === 'string' ? kind : '' };
}

const showKind = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}, Kind=${kind}`;

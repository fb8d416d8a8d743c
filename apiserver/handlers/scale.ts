import { badRequest, conflict, internalError, invalidError, OBJECT_MODIFIED } from '../../api/apiError.ts';
import { invalid } from '../../api/fieldError.ts';
import type { V1ManagedFieldsEntry, V1Scale } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { ageColumn, integerColumn } from '../../api/kinds/columns.ts';
import type { IncomingObject, ScalePaths, TableColumn } from '../../api/resourceDefinition.ts';
import { deepCopy } from '../../api/values/deepCopy.ts';
import { formatSelector, selectorOf, selectorOfMap } from '../../api/values/labelSelector.ts';
import type { Fields } from '../fieldManagement/fieldType.ts';
import { trackUpdate } from '../fieldManagement/trackUpdate.ts';
import { isApply, parsePatch } from '../patch/applyPatch.ts';
import { patchOptions, writeOptions } from '../request/options.ts';
import type { WriteOptions } from '../request/options.ts';
import { beforeServing } from '../convertObject.ts';
import { toServed } from '../registry.ts';
import { transformFor } from '../table/transform.ts';
import type { ApiResponse } from '../types.ts';
import type { Call, Engine } from './call.ts';
import { applyTo, parseConfiguration } from './apply.ts';
import { acceptDecoded, checkIdentity, decodedAnew, decodePlain, decodeRequest } from './decode.ts';
import { managerOfCall, scaleTracking, setEntries, throughScale } from './fieldOwnership.ts';
import { read } from './get.ts';
import type { Outcome } from './modify.ts';
import { respond } from './respond.ts';
import { updateObject } from './update.ts';
import { updateStrategy } from './updateStrategy.ts';
import { ownField, setField } from '../../api/values/ownField.ts';
import { atOnce } from '../inTurns.ts';

const SCALE_COLUMNS = [
  integerColumn<V1Scale>('Desired', { of: 'V1ScaleSpec.replicas' }, ({ spec }) => spec?.replicas ?? 0),
  integerColumn<V1Scale>('Available', { of: 'V1ScaleStatus.replicas' }, ({ status }) => status?.replicas ?? 0),
  ageColumn,
] as readonly TableColumn[];
const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale', model: 'V1Scale' };

/** Answers a GET of `NAME/scale`. */
export async function getScale(engine: Engine, call: Call): Promise<ApiResponse> {
  const stored = await read(engine, call);
  return respondScale(engine, call, stored.object);
}

/** Answers a PUT of `NAME/scale`. */
export async function updateScale(engine: Engine, call: Call): Promise<ApiResponse> {
  const options = writeOptions(call.request.query, 'UpdateOptions');
  const decode = decodedAnew((): V1Scale => {
    const object = decodeRequest(engine, call, SCALE, options.fieldValidation);
    checkIdentity(object, call);
    return object as V1Scale;
  });
  const outcome = await updateObject(engine, call, updateStrategy('')!, options, async (previous) => ownScale(engine, call, options, previous, decode(), true));
  return encodeScale(engine, call, outcome);
}

/** Answers a PATCH of `NAME/scale`: the patch is applied to the scale, not to the object. */
export async function patchScale(engine: Engine, call: Call): Promise<ApiResponse> {
  const { request } = call;
  if (isApply(request.headers['content-type'])) return applyScale(engine, call);
  const options = patchOptions(request.query, false);
  const parsed = parsePatch(engine.schema, request.headers['content-type'], request.body, SCALE, options.fieldValidation, call.served.definition.custom !== undefined);
  call.record?.patch();
  const outcome = await updateObject(engine, call, updateStrategy('')!, options, async (previous) => {
    const wanted = acceptDecoded(call, atOnce(parsed.apply(scaleOf(pathsOf(call), previous))));
    checkIdentity(wanted, call);
    return ownScale(engine, call, options, previous, wanted as V1Scale, false);
  });
  return encodeScale(engine, call, outcome);
}

/** An apply to `NAME/scale`: who applies owns the replicas, of the object as of its scale. */
async function applyScale(engine: Engine, call: Call): Promise<ApiResponse> {
  const options = patchOptions(call.request.query, true);
  call.record?.patch();
  const configuration = parseConfiguration(call, SCALE, options.fieldValidation);
  const tracking = scaleTracking(engine);
  const outcome = await updateObject(engine, call, updateStrategy('')!, options, async (previous) => {
    const scale = scaleOf(pathsOf(call), previous);
    let wanted: V1Scale = scale;
    const entries = throughScale(engine, call, previous, (owners) => {
      const applied = applyTo(tracking, SCALE, options, scale, configuration, owners);
      if (applied.object) wanted = decodePlain(engine, call, applied.object, SCALE, 'Ignore') as V1Scale;
      return applied.owners;
    });
    checkIdentity(wanted, call);
    return owned(scaled(call, previous, wanted, false), entries);
  });
  return encodeScale(engine, call, outcome);
}

/** The object with the replicas of a scale that was put or patched, which its writer owns now where they changed. */
function ownScale(engine: Engine, call: Call, options: WriteOptions, previous: KubeObject, scale: V1Scale, isWhole: boolean): IncomingObject {
  const object = scaled(call, previous, scale, isWhole);
  const fields = (from: KubeObject | IncomingObject): Fields => scaleOf(pathsOf(call), from as KubeObject) as unknown as Fields;
  const manager = managerOfCall(call, options);
  const entries = throughScale(engine, call, previous, (owners) => trackUpdate(scaleTracking(engine), manager, fields(previous), fields(object), owners));
  return owned(object, entries);
}

function owned(object: IncomingObject, entries: V1ManagedFieldsEntry[] | undefined): IncomingObject {
  setEntries(object.metadata, entries);
  return object;
}

function pathsOf(call: Call): ScalePaths {
  const { scale } = call.served.definition;
  if (!scale) throw new Error(`${call.info.resource} have no scale`);
  return scale;
}

/** A custom object need not have the field that its scale is about. */
function checkReplicas(call: Call, object: KubeObject): void {
  const { specReplicas } = pathsOf(call);
  if (call.served.definition.custom && valueAt(object, specReplicas) === undefined) throw internalError(`the spec replicas field ${JSON.stringify(specReplicas)} does not exist`);
}

/** The replicas of a scale; `isWhole` where it was sent as it is to be, and not made of what is there. Custom objects are judged by their own rules. */
function replicasOf({ served, info }: Call, { specReplicas }: ScalePaths, previous: KubeObject, { spec }: V1Scale, isWhole: boolean): number {
  const isUnset = spec?.replicas === undefined && !isWhole && valueAt(previous, specReplicas) === undefined;
  if (served.definition.custom && isUnset) throw badRequest(`the spec replicas field ${JSON.stringify(specReplicas)} cannot be empty`);
  const replicas = spec?.replicas ?? 0;
  if (!served.definition.custom && replicas < 0) throw invalidError('autoscaling', 'Scale', info.name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
  return replicas;
}

/** The object with the replicas of a scale; its resourceVersion and uid are preconditions. */
function scaled(call: Call, previous: KubeObject, scale: V1Scale, isWhole: boolean): IncomingObject {
  const { resourceVersion, uid } = scale.metadata;
  const { served, info } = call;
  const replicas = replicasOf(call, pathsOf(call), previous, scale, isWhole);
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== previous.metadata.resourceVersion) throw conflict(served.resource, info.name, OBJECT_MODIFIED);
  if (uid && uid !== previous.metadata.uid) {
    throw conflict(served.resource, info.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`);
  }
  const object = deepCopy(previous);
  setAt(object, pathsOf(call).specReplicas, replicas);
  return object;
}

function encodeScale(engine: Engine, call: Call, outcome: Outcome): Promise<ApiResponse> {
  const object = outcome.kind === 'stored' || outcome.kind === 'kept' ? outcome.stored?.object : outcome.kind === 'pretended' ? outcome.object : outcome.last.object;
  return respondScale(engine, call, object!);
}

/** As JSON, or as the table that `kubectl get --subresource=scale` shows. */
async function respondScale(engine: Engine, call: Call, object: KubeObject): Promise<ApiResponse> {
  const { served, form, request, pretty } = call;
  await beforeServing(served, [object]);
  const shown = toServed(served, object);
  checkReplicas(call, shown);
  const scale = scaleOf(pathsOf(call), shown);
  const transform = transformFor({ ...served, definition: { ...served.definition, columns: SCALE_COLUMNS } }, form, request.query, engine.clock.now());
  return respond(200, transform ? transform.one(scale) : scale, form, pretty);
}

/** The `autoscaling/v1` Scale of an object. */
export function scaleOf(paths: ScalePaths, object: KubeObject): V1Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, paths.specReplicas);
  const present = valueAt(object, paths.statusReplicas);
  const selector = selectorText(valueAt(object, paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: { replicas: typeof present === 'number' ? present : 0, ...(selector === '' ? {} : { selector }) },
  };
}

/** A selector is a LabelSelector, or a plain map of labels. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (typeof selector !== 'object' || selector === null) return '';
  const isMap = Object.values(selector).every((value) => typeof value === 'string');
  return formatSelector(isMap ? selectorOfMap(selector as Record<string, string>) : selectorOf(selector));
}

const stepsOf = (path: string): string[] => path.split('.').filter((step) => step !== '');

function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = path === '' ? undefined : object;
  for (const step of stepsOf(path)) value = typeof value === 'object' && value !== null ? ownField(value as Record<string, unknown>, step) : undefined;
  return value;
}

/** Sets what is at a dotted path, in place. */
export function setAt(object: KubeObject | IncomingObject, path: string, value: unknown): void {
  const steps = stepsOf(path);
  let target = object as unknown as Record<string, unknown>;
  for (const step of steps.slice(0, -1)) target = stepInto(target, step);
  setField(target, steps.at(-1)!, value);
}

/** What is at a step; where nothing is, an object is put there. */
function stepInto(target: Record<string, unknown>, step: string): Record<string, unknown> {
  const found = ownField(target, step) ?? {};
  setField(target, step, found);
  return found as Record<string, unknown>;
}

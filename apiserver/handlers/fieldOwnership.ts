import type { V1ManagedFieldsEntry } from '../../api/generated/types.ts';
import type { KubeObject, ObjectMetaDraft } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { formatTime } from '../../process/clock.ts';
import { countedFields } from '../fieldManagement/countedFields.ts';
import { definitionType } from '../fieldManagement/definitionType.ts';
import type { FieldSet } from '../fieldManagement/fieldSet.ts';
import type { Fields, FieldType } from '../fieldManagement/fieldType.ts';
import { ownersOfWrite, readOwners, writeOwners, type FieldOwner } from '../fieldManagement/managedFields.ts';
import { managerOf } from '../fieldManagement/managerName.ts';
import { resetFields } from '../fieldManagement/resetFields.ts';
import { dottedPath, fromScaleOwners, toScaleOwners } from '../fieldManagement/scaleOwners.ts';
import { modelType } from '../fieldManagement/schemaTypes.ts';
import type { Tracking } from '../fieldManagement/tracking.ts';
import { trackUpdateInSteps } from '../fieldManagement/trackUpdate.ts';
import { typeFaults } from '../fieldManagement/validateTyped.ts';
import { nextTurn } from '../inTurns.ts';
import { isApply } from '../patch/applyPatch.ts';
import type { WriteOptions } from '../request/options.ts';
import { AskedConversions, withConversions } from './askedConversions.ts';
import type { Call, Engine } from './call.ts';

const reset = new WeakMap<ResourceDefinition, Map<string, FieldSet>>();

/** What field management is told of a call that writes an object, or one of its subresources that show it whole. */
export function trackingOf(engine: Engine, call: Call): Tracking {
  const { served, info } = call;
  const { registry, schema, clock } = engine;
  const conversions = new AskedConversions();
  return {
    type: definitionType(schema, served.definition),
    apiVersion: served.apiVersion,
    subresource: info.subresource,
    ignored: ignoredOf(engine, served.definition, info.subresource),
    counted: countedFields(served.definition, info.subresource),
    now: formatTime(clock.now()),
    typeIn: (apiVersion) => {
      const version = registry.inVersion(served, apiVersion);
      return version && definitionType(schema, version.definition);
    },
    convert: (object, from, to) => {
      const [source, target] = [registry.inVersion(served, from)!, registry.inVersion(served, to)!];
      return conversions.convert(source, target, object);
    },
  };
}

function ignoredOf({ schema }: Engine, definition: ResourceDefinition, subresource: string): FieldSet {
  let sets = reset.get(definition);
  if (!sets) reset.set(definition, (sets = new Map()));
  let set = sets.get(subresource);
  if (!set) sets.set(subresource, (set = resetFields(schema, definition, subresource)));
  return set;
}

/** Whether a call applies a configuration: then who owns what is as much of its purpose as the object itself. */
export const applies = ({ request }: Pick<Call, 'request'>): boolean => request.method === 'PATCH' && isApply(request.headers['content-type']);

/** Who a call counts for. */
export const managerOfCall = ({ request }: Call, { fieldManager }: WriteOptions): string => managerOf(fieldManager, request.headers['user-agent']);

/** An object, or what becomes of one. */
interface Writing {
  readonly object: IncomingObject;
  readonly previous: KubeObject | undefined;
  /** Whether others get their turn between two steps. */
  readonly large: boolean;
}

/**
 * Whether an object is of its kind's type. Others have no owners (upstream's `UpdateNoErrors`): one that was stored under an older schema, or where a part is not that this way of writing
 * drops, before anybody judges it.
 */
const isTyped = (type: FieldType, object: KubeObject | IncomingObject | undefined): boolean => object === undefined || typeFaults(type, object, true).length === 0;

/** Writes into an object, which is complete but for what admission adds, who owns what after this create or update of it. */
export async function ownFields(engine: Engine, call: Call, options: WriteOptions, { object, previous, large }: Writing): Promise<void> {
  const owners = ownersOfWrite(previous?.metadata.managedFields, object.metadata.managedFields, call.info.subresource);
  const tracking = trackingOf(engine, call);
  if (call.served.definition.custom) {
    for (const each of [object, previous]) {
      if (!isTyped(tracking.type, each)) {
        delete object.metadata.managedFields;
        return;
      }
      if (large) await nextTurn();
    }
  }
  const after = await withConversions(large, () => trackUpdateInSteps(tracking, managerOfCall(call, options), previous as Fields | undefined, object, owners));
  if (large) await nextTurn();
  setEntries(object.metadata, writeOwners(after));
}

export function setEntries(metadata: ObjectMetaDraft, entries: V1ManagedFieldsEntry[] | undefined): void {
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries;
}

/** As `trackingOf`, of an object's scale, which has but one version. */
export function scaleTracking(engine: Engine): Tracking {
  const type = modelType(engine.schema, 'V1Scale');
  const apiVersion = 'autoscaling/v1';
  return {
    type,
    apiVersion,
    subresource: 'scale',
    ignored: {},
    now: formatTime(engine.clock.now()),
    typeIn: (version) => (version === apiVersion ? type : undefined),
    convert: (object) => object,
  };
}

/** The owners of an object after its scale's owners went through `change`. */
export function throughScale(engine: Engine, call: Call, previous: KubeObject, change: (owners: Map<string, FieldOwner>) => Map<string, FieldOwner>): V1ManagedFieldsEntry[] | undefined {
  const { served } = call;
  const replicasIn = (apiVersion: string): readonly string[] | undefined => {
    const scale = engine.registry.inVersion(served, apiVersion)?.definition.scale;
    return scale && dottedPath(scale.specReplicas);
  };
  const owners = readOwners(previous.metadata.managedFields);
  return writeOwners(fromScaleOwners(owners, change(toScaleOwners(owners, replicasIn)), served.apiVersion, replicasIn));
}

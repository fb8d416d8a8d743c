import type { V1ManagedFieldsEntry } from '../../../api/generated/types.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { canonicalJson } from '../../../api/values/stableHash.ts';
import { decodeValue } from '../../../apiserver/codec/decodeValue.ts';
import { fillZeroValues } from '../../../apiserver/codec/zeroValues.ts';
import { EMPTY } from '../../../apiserver/fieldManagement/fieldSet.ts';
import type { Fields } from '../../../apiserver/fieldManagement/fieldType.ts';
import { applyAfterClientSide } from '../../../apiserver/fieldManagement/lastApplied.ts';
import { atOnce } from '../../../apiserver/inTurns.ts';
import { type FieldOwner, writeOwners } from '../../../apiserver/fieldManagement/managedFields.ts';
import { modelType } from '../../../apiserver/fieldManagement/schemaTypes.ts';
import type { Tracking } from '../../../apiserver/fieldManagement/tracking.ts';
import { trackUpdate } from '../../../apiserver/fieldManagement/trackUpdate.ts';
import { faultsMessage, typeFaults } from '../../../apiserver/fieldManagement/validateTyped.ts';
import { type Comparison, Differences, faultText } from './comparison.ts';
import { KINDS } from './kinds.ts';
import type { Oracle } from './oracle.ts';
import { RandomFields } from './randomFields.ts';

interface Step {
  readonly op: 'apply' | 'update';
  readonly manager: string;
  readonly force: boolean;
  readonly object: Fields;
}

/** An object between two steps: what it says, who owns what, and why the step was refused. */
interface After {
  readonly object: Fields;
  readonly managedFields?: readonly V1ManagedFieldsEntry[];
  readonly error?: string;
}

const STEPS = 4;

/** Objects that appliers and updaters take turns at: the object, its owners and the conflicts after each step. */
export async function compareOwners(oracle: Oracle, schema: Schema, random: ReturnType<typeof seededRandom>, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const fields = new RandomFields(schema, random);
  for (let round = 0; round < rounds; round += 1) {
    const { apiVersion, kind, model } = fields.pick(KINDS);
    const object = new OwnedObject(schema, apiVersion, kind, model);
    const steps: Step[] = [];
    // Where nobody owns anything, what comes next hangs on how an empty object is made.
    while (steps.length < STEPS && (steps.length === 0 || object.hasOwners)) {
      const fresh = fields.object(model);
      const wanted = object.isNew || fields.chance(0.4) ? fresh : fields.mutated(object.live, fresh);
      const op = object.isNew || fields.chance(0.6) ? 'apply' : 'update';
      const metadata = { ...(wanted['metadata'] as Fields | undefined), ...(object.isNew ? { name: 'x' } : {}) };
      steps.push({ op, manager: fields.pick(op === 'apply' ? ['a', 'b', 'kubectl'] : ['a', 'u']), force: fields.chance(0.3), object: { ...wanted, metadata, apiVersion, kind } });
      const { value, error } = await oracle.ask<readonly After[]>('manage', { apiVersion, kind, steps });
      if (!value) throw new Error(`${kind}: ${error}`);
      object.take(steps.at(-1)!);
      const [ours, theirs] = [object.shown(), shown(value.at(-1)!)];
      found.compare({ kind, steps }, ours, theirs);
      if (object.error !== undefined || ours !== theirs) break;
    }
  }
  return found;
}

class OwnedObject {
  live: Fields;
  error: string | undefined;
  #owners = new Map<string, FieldOwner>();
  readonly #stored: (object: Fields) => Fields;
  readonly #tracking: Tracking;

  constructor(schema: Schema, apiVersion: string, kind: string, model: string) {
    const type = modelType(schema, model);
    this.live = { apiVersion, kind };
    this.#tracking = { type, apiVersion, subresource: '', ignored: EMPTY, now: '2026-01-01T00:00:00Z', typeIn: (version) => (version === apiVersion ? type : undefined), convert: (object) => object };
    this.#stored = (object) => {
      const { value } = decodeValue(schema, schema.model(model), structuredClone(object));
      fillZeroValues(schema, schema.model(model), value);
      return { ...value, apiVersion, kind };
    };
  }

  get isNew(): boolean {
    return this.#owners.size === 0;
  }

  get hasOwners(): boolean {
    return this.#owners.size > 0;
  }

  /** A step that fails changes nothing. */
  take({ op, manager, force, object }: Step): void {
    try {
      if (op === 'update') {
        const after = this.#stored(object);
        this.#owners = trackUpdate(this.#tracking, manager, this.live, structuredClone(after), this.#owners);
        this.live = after;
        return;
      }
      const faults = typeFaults(this.#tracking.type, object);
      if (faults.length > 0) throw new Error(faultsMessage(faults));
      const applied = atOnce(applyAfterClientSide(this.#tracking, manager, this.live, structuredClone(object), this.#owners, force));
      this.#owners = applied.owners;
      this.live = this.#stored(applied.object ?? this.live);
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  shown(): string {
    const managedFields = writeOwners(this.#owners);
    return shown({ object: this.live, ...(managedFields ? { managedFields } : {}), ...(this.error === undefined ? {} : { error: this.error }) });
  }
}

/** Without times; of a failure what is said of the objects, and not how it came about. */
function shown({ object, managedFields = [], error }: After): string {
  if (error !== undefined) return faultText(error.replace(/^failed to create typed [a-z]+ object \(.*?\): /s, ''));
  const { managedFields: _, ...metadata } = (object['metadata'] ?? {}) as Fields;
  const owners = managedFields.map(({ time: __, fieldsType: ___, ...entry }) => canonicalJson(entry)).sort();
  return `${canonicalJson({ ...object, metadata })}\n${owners.join('\n')}`;
}

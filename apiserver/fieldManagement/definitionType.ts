import { isEmbedded, itemsOf, preservesUnknown, propertyOf, valuesOf } from '../../api/customResources/jsonSchema.ts';
import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { UNTYPED_ATOMIC, UNTYPED_DEDUCED, type FieldType, type ListForm, type MapForm, type ScalarForm } from './fieldType.ts';
import { modelType } from './schemaTypes.ts';

const known = new WeakMap<JsonSchema, FieldType>();

/** The field type of a kind: from its model, or from the structural schema of a custom resource. */
export function definitionType(schema: Schema, { model, custom }: Pick<ResourceDefinition, 'model' | 'custom'>): FieldType {
  if (!custom) return modelType(schema, model);
  let type = known.get(custom.schema);
  if (!type) known.set(custom.schema, (type = { map: new ObjectForm(custom.schema, { meta: metaFields(schema), preserves: preservesUnknown(custom.schema) }, true) }));
  return type;
}

type MetaFields = ReadonlyMap<string, FieldType>;

const TEXT: FieldType = { scalar: 'string' };

/** What every object has, whatever its schema says. */
const metaFields = (schema: Schema): MetaFields => new Map([['apiVersion', TEXT], ['kind', TEXT], ['metadata', modelType(schema, 'V1ObjectMeta')]]);

const SCALARS: Readonly<Record<string, ScalarForm>> = { string: 'string', boolean: 'boolean', integer: 'numeric', number: 'numeric' };

interface Surroundings {
  readonly meta: MetaFields;
  /** Whether unknown fields are preserved: what a schema says of itself holds for all below it, too, although they are pruned there. */
  readonly preserves: boolean;
}

function typeOf(schema: JsonSchema, around: Surroundings): FieldType {
  const scalar = schema.type === 'string' && schema.format && schema.format !== 'byte' ? 'untyped' : SCALARS[schema.type ?? ''];
  if (scalar) return { scalar };
  const within = around.preserves || !preservesUnknown(schema) ? around : { ...around, preserves: true };
  if (schema.type === 'array') return { list: new ItemsForm(schema, within) };
  if (schema.type === 'object') return { map: new ObjectForm(schema, within) };
  return schema.properties || itemsOf(schema) || valuesOf(schema) ? { scalar: 'untyped', list: new ItemsForm(schema, within), map: new ObjectForm(schema, within) } : UNTYPED_DEDUCED;
}

/** An object of a structural schema; a resource, also one within another, has the fields `meta` besides. */
class ObjectForm implements MapForm {
  readonly atomic: boolean;
  readonly zeros: MapForm['zeros'] = new Map();
  readonly values?: FieldType;
  readonly #schema: JsonSchema;
  readonly #fields: Map<string, FieldType>;
  readonly #around: Surroundings;

  constructor(schema: JsonSchema, around: Surroundings, isResource = isEmbedded(schema)) {
    this.#around = around;
    this.atomic = schema['x-kubernetes-map-type'] === 'atomic';
    this.#schema = schema;
    this.#fields = new Map(isResource ? around.meta : []);
    const hasFields = isResource || Object.keys(schema.properties ?? {}).length > 0;
    const values = valuesOf(schema);
    if (values) this.values = typeOf(values, around);
    else if (schema.additionalProperties === true || (schema.additionalProperties === undefined && (around.preserves || !hasFields))) this.values = UNTYPED_DEDUCED;
  }

  field(name: string): FieldType | undefined {
    const met = this.#fields.get(name);
    if (met) return met;
    const property = propertyOf(this.#schema, name);
    if (!property) return undefined;
    const type = typeOf(property, this.#around);
    this.#fields.set(name, type);
    return type;
  }
}

class ItemsForm implements ListForm {
  readonly atomic: boolean;
  readonly keys: ListForm['keys'];
  readonly items: FieldType;

  constructor(schema: JsonSchema, around: Surroundings) {
    const listType = schema['x-kubernetes-list-type'];
    const items = itemsOf(schema);
    this.atomic = listType !== 'map' && listType !== 'set';
    this.items = items ? typeOf(items, around) : UNTYPED_ATOMIC;
    this.keys = listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => keyOf(items ?? {}, name)) : [];
  }
}

function keyOf(items: JsonSchema, name: string): ListForm['keys'][number] {
  const property = propertyOf(items, name);
  return property?.default === undefined ? { name } : { name, default: property.default };
}

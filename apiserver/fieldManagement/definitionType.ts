import { isEmbedded, itemsOf, preservesUnknown, propertyOf, valuesOf } from '../../api/customResources/jsonSchema.ts';
import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { UNTYPED_DEDUCED, type FieldType, type ListForm, type MapForm, type ScalarForm } from './fieldType.ts';
import { modelType } from './schemaTypes.ts';

const known = new WeakMap<JsonSchema, FieldType>();

/** The field type of a kind: from its model, or from the structural schema of a custom resource. */
export function definitionType(schema: Schema, { model, custom }: Pick<ResourceDefinition, 'model' | 'custom'>): FieldType {
  if (!custom) return modelType(schema, model);
  let type = known.get(custom.schema);
  if (!type) known.set(custom.schema, (type = { map: new ObjectForm(custom.schema, metaFields(schema), true) }));
  return type;
}

type MetaFields = ReadonlyMap<string, FieldType>;

const TEXT: FieldType = { scalar: 'string' };

/** What every object has, whatever its schema says. */
const metaFields = (schema: Schema): MetaFields => new Map([['apiVersion', TEXT], ['kind', TEXT], ['metadata', modelType(schema, 'V1ObjectMeta')]]);

const SCALARS: Readonly<Record<string, ScalarForm>> = { string: 'string', boolean: 'boolean', integer: 'numeric', number: 'numeric' };

function typeOf(schema: JsonSchema, meta: MetaFields): FieldType {
  const scalar = schema.type === 'string' && schema.format && schema.format !== 'byte' ? 'untyped' : SCALARS[schema.type ?? ''];
  if (scalar) return { scalar };
  if (schema.type === 'array') return { list: new ItemsForm(schema, meta) };
  return schema.type === 'object' ? { map: new ObjectForm(schema, meta) } : UNTYPED_DEDUCED;
}

/** An object of a structural schema; a resource, also one within another, has the fields `meta` besides. */
class ObjectForm implements MapForm {
  readonly atomic: boolean;
  readonly zeros: MapForm['zeros'] = new Map();
  readonly values?: FieldType;
  readonly #schema: JsonSchema;
  readonly #fields: Map<string, FieldType>;
  readonly #meta: MetaFields;

  constructor(schema: JsonSchema, meta: MetaFields, isResource = isEmbedded(schema)) {
    this.#meta = meta;
    this.atomic = schema['x-kubernetes-map-type'] === 'atomic';
    this.#schema = schema;
    this.#fields = new Map(isResource ? meta : []);
    const values = valuesOf(schema);
    if (values) this.values = typeOf(values, meta);
    else if (preservesUnknown(schema) || schema.additionalProperties === true) this.values = UNTYPED_DEDUCED;
  }

  field(name: string): FieldType | undefined {
    const met = this.#fields.get(name);
    if (met) return met;
    const property = propertyOf(this.#schema, name);
    if (!property) return undefined;
    const type = typeOf(property, this.#meta);
    this.#fields.set(name, type);
    return type;
  }
}

class ItemsForm implements ListForm {
  readonly atomic: boolean;
  readonly keys: ListForm['keys'];
  readonly items: FieldType;

  constructor(schema: JsonSchema, meta: MetaFields) {
    const listType = schema['x-kubernetes-list-type'];
    const items = itemsOf(schema) ?? {};
    this.atomic = listType !== 'map' && listType !== 'set';
    this.items = typeOf(items, meta);
    this.keys = listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => keyOf(items, name)) : [];
  }
}

function keyOf(items: JsonSchema, name: string): ListForm['keys'][number] {
  const property = propertyOf(items, name);
  return property?.default === undefined ? { name } : { name, default: property.default };
}

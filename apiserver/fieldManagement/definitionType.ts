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
  if (!type) known.set(custom.schema, (type = { map: new ObjectForm(custom.schema, { meta: metaFields(schema), preserves: false }, true) }));
  return type;
}

type MetaFields = ReadonlyMap<string, FieldType>;

/** What a schema stands in. */
interface Context {
  readonly meta: MetaFields;
  /** An outer schema lets unknown fields be, which for who owns what, other than for what is dropped, counts for all within it. */
  readonly preserves: boolean;
}

const TEXT: FieldType = { scalar: 'string' };

/** What every object has, whatever its schema says. */
const metaFields = (schema: Schema): MetaFields => new Map([['apiVersion', TEXT], ['kind', TEXT], ['metadata', modelType(schema, 'V1ObjectMeta')]]);

const SCALARS: Readonly<Record<string, ScalarForm>> = { string: 'string', boolean: 'boolean', integer: 'numeric', number: 'numeric' };

function typeOf(schema: JsonSchema, context: Context): FieldType {
  const scalar = schema.type === 'string' && schema.format && schema.format !== 'byte' ? 'untyped' : SCALARS[schema.type ?? ''];
  if (scalar) return { scalar };
  if (schema.type === 'array') return { list: new ItemsForm(schema, context) };
  if (schema.type === 'object') return { map: new ObjectForm(schema, context) };
  return { scalar: 'untyped', list: new ItemsForm(schema, context), map: new ObjectForm(schema, context) };
}

/** An object of a structural schema; a resource, also one within another, has the fields `meta` besides. */
class ObjectForm implements MapForm {
  readonly atomic: boolean;
  readonly zeros: MapForm['zeros'] = new Map();
  readonly values?: FieldType;
  readonly #schema: JsonSchema;
  readonly #fields: Map<string, FieldType>;
  readonly #context: Context;

  constructor(schema: JsonSchema, { meta, preserves }: Context, isResource = isEmbedded(schema)) {
    this.#context = { meta, preserves: preserves || preservesUnknown(schema) };
    this.atomic = schema['x-kubernetes-map-type'] === 'atomic';
    this.#schema = schema;
    this.#fields = new Map(isResource ? meta : []);
    const values = this.#valuesType();
    if (values) this.values = values;
  }

  /** One that declares nothing is free, though what is not declared is dropped in the end. */
  #valuesType(): FieldType | undefined {
    const values = valuesOf(this.#schema);
    if (values) return typeOf(values, this.#context);
    const { additionalProperties, properties = {} } = this.#schema;
    const isFree = additionalProperties ?? (this.#context.preserves || (this.#fields.size === 0 && Object.keys(properties).length === 0));
    return isFree === true ? UNTYPED_DEDUCED : undefined;
  }

  field(name: string): FieldType | undefined {
    const met = this.#fields.get(name);
    if (met) return met;
    const property = propertyOf(this.#schema, name);
    if (!property) return undefined;
    const type = typeOf(property, this.#context);
    this.#fields.set(name, type);
    return type;
  }
}

class ItemsForm implements ListForm {
  readonly atomic: boolean;
  readonly keys: ListForm['keys'];
  readonly items: FieldType;

  constructor(schema: JsonSchema, { meta, preserves }: Context) {
    const listType = schema['x-kubernetes-list-type'];
    const items = itemsOf(schema);
    this.atomic = listType !== 'map' && listType !== 'set';
    this.items = items ? typeOf(items, { meta, preserves: preserves || preservesUnknown(schema) }) : UNTYPED_ATOMIC;
    this.keys = listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => keyOf(items ?? {}, name)) : [];
  }
}

function keyOf(items: JsonSchema, name: string): ListForm['keys'][number] {
  const property = propertyOf(items, name);
  return property?.default === undefined ? { name } : { name, default: property.default };
}

import type { ModelSchema, PropertySchema, SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { zeroOf } from '../codec/decodeValue.ts';
import { isPrinted, printedZero } from '../codec/zeroValues.ts';
import { UNTYPED_ATOMIC, type FieldType, type ListForm, type MapForm, type ScalarForm } from './fieldType.ts';

const known = new WeakMap<Schema, Map<string, FieldType>>();

/** The field type of a model of the generated schema; made once, and its fields' types when they are first met. */
export function modelType(schema: Schema, name: string): FieldType {
  let types = known.get(schema);
  if (!types) known.set(schema, (types = new Map()));
  let type = types.get(name);
  if (!type) types.set(name, (type = { map: new ModelForm(schema, schema.model(name)) }));
  return type;
}

const SCALARS: Readonly<Record<string, ScalarForm>> = { string: 'string', bytes: 'string', boolean: 'boolean', integer: 'numeric', number: 'numeric' };

/** A struct; `structType` is what the field that holds it says of it, where it does. */
class ModelForm implements MapForm {
  readonly atomic: boolean;
  readonly #schema: Schema;
  readonly #model: ModelSchema;
  readonly #fields = new Map<string, FieldType>();
  #zeros: ReadonlyMap<string, unknown> | undefined;

  constructor(schema: Schema, model: ModelSchema, structType = model.structType) {
    this.#schema = schema;
    this.#model = model;
    this.atomic = structType === 'atomic';
  }

  get zeros(): ReadonlyMap<string, unknown> {
    this.#zeros ??= new Map(
      Object.entries(this.#model.properties)
        .filter(([, property]) => isPrinted(property))
        .map(([name, property]) => [name, printedZero(property)]),
    );
    return this.#zeros;
  }

  field(name: string): FieldType | undefined {
    const met = this.#fields.get(name);
    if (met) return met;
    const property = Object.hasOwn(this.#model.properties, name) ? this.#model.properties[name] : undefined;
    if (!property) return undefined;
    const type = propertyType(this.#schema, this.#model, property);
    this.#fields.set(name, type);
    return type;
  }
}

function propertyType(schema: Schema, model: ModelSchema, property: PropertySchema): FieldType {
  const { type } = property;
  switch (type.kind) {
    case 'list':
      return { list: new PropertyList(schema, model, property, type.items) };
    case 'map':
      return { map: mapOf(schema, model, type.values, property.mapType === 'atomic') };
    case 'model':
      return property.structType ? { map: new ModelForm(schema, schema.model(type.model), property.structType) } : modelType(schema, type.model);
    default:
      return plainType(schema, model, type);
  }
}

/** A type without the marks that only a property bears. */
function plainType(schema: Schema, model: ModelSchema, type: SchemaType): FieldType {
  switch (type.kind) {
    case 'list':
      return { list: { atomic: true, keys: [], get items(): FieldType { return plainType(schema, model, type.items); } } };
    case 'map':
      return { map: mapOf(schema, model, type.values, false) };
    case 'model':
      return modelType(schema, type.model);
    case 'any':
      return UNTYPED_ATOMIC;
    default:
      return { scalar: SCALARS[type.kind] ?? 'untyped' };
  }
}

function mapOf(schema: Schema, model: ModelSchema, values: SchemaType, atomic: boolean): MapForm {
  return { atomic, field: () => undefined, values: plainType(schema, model, values), zeros: new Map() };
}

class PropertyList implements ListForm {
  readonly atomic: boolean;
  readonly keys: ListForm['keys'];
  readonly #make: () => FieldType;
  #items: FieldType | undefined;

  constructor(schema: Schema, model: ModelSchema, { listType, listMapKeys }: PropertySchema, items: SchemaType) {
    this.atomic = listType !== 'map' && listType !== 'set';
    this.keys = listType === 'map' ? (listMapKeys ?? []).map((name) => keyOf(schema, items, name)) : [];
    this.#make = () => plainType(schema, model, items);
  }

  get items(): FieldType {
    this.#items ??= this.#make();
    return this.#items;
  }
}

/** Kubernetes' published types have a default for each field that is always printed, and so every such key has a value. */
function keyOf(schema: Schema, items: SchemaType, name: string): ListForm['keys'][number] {
  const property = items.kind === 'model' ? schema.model(items.model).properties[name] : undefined;
  if (property && 'default' in property) return { name, default: property.default };
  return property?.empty === 'print' ? { name, default: zeroOf(property.type) } : { name };
}

import type { PropertySchema, SchemaType } from '../schema/model.ts';
import type { Schema } from '../schema/schema.ts';
import { BOOL, BYTES, DOUBLE, DYN, INT, listOf, mapOf, STRING, TIMESTAMP } from './celType.ts';
import { escapeName } from './escape.ts';
import type { CelType, ObjectField, ObjectType } from './types.ts';

const known = new WeakMap<Schema, Map<string, ObjectType>>();

/** The type of a built-in kind or of a part of it, by the name of its model (`V1Pod`); fields are made when they are first asked for, as models refer to themselves. */
export function modelType(schema: Schema, model: string): ObjectType {
  let types = known.get(schema);
  if (!types) known.set(schema, (types = new Map()));
  const found = types.get(model);
  if (found) return found;
  const { definition, properties } = schema.model(model);
  let fields: Map<string, ObjectField> | undefined;
  const type: ObjectType = { kind: 'object', name: definition, field: (name) => (fields ??= fieldsOf(schema, properties)).get(name), maxElements: 0 };
  types.set(model, type);
  return type;
}

function fieldsOf(schema: Schema, properties: Readonly<Record<string, PropertySchema>>): Map<string, ObjectField> {
  const fields = new Map<string, ObjectField>();
  for (const [jsonName, property] of Object.entries(properties)) {
    const name = escapeName(jsonName);
    if (name !== undefined) fields.set(name, { type: typeOf(schema, property.type), jsonName });
  }
  return fields;
}

function typeOf(schema: Schema, type: SchemaType): CelType {
  switch (type.kind) {
    case 'string':
    case 'quantity':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'integer':
      return INT;
    case 'number':
      return DOUBLE;
    case 'time':
    case 'microTime':
      return TIMESTAMP;
    case 'bytes':
      return BYTES;
    case 'list':
      return listOf(typeOf(schema, type.items));
    case 'map':
      return mapOf(STRING, typeOf(schema, type.values));
    case 'model':
      return modelType(schema, type.model);
    default:
      return DYN;
  }
}

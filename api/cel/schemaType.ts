import { isEmbedded, isIntOrString, itemsOf, valuesOf } from '../customResources/jsonSchema.ts';
import type { JsonSchema } from '../customResources/jsonSchema.ts';
import { escapeName } from './escape.ts';
import type { CelType, ObjectField, ObjectType } from './types.ts';

/** Bytes of the largest request, by which what a schema leaves open is bounded. */
export const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const QUOTES = 2;
/** A character may take so many bytes. */
const BYTES_PER_CHARACTER = 4;

const TEXT: JsonSchema = { type: 'string' };
const META: JsonSchema = { type: 'object', properties: { name: TEXT, generateName: TEXT } };

/**
 * The type that a structural schema declares (`SchemaDeclType`), with the bounds that estimates of costs rest on; undefined for what expressions cannot see: values
 * without a type. `isRoot` is true of a resource, embedded ones too, whose type and name are always there. `name` is what messages call an object by.
 */
export function schemaType(schema: JsonSchema, isRoot: boolean, name: string): CelType | undefined {
  if (isIntOrString(schema)) return { kind: 'dyn', maxElements: MAX_REQUEST_BYTES - QUOTES, minSerializedSize: 1 };
  switch (schema.type) {
    case 'array':
      return listType(schema, name);
    case 'object': {
      const values = valuesOf(schema);
      return values && !isRoot ? mapType(schema, values, name) : objectOf(schema, isRoot, name);
    }
    case 'string':
      return textType(schema);
    case 'boolean':
      return { kind: 'bool', maxElements: 0, minSerializedSize: 4 };
    case 'number':
      return { kind: 'double', maxElements: 0, minSerializedSize: 1 };
    case 'integer':
      return { kind: 'int', maxElements: 0, minSerializedSize: 1 };
    default:
      return undefined;
  }
}

function listType(schema: JsonSchema, name: string): CelType | undefined {
  const items = itemsOf(schema);
  const element = items && schemaType(items, isEmbedded(items), `${name}.@idx`);
  if (!element) return undefined;
  const most = Math.floor((MAX_REQUEST_BYTES - 2) / ((element.minSerializedSize ?? 0) + 1));
  const keys = keysOf(schema);
  return { kind: 'list', element, ...(keys ? { keys } : {}), maxElements: bounded(schema.maxItems) ?? most, minSerializedSize: 2 };
}

/** As `CelType` has them: under the names by which expressions call them. */
function keysOf(schema: JsonSchema): readonly string[] | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return [];
  return schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeName(key) ?? key) : undefined;
}

function mapType(schema: JsonSchema, values: JsonSchema, name: string): CelType | undefined {
  const value = schemaType(values, isEmbedded(values), `${name}.@elem`);
  if (!value) return undefined;
  // Two bytes for a key, its quotes, a colon and a comma stand beside each value.
  const most = Math.floor((MAX_REQUEST_BYTES - 2) / ((value.minSerializedSize ?? 0) + 6));
  return { kind: 'map', key: { kind: 'string', maxElements: 0, minSerializedSize: QUOTES }, value, maxElements: bounded(schema.maxProperties) ?? most, minSerializedSize: 2 };
}

const bounded = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.max(0, value));

function objectOf(schema: JsonSchema, isRoot: boolean, name: string): ObjectType {
  const fields = new Map<string, ObjectField>();
  let minSerializedSize = 2;
  const properties: Readonly<Record<string, JsonSchema>> = { ...schema.properties, ...(isRoot ? { apiVersion: TEXT, kind: TEXT, metadata: META } : {}) };
  for (const [jsonName, property] of Object.entries(properties)) {
    const type = schemaType(property, isEmbedded(property), `${name}.${jsonName}`);
    if (!type) continue;
    const escaped = escapeName(jsonName);
    if (escaped !== undefined) fields.set(escaped, { type, jsonName });
    if (schema.required?.includes(jsonName) && property.default === undefined) minSerializedSize += jsonName.length + (type.minSerializedSize ?? 0) + 4;
  }
  return { kind: 'object', name, field: (each) => fields.get(each), maxElements: 0, minSerializedSize };
}

function textType({ format, maxLength, enum: allowed }: JsonSchema): CelType {
  switch (format) {
    case 'byte':
      return { kind: 'bytes', maxElements: bounded(maxLength) ?? MAX_REQUEST_BYTES - QUOTES, minSerializedSize: QUOTES };
    case 'duration':
      return { kind: 'duration', maxElements: 32, minSerializedSize: 4 };
    case 'date':
      return { kind: 'timestamp', maxElements: 12, minSerializedSize: 12 };
    case 'date-time':
      return { kind: 'timestamp', maxElements: 21, minSerializedSize: 21 };
  }
  const longest = maxLength === undefined ? longestOf(allowed) : Math.max(0, maxLength) * BYTES_PER_CHARACTER;
  return { kind: 'string', maxElements: longest, minSerializedSize: QUOTES };
}

/** A text is no longer than the longest that is allowed; where only others are, there is none. */
function longestOf(allowed: unknown): number {
  if (!Array.isArray(allowed) || allowed.length === 0) return MAX_REQUEST_BYTES - QUOTES;
  return allowed.reduce<number>((longest, each) => (typeof each === 'string' ? Math.max(longest, Buffer.byteLength(each)) : longest), 0);
}

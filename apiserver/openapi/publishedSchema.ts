import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import { isEmbedded, isIntOrString, itemsOf, preservesUnknown, valuesOf } from '../../api/customResources/jsonSchema.ts';
import { refTo, type Dialect, type SchemaObject } from './schemaObject.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const CONVENTIONS = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const API_VERSION = { description: `apiVersion defines the versioned schema of this representation of an object. ${CONVENTIONS}#resources`, type: 'string' };
const KIND = { description: `kind is a string value representing the type of this object. In CamelCase. ${CONVENTIONS}#types-kinds`, type: 'string' };

/** A reference to one of the models that all kinds have, with a description: beside a `$ref` OpenAPI v3 allows nothing. */
export function describedRef(model: 'ObjectMeta' | 'ListMeta', description: string, dialect: Dialect): SchemaObject {
  const ref = { $ref: refTo(`${META}.${model}`, dialect) };
  return dialect === 'v2' ? { description, ...ref } : { description, allOf: [ref] };
}

/** The metadata of an object. */
export const metadataSchema = (dialect: Dialect): SchemaObject => describedRef('ObjectMeta', `Standard object's metadata. ${CONVENTIONS}#metadata`, dialect);

/** What is written apart from the rest. */
const APART = new Set(['items', 'properties', 'additionalProperties', 'required']);
/** What is a value, and not said of one: it may be false. */
const VALUES = new Set(['default', 'example']);
/** What only OpenAPI v3 can say, or, of defaults, says. */
const ONLY_V3 = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'default']);

/**
 * A part of a custom resource's schema as a document shows it (upstream's `Unfold`, `ToStructuralOpenAPIV2` and `addEmbeddedProperties`). For v2 it is weakened
 * to what v2, and kubectl's validation by it, can express: little is said of values that may be null or have unknown fields.
 */
export function publishedSchema(schema: JsonSchema, dialect: Dialect): SchemaObject {
  const isV2 = dialect === 'v2';
  const isOpen = isV2 && preservesUnknown(schema);
  const isVague = isOpen || (isV2 && schema.nullable === true);
  const items = isVague ? undefined : itemsOf(schema);
  const properties = isVague ? undefined : schema.properties;
  const isUntyped = isV2 && (schema.nullable === true || (schema.type === 'array' && !items) || (isOpen && schema.type === 'object'));
  const said = Object.entries(unfolded(schema)).filter(([name, value]) => (value !== false || VALUES.has(name)) && !APART.has(name) && !(isV2 && ONLY_V3.has(name)) && !(isUntyped && name === 'type'));
  const required = isV2 ? requiredInV2(schema, properties) : schema.required;
  const { additionalProperties } = schema as { readonly additionalProperties?: unknown };
  const values = valuesOf(schema);
  const published = {
    ...Object.fromEntries(said),
    ...(required?.length ? { required } : {}),
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, publishedSchema(property, dialect)])) } : {}),
    ...(items ? { items: publishedSchema(items, dialect) } : {}),
    ...(values ? { additionalProperties: publishedSchema(values, dialect) } : typeof additionalProperties === 'boolean' ? { additionalProperties } : {}),
  } as SchemaObject;
  return isEmbedded(schema) && !isOpen ? withMetadata(published, dialect) : published;
}

/** What may be null need not be there. */
function requiredInV2({ required, ...schema }: JsonSchema, properties: JsonSchema['properties']): readonly string[] | undefined {
  if (valuesOf(schema)?.nullable === true) return undefined;
  return required?.filter((name) => !(properties && Object.hasOwn(properties, name) && properties[name]!.nullable === true));
}

const EITHER: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }];
const isEither = (schemas: readonly JsonSchema[] | undefined): boolean => schemas?.length === 2 && EITHER.every(({ type }, index) => schemas[index]!.type === type && Object.keys(schemas[index]!).length === 1);

/** With what `x-kubernetes-int-or-string` means said in words that everybody knows. */
function unfolded(schema: JsonSchema): JsonSchema {
  if (!isIntOrString(schema)) return schema;
  const { anyOf, allOf } = schema;
  const first = allOf?.[0];
  if (isEither(anyOf) || (first && Object.keys(first).length === 1 && isEither(first.anyOf))) return schema;
  return anyOf?.length ? { ...schema, allOf: [{ anyOf: [...EITHER] }, ...(allOf ?? [])] } : { ...schema, anyOf: [...EITHER] };
}

/** An object within another has what every object has. */
function withMetadata(schema: SchemaObject, dialect: Dialect): SchemaObject {
  const required = schema.required ?? [];
  return {
    ...schema,
    properties: { ...schema.properties, apiVersion: API_VERSION, kind: KIND, metadata: metadataSchema(dialect) },
    required: [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))],
  };
}

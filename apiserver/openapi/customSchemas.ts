import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import { isIntOrString, itemsOf, preservesUnknown, valuesOf } from '../../api/customResources/jsonSchema.ts';
import type { ServedResource } from '../registry.ts';
import { refTo, type Dialect, type SchemaObject } from './schemaObject.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const API_VERSION = {
  description:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  type: 'string',
};
const KIND = {
  description:
    'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  type: 'string',
};

/** The name of a custom kind's definition: `com.example.stable.v1.CronTab`. */
export function customDefinitionName(kind: { readonly group: string; readonly version: string; readonly kind: string }): string {
  return [...kind.group.split('.').toReversed(), kind.version, kind.kind].join('.');
}

/** What is published of a custom resource: its object and its list, by definition name. */
export function customSchemas({ definition, listKind }: ServedResource, dialect: Dialect): [string, SchemaObject][] {
  const { group, version, kind, custom } = definition;
  const name = customDefinitionName({ group, version, kind });
  const own = publish(custom!.schema, dialect);
  const ref = (model: string): SchemaObject => ({ $ref: refTo(`${META}.${model}`, dialect) });
  const described = (model: string, description: string): SchemaObject => (dialect === 'v2' ? { description, ...ref(model) } : { description, allOf: [ref(model)], default: {} });
  const object: SchemaObject = {
    ...own,
    type: 'object',
    properties: { ...own.properties, apiVersion: API_VERSION, kind: KIND, metadata: described('ObjectMeta', "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata") },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
  const list: SchemaObject = {
    description: `${kind}List is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: API_VERSION,
      kind: KIND,
      items: { description: `List of ${definition.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`, type: 'array', items: { $ref: refTo(name, dialect) } },
      metadata: described('ListMeta', 'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds'),
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
  };
  return [[name, object], [customDefinitionName({ group, version, kind: listKind }), list]];
}

/** What only OpenAPI v3 can say. */
const ONLY_V3 = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'x-kubernetes-validations']);

/**
 * A schema as a document shows it. For v2 it is weakened to what v2, and kubectl's validation by it, can express: a nullable value, one of two types, or one
 * with unknown fields is said nothing of.
 */
function publish(schema: JsonSchema, dialect: Dialect): SchemaObject {
  const { properties, items: _items, additionalProperties: _values, ...rest } = schema as JsonSchema & { additionalProperties?: unknown; items?: unknown };
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const nested: SchemaObject = {
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, publish(property, dialect)])) } : {}),
    ...(items ? { items: publish(items, dialect) } : {}),
    ...(values ? { additionalProperties: publish(values, dialect) } : {}),
  };
  if (dialect === 'v3') {
    const plain = (schema as { additionalProperties?: unknown }).additionalProperties;
    return { ...(rest as SchemaObject), ...(typeof plain === 'boolean' ? { additionalProperties: plain as unknown as SchemaObject } : {}), ...nested };
  }
  const said = Object.fromEntries(Object.entries(rest).filter(([name]) => !ONLY_V3.has(name))) as SchemaObject;
  if (!schema.nullable && !isIntOrString(schema) && !preservesUnknown(schema)) return { ...said, ...nested };
  const { type, ...untyped } = said;
  const keepsType = preservesUnknown(schema) && !schema.nullable && type !== undefined;
  return keepsType ? { ...untyped, type } : untyped;
}


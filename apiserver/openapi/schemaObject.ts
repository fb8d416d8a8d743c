import type { ModelSchema, PropertySchema, SchemaType } from '../../api/schema/model.ts';

/** Which dialect a document is written in. */
export type Dialect = 'v2' | 'v3';

/** A schema object of an OpenAPI document, as far as Kubernetes uses them. */
export interface SchemaObject {
  $ref?: string;
  description?: string;
  type?: string;
  format?: string;
  default?: unknown;
  enum?: readonly string[];
  items?: SchemaObject;
  additionalProperties?: SchemaObject;
  properties?: Record<string, SchemaObject>;
  required?: readonly string[];
  allOf?: readonly SchemaObject[];
  oneOf?: readonly SchemaObject[];
  [extension: `x-${string}`]: unknown;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Definitions of the value types, which have no model of their own. */
export const VALUE_DEFINITIONS = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  time: `${META}.Time`,
  microTime: `${META}.MicroTime`,
  patch: `${META}.Patch`,
} as const;

/** Where references point to. */
export function refTo(definition: string, dialect: Dialect): string {
  return `${dialect === 'v2' ? '#/definitions/' : '#/components/schemas/'}${definition}`;
}

/** The schemas of the value types. */
export function valueSchemas(dialect: Dialect): Record<string, SchemaObject> {
  const isV2 = dialect === 'v2';
  return {
    [VALUE_DEFINITIONS.quantity]: {
      description: 'Quantity is a fixed-point number, written as an integer or decimal with an optional suffix: binary (Ki, Mi, Gi …), decimal (m, k, M, G …) or an exponent.',
      ...(isV2 ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: 'number' }] }),
    },
    [VALUE_DEFINITIONS.intOrString]: {
      description: 'IntOrString holds an int32 or a string; a string is usually a name or a percentage.',
      ...(isV2 ? { type: 'string', format: 'int-or-string' } : { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }),
    },
    [VALUE_DEFINITIONS.time]: { description: 'Time is an RFC 3339 time with a precision of seconds.', type: 'string', format: 'date-time' },
    [VALUE_DEFINITIONS.microTime]: { description: 'MicroTime is an RFC 3339 time with a precision of microseconds.', type: 'string', format: 'date-time' },
    [VALUE_DEFINITIONS.patch]: { description: 'Patch is the body of a PATCH request, in the form that its content type names.', type: 'object' },
  };
}

/** Finds the definition of a model that a property refers to. */
export type DefinitionOf = (model: string) => string;

/** The schema of a model. `descriptions` are its own under `''`, and its properties'. `kinds` are what it is listed under. */
export function modelSchema(model: ModelSchema, descriptions: Readonly<Record<string, string>>, dialect: Dialect, definitionOf: DefinitionOf): SchemaObject {
  const properties: Record<string, SchemaObject> = {};
  for (const [name, property] of Object.entries(model.properties)) properties[name] = propertySchema(property, descriptions[name] ?? '', dialect, definitionOf);
  const required = Object.keys(model.properties).filter((name) => model.properties[name]!.required);
  return {
    description: descriptions[''] ?? '',
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(model.structType ? { 'x-kubernetes-map-type': model.structType } : {}),
    ...(model.groupVersionKind ? { 'x-kubernetes-group-version-kind': [model.groupVersionKind] } : {}),
  };
}

function propertySchema(property: PropertySchema, description: string, dialect: Dialect, definitionOf: DefinitionOf): SchemaObject {
  const type = typeSchema(property.type, dialect, definitionOf);
  const extensions: SchemaObject = {
    ...(property.listMapKeys ? { 'x-kubernetes-list-map-keys': property.listMapKeys } : {}),
    ...(property.listType ? { 'x-kubernetes-list-type': property.listType } : {}),
    ...(property.mapType ?? property.structType ? { 'x-kubernetes-map-type': property.mapType ?? property.structType } : {}),
    ...(property.patchMergeKey ? { 'x-kubernetes-patch-merge-key': property.patchMergeKey } : {}),
    ...(property.patchStrategy ? { 'x-kubernetes-patch-strategy': property.patchStrategy } : {}),
  };
  const values = property.type.kind === 'string' ? property.enum : undefined;
  const text = describeValues(description, values);
  const own: SchemaObject = {
    ...(text === '' ? {} : { description: text }),
    ...(dialect === 'v3' && property.default !== undefined ? { default: property.default } : {}),
    ...(values ? { enum: values } : {}),
    ...extensions,
  };
  if (property.enum && type.items) type.items.enum = property.enum;
  // In OpenAPI 3.0 nothing may stand beside a $ref.
  const wrapped: SchemaObject = dialect === 'v3' && type.$ref !== undefined && Object.keys(own).length > 0 ? { allOf: [type] } : type;
  return { ...own, ...wrapped };
}

/** Kubernetes has the values of an enum in its text, too, for readers that do not know enums (`OpenAPIEnums`). */
function describeValues(description: string, values: readonly string[] | undefined): string {
  if (!values) return description;
  const list = ['Possible enum values:', ...values.map((value) => ` - \`${JSON.stringify(value)}\``)].join('\n');
  return description === '' ? list : `${description}\n\n${list}`;
}

function typeSchema(type: SchemaType, dialect: Dialect, definitionOf: DefinitionOf): SchemaObject {
  switch (type.kind) {
    case 'model':
      return { $ref: refTo(definitionOf(type.model), dialect) };
    case 'list':
      return { type: 'array', items: typeSchema(type.items, dialect, definitionOf) };
    case 'map':
      return { type: 'object', additionalProperties: typeSchema(type.values, dialect, definitionOf) };
    case 'quantity':
    case 'intOrString':
    case 'time':
    case 'microTime':
      return { $ref: refTo(VALUE_DEFINITIONS[type.kind], dialect) };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'any':
      return {};
    default:
      return { type: type.kind, ...(type.format ? { format: type.format } : {}) };
  }
}

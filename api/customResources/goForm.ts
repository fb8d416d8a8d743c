import type { V1CustomResourceDefinitionVersion, V1ValidationRule } from '../generated/types.ts';
import { isRecord } from '../values/isRecord.ts';
import type { JsonSchema } from './jsonSchema.ts';

/**
 * Schemas and versions as errors of upstream show them: as Go writes its internal types, whose fields have no other names than those of Go, and are there when they are
 * empty, too.
 */
type GoForm = Readonly<Record<string, unknown>>;

export function goRule({ rule, message = '', messageExpression = '', reason, fieldPath = '', optionalOldSelf }: V1ValidationRule): GoForm {
  return { Rule: rule, Message: message, MessageExpression: messageExpression, Reason: reason ?? null, FieldPath: fieldPath, OptionalOldSelf: optionalOldSelf ?? null };
}

const list = (schemas: readonly JsonSchema[] | undefined): readonly GoForm[] | null => (schemas === undefined ? null : schemas.map(goSchema));
const one = (schema: unknown): GoForm | null => (isRecord(schema) ? goSchema(schema) : null);

function named<T>(fields: Readonly<Record<string, T>> | undefined, form: (value: T) => unknown): GoForm | null {
  if (fields === undefined) return null;
  return Object.fromEntries(Object.keys(fields).sort().map((name) => [name, form(fields[name]!)]));
}

function schemaOrBool(value: unknown): GoForm | null {
  if (value === undefined) return null;
  return isRecord(value) ? { Allows: true, Schema: one(value) } : { Allows: value === true, Schema: null };
}

function schemaOrList(value: unknown): GoForm | null {
  if (value === undefined) return null;
  return Array.isArray(value) ? { Schema: null, JSONSchemas: list(value as JsonSchema[]) } : { Schema: one(value), JSONSchemas: null };
}

const schemaOrNames = (value: unknown): GoForm => (Array.isArray(value) ? { Schema: null, Property: value as unknown[] } : { Schema: one(value), Property: null });

export function goSchema(schema: JsonSchema): GoForm {
  const { id = '', $schema = '', $ref = null, description = '', type = '', nullable = false, format = '', title = '', externalDocs: docs } = schema;
  return {
    ID: id, Schema: $schema, Ref: $ref, Description: description, Type: type, Nullable: nullable, Format: format, Title: title, Default: (schema.default) ?? null,
    Maximum: schema.maximum ?? null, ExclusiveMaximum: schema.exclusiveMaximum ?? false, Minimum: schema.minimum ?? null, ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: schema.maxLength ?? null, MinLength: schema.minLength ?? null, Pattern: schema.pattern ?? '', MaxItems: schema.maxItems ?? null, MinItems: schema.minItems ?? null,
    UniqueItems: schema.uniqueItems ?? false, MultipleOf: schema.multipleOf ?? null, Enum: schema.enum ?? null, MaxProperties: schema.maxProperties ?? null, MinProperties: schema.minProperties ?? null,
    Required: schema.required ?? null, Items: schemaOrList(schema.items), AllOf: list(schema.allOf), OneOf: list(schema.oneOf), AnyOf: list(schema.anyOf), Not: one(schema.not),
    Properties: named(schema.properties, goSchema), AdditionalProperties: schemaOrBool(schema.additionalProperties), PatternProperties: named(schema.patternProperties, goSchema),
    Dependencies: named(schema.dependencies, schemaOrNames), AdditionalItems: schemaOrBool(schema.additionalItems), Definitions: named(schema.definitions, goSchema),
    ExternalDocs: docs ? { Description: docs.description ?? '', URL: docs.url ?? '' } : null, Example: (schema.example) ?? null,
    XPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? null, XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false, XListMapKeys: schema['x-kubernetes-list-map-keys'] ?? null, XListType: schema['x-kubernetes-list-type'] ?? null,
    XMapType: schema['x-kubernetes-map-type'] ?? null, XValidations: schema['x-kubernetes-validations']?.map(goRule) ?? null,
  };
}

/** Which parts are alike in all versions, and so stand above them in the internal form. */
export interface SharedParts {
  readonly schema: boolean;
  readonly subresources: boolean;
  readonly columns: boolean;
  readonly fields: boolean;
}

export function goVersions(versions: readonly V1CustomResourceDefinitionVersion[], shared: SharedParts): readonly GoForm[] {
  return versions.map(({ name, served, storage, deprecated = false, deprecationWarning, schema, subresources, additionalPrinterColumns: columns, selectableFields }) => {
    const scale = subresources?.scale;
    return {
      Name: name ?? '', Served: served ?? false, Storage: storage ?? false, Deprecated: deprecated, DeprecationWarning: deprecationWarning ?? null,
      Schema: shared.schema || !schema ? null : { OpenAPIV3Schema: one(schema.openAPIV3Schema) },
      Subresources: shared.subresources || !subresources ? null : {
        Status: subresources.status ? {} : null,
        Scale: scale ? { SpecReplicasPath: scale.specReplicasPath, StatusReplicasPath: scale.statusReplicasPath, LabelSelectorPath: scale.labelSelectorPath ?? null } : null,
      },
      AdditionalPrinterColumns: shared.columns || !columns ? null : columns.map((each) => ({ Name: each.name, Type: each.type, Format: each.format ?? '', Description: each.description ?? '', Priority: each.priority ?? 0, JSONPath: each.jsonPath })),
      SelectableFields: shared.fields || !selectableFields ? null : selectableFields.map(({ jsonPath }) => ({ JSONPath: jsonPath })),
    };
  });
}

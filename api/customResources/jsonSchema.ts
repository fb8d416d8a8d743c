import type { V1JSONSchemaProps } from '../generated/types.ts';
import { isRecord } from '../values/isRecord.ts';

/** A schema as a CustomResourceDefinition carries it; it is used as it stands, and never changed. */
export type JsonSchema = V1JSONSchemaProps;

export type Fields = Record<string, unknown>;

/** Fields that every resource has, embedded ones too. */
export const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The schema of a list's items; undefined where there is none. */
export function itemsOf(schema: JsonSchema): JsonSchema | undefined {
  const { items } = schema as { readonly items?: JsonSchema };
  return isRecord(items) ? items : undefined;
}

/** The schema of a map's values; undefined where there is none, or where it says only yes or no. */
export function valuesOf(schema: JsonSchema): JsonSchema | undefined {
  const { additionalProperties } = schema as { readonly additionalProperties?: JsonSchema | boolean };
  return isRecord(additionalProperties) ? additionalProperties : undefined;
}

/** The schema of a named property, its own and not one of Object's. */
export function propertyOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

export const preservesUnknown = (schema: JsonSchema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;
export const isEmbedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;
export const isIntOrString = (schema: JsonSchema): boolean => schema['x-kubernetes-int-or-string'] === true;

/** Whether a value is null where the schema does not allow it. */
export const isForbiddenNull = (value: unknown, schema: JsonSchema | undefined): boolean => value === null && schema !== undefined && schema.nullable !== true;

/** Where an error stands when it has no path of its own: upstream prints an empty path so. */
export const NOWHERE = '<nil>';

/** The field that an error of a path is shown at. */
export function fieldAt(path: string): string {
  const field = path.replace(/^\./, '');
  return field === '' ? NOWHERE : field;
}

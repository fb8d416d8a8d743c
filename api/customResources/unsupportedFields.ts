import { itemsOf, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { JsonSchema } from './jsonSchema.ts';

/** Whether a field of a schema says anything: Go knows no difference between an empty text, `false` and nothing. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}

const UNSUPPORTED = ['id', '$schema', '$ref', 'patternProperties', 'dependencies', 'additionalItems', 'definitions'] as const;

/** Why a schema cannot be made a structural one at all (`NewStructural`); undefined where it can. */
export function unsupportedField(schema: JsonSchema): string | undefined {
  const name = UNSUPPORTED.find((each) => isSet(schema[each]) && !(isRecord(schema[each]) && each !== 'additionalItems' && Object.keys(schema[each]).length === 0));
  if (name !== undefined) return `OpenAPIV3Schema '${name === '$schema' ? 'schema' : name}' is not supported`;
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  if (Array.isArray(schema.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const nested = [schema.not, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), valuesOf(schema), itemsOf(schema), ...Object.values(schema.properties ?? {})];
  for (const each of nested) {
    const fault = each && unsupportedField(each);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

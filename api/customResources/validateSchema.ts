import { forbidden, invalid, notSupported } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { deepEqual } from '../values/deepEqual.ts';
import { isEmbedded, isRecord, itemsOf, META_FIELDS, propertyOf, valuesOf } from './jsonSchema.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { pruneObject } from './prune.ts';
import { validateStructural } from './structural.ts';
import { validateListSchema } from './validateListSchema.ts';
import { validateRules } from './validateRules.ts';
import { validateRuleTexts } from './validateRuleTexts.ts';
import { validateValue } from './validateValue.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

const ROOT_FIELDS = 'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Enum Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const NOT_AT_ROOT: readonly (keyof JsonSchema)[] = ['$schema', '$ref', 'id', 'default', 'allOf', 'anyOf', 'oneOf', 'not', 'additionalProperties', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', 'maxProperties', 'minProperties', 'nullable', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string', 'x-kubernetes-list-map-keys', 'x-kubernetes-list-type', 'x-kubernetes-map-type'];

/** A version's schema (`validateCustomResourceDefinitionValidation`); `path` is that of `openAPIV3Schema`. */
export function validateSchema(schema: JsonSchema, hasStatus: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (hasStatus) {
    if (schema.type && schema.type !== 'object') errors.push(invalid(`${path}.type`, schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'));
    else if (NOT_AT_ROOT.some((name) => schema[name] !== undefined)) errors.push(invalid(path, schema, `only [${ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`));
  }
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  const structural = validateStructural(schema, path);
  errors.push(...structural);
  if (structural.length === 0) errors.push(...validateDefaults(schema, path, true));
  errors.push(...validateNode(schema, { isRoot: true, insideMeta: false, noDefaults: undefined }, path));
  // Of a schema that is faulty itself, what its rules say would only confuse.
  return errors.length > 0 ? errors : validateRules(schema, path);
}

interface Place {
  readonly isRoot: boolean;
  /** Within the metadata of a resource. */
  readonly insideMeta: boolean;
  /** Why there may be no default here. */
  readonly noDefaults: string | undefined;
}

const UNSUPPORTED: readonly (keyof JsonSchema)[] = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

function validateNode(schema: JsonSchema, place: Place, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const inner: Place = { ...place, isRoot: false };
  if (schema.default !== undefined && place.noDefaults !== undefined) errors.push(forbidden(`${path}.default`, `must not be set ${place.noDefaults}`));
  for (const name of UNSUPPORTED) if (schema[name] !== undefined) errors.push(forbidden(`${path}.${name}`, `${name} is not supported`));
  if (schema.type === 'null') errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items)) errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  if (place.insideMeta && isEmbedded(schema)) errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(`${path}.type`, schema.type, TYPES));
  if (schema.uniqueItems) errors.push(forbidden(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  const values = valuesOf(schema);
  if ((values || (schema as { additionalProperties?: unknown }).additionalProperties === false) && Object.keys(schema.properties ?? {}).length > 0) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  }
  if (values) errors.push(...validateNode(values, place.insideMeta ? { ...inner, noDefaults: 'inside additionalProperties applying to object metadata' } : inner, `${path}.additionalProperties`));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = (place.isRoot || isEmbedded(schema)) && META_FIELDS.has(name);
    const at = { ...inner, ...(isMeta ? { insideMeta: true } : {}), ...(isMeta && place.isRoot ? { noDefaults: `in top-level ${name}` } : {}) };
    errors.push(...validateNode(property, at, `${path}.properties[${name}]`));
  }
  if (schema.not) errors.push(...validateNode(schema.not, inner, `${path}.not`));
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [index, each] of (schema[name] ?? []).entries()) errors.push(...validateNode(each, inner, `${path}.${name}[${index}]`));
  }
  const items = itemsOf(schema);
  if (items) errors.push(...validateNode(items, inner, `${path}.items`));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  return [...errors, ...validateListSchema(schema, path), ...validateRuleTexts(schema, path)];
}

/** Defaults must be pruned and valid themselves. */
function validateDefaults(schema: JsonSchema, path: string, isRoot: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.default !== undefined) {
    const value: unknown = schema.default;
    if (isRecord(value) && !deepEqual(prunedDefault(value, schema), value)) errors.push(invalid(`${path}.default`, value, 'must not have unknown fields'));
    errors.push(...validateValue(value, schema, undefined, `${path}.default`));
  }
  const items = itemsOf(schema);
  if (items) errors.push(...validateDefaults(items, `${path}.items`, false));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (isRoot && META_FIELDS.has(name)) continue;
    errors.push(...validateDefaults(property, `${path}.properties[${name}]`, false));
  }
  return errors;
}

/** A default has no type and metadata of its own unless its schema names them. */
function prunedDefault(value: Fields, schema: JsonSchema): Fields {
  const named = isEmbedded(schema) ? value : Object.fromEntries(Object.entries(value).filter(([name]) => !META_FIELDS.has(name) || propertyOf(schema, name) !== undefined || schema.additionalProperties || schema['x-kubernetes-preserve-unknown-fields']));
  return pruneObject(named, schema);
}

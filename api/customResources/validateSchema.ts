import { append, forbidden, invalid, notSupported } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { goSchema } from './goForm.ts';
import { isEmbedded, itemsOf, META_FIELDS, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { validateStructural } from './structural.ts';
import { isSet, unsupportedField } from './unsupportedFields.ts';
import { validateDefaults } from './validateDefaults.ts';
import { validateListSchema } from './validateListSchema.ts';
import { validateRules } from './validateRules.ts';
import { validateRuleTexts } from './validateRuleTexts.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

const ROOT_FIELDS = 'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
/** Where upstream meets them before the type, in the order of Go's fields. */
const NOT_AT_ROOT_FIRST: readonly (keyof JsonSchema)[] = ['id', '$schema', '$ref'];
const NOT_AT_ROOT: readonly (keyof JsonSchema)[] = [
  ...NOT_AT_ROOT_FIRST, 'nullable', 'default', 'enum', 'maxProperties', 'minProperties', 'allOf', 'oneOf', 'anyOf', 'not', 'additionalProperties', 'patternProperties', 'dependencies', 'additionalItems', 'definitions',
  'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string', 'x-kubernetes-list-map-keys', 'x-kubernetes-list-type', 'x-kubernetes-map-type',
];

/** A version's schema (`validateCustomResourceDefinitionValidation`); `path` is that of `openAPIV3Schema`. */
export function validateSchema(schema: JsonSchema, hasStatus: boolean, path: string): FieldError[] {
  const errors = hasStatus ? validateRoot(schema, path) : [];
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  // What a structural schema cannot have at all is told below; of the rest nothing is known then.
  const unsupported = unsupportedField(schema);
  let isSound = false;
  if (unsupported === undefined) {
    const structural = validateStructural(schema, path);
    const faults = structural.length > 0 ? structural : validateDefaults(schema, path);
    append(errors, faults);
    isSound = faults.length === 0;
  }
  const faulty = new Set<JsonSchema>();
  append(errors, validateNode(schema, { isRoot: true, insideMeta: false, noDefaults: undefined }, path, faulty));
  if (unsupported !== undefined && errors.length === 0) errors.push(invalid(path, '', unsupported));
  return isSound ? [...errors, ...validateRules(schema, path, faulty)] : errors;
}

/** What stands beside the properties at the root would be lost for the status when that is validated on its own. */
function validateRoot(schema: JsonSchema, path: string): FieldError[] {
  const fields = NOT_AT_ROOT.filter((name) => isSet(schema[name]));
  const isWrongType = isSet(schema.type) && schema.type !== 'object';
  if (isWrongType && !fields.some((name) => NOT_AT_ROOT_FIRST.includes(name))) {
    return [invalid(`${path}.type`, schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled')];
  }
  return fields.length === 0 ? [] : [invalid(path, goSchema(schema), `only [${ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`)];
}

interface Place {
  readonly isRoot: boolean;
  /** Within the metadata of a resource. */
  readonly insideMeta: boolean;
  /** Why there may be no default here. */
  readonly noDefaults: string | undefined;
}

const UNSUPPORTED: readonly (keyof JsonSchema)[] = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

/** Every node with a fault in it or below it is added to `faulty`. */
function validateNode(schema: JsonSchema, place: Place, path: string, faulty: Set<JsonSchema>): FieldError[] {
  const errors = validateOwn(schema, place, path);
  const inner: Place = { ...place, isRoot: false };
  const visit = (each: unknown, at: string, where = inner): void => {
    if (isRecord(each)) append(errors, validateNode(each, where, at, faulty));
  };
  const additional = (schema as { additionalProperties?: unknown }).additionalProperties;
  if (additional !== undefined && additional !== true && Object.keys(schema.properties ?? {}).length > 0) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  }
  visit(valuesOf(schema), `${path}.additionalProperties`, place.insideMeta ? { ...inner, noDefaults: 'inside additionalProperties applying to object metadata' } : inner);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = (place.isRoot || isEmbedded(schema)) && META_FIELDS.has(name);
    visit(property, `${path}.properties[${name}]`, { ...inner, ...(isMeta ? { insideMeta: true } : {}), ...(isMeta && place.isRoot ? { noDefaults: `in top-level ${name}` } : {}) });
  }
  visit(schema.not, `${path}.not`);
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) for (const [index, each] of (schema[name] ?? []).entries()) visit(each, `${path}.${name}[${index}]`);
  for (const [name, each] of Object.entries(schema.definitions ?? {})) visit(each, `${path}.definitions[${name}]`);
  visit(itemsOf(schema), `${path}.items`);
  if (Array.isArray(schema.items)) for (const [index, each] of (schema.items as unknown[]).entries()) visit(each, `${path}.items[${index}]`);
  for (const [name, each] of Object.entries(schema.dependencies ?? {})) visit(each, `${path}.dependencies[${name}]`);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  append(errors, validateListSchema(schema, path), validateRuleTexts(schema, path));
  if (errors.length > 0) faulty.add(schema);
  return errors;
}

function validateOwn(schema: JsonSchema, place: Place, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(`${path}.type`, schema.type, TYPES));
  if (schema.default !== undefined && place.noDefaults !== undefined) errors.push(forbidden(`${path}.default`, `must not be set ${place.noDefaults}`));
  for (const name of UNSUPPORTED) if (isSet(schema[name])) errors.push(forbidden(`${path}.${name}`, `${name} is not supported`));
  if (schema.type === 'null') errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items)) errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  if (place.insideMeta && isEmbedded(schema)) errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  if (schema.uniqueItems) errors.push(forbidden(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  return errors;
}

import { append, forbidden, invalid, required } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { deepEqual } from '../values/deepEqual.ts';
import { goPattern } from '../patterns/goPattern.ts';
import { PatternError } from '../patterns/patternError.ts';
import { isEmbedded, isIntOrString, itemsOf, preservesUnknown, propertyOf, valuesOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { isSet } from './unsupportedFields.ts';

type Level = 'root' | 'item' | 'field';

const INT_OR_STRING: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }];
const EMPTY_TYPE: Readonly<Record<Level, string>> = { root: 'must not be empty at the root', item: 'must not be empty for specified array items', field: 'must not be empty for specified object fields' };

/** Whether a schema is structural (`ValidateStructural`): every field has its type outside of the logical junctors, which only restrict values. */
export function validateStructural(schema: JsonSchema, path: string): FieldError[] {
  const errors = [...validateNode(schema, 'root', path), ...validateCompleteness(schema, path)];
  return errors.sort((a, b) => (`${a.field}: ${a.message}` < `${b.field}: ${b.message}` ? -1 : 1));
}

function validateNode(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type } = schema;
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const embedded = isEmbedded(schema);
  if (type === 'array' && !items) errors.push(required(`${path}.items`, 'must be specified'));
  if (items) append(errors, validateNode(items, 'item', `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {})) append(errors, validateNode(property, 'field', `${path}.properties[${name}]`));
  const hasAdditional = (schema as { additionalProperties?: unknown }).additionalProperties !== undefined;
  if (hasAdditional) {
    if (level === 'root') errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
    if (values) append(errors, validateNode(values, 'field', `${path}.additionalProperties`));
  }
  if (isIntOrString(schema) && preservesUnknown(schema)) errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, 'must be false if x-kubernetes-int-or-string is true'));
  if (isIntOrString(schema) && embedded) errors.push(invalid(`${path}.x-kubernetes-embedded-resource`, true, 'must be false if x-kubernetes-int-or-string is true'));
  append(errors, validateJunctors(schema, deepEqual(schema.anyOf, INT_OR_STRING), deepEqual(schema.allOf?.[0]?.anyOf, INT_OR_STRING), path));
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type ? invalid(`${path}.type`, type, detail) : required(`${path}.type`, detail));
  } else if (!type && !isIntOrString(schema) && !preservesUnknown(schema)) {
    errors.push(required(`${path}.type`, EMPTY_TYPE[level]));
  }
  if (embedded && hasAdditional) errors.push(forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  if (level === 'root' && type && type !== 'object') errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  append(errors, validateMetaFields(schema, level, path));
  if (embedded && !preservesUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    errors.push(required(`${path}.properties`, 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'));
  }
  return errors;
}

/** A schema may restrict the name, and nothing else, of what every resource has. */
function validateMetaFields(schema: JsonSchema, level: Level, path: string): FieldError[] {
  if (level !== 'root' && !isEmbedded(schema)) return [];
  const errors: FieldError[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(schema, name);
    if (property && property.type !== 'string') errors.push(invalid(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'));
  }
  const metadata = propertyOf(schema, 'metadata');
  if (!metadata) return errors;
  const at = `${path}.properties[metadata]`;
  if (metadata.type !== 'object') errors.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'));
  const { type: _type, default: _default, properties, ...rest } = metadata;
  const others = Object.keys(properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
  if (level === 'root' && (Object.values(rest).some(isSet) || others.length > 0)) {
    errors.push(forbidden(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  }
  return errors;
}

function validateJunctors(schema: JsonSchema, skipAnyOf: boolean, skipFirstAllOf: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!skipAnyOf) for (const [index, each] of (schema.anyOf ?? []).entries()) append(errors, validateNested(each, false, `${path}.anyOf[${index}]`));
  for (const [index, each] of (schema.allOf ?? []).entries()) append(errors, validateNested(each, skipFirstAllOf && index === 0, `${path}.allOf[${index}]`));
  for (const [index, each] of (schema.oneOf ?? []).entries()) append(errors, validateNested(each, false, `${path}.oneOf[${index}]`));
  if (schema.not) append(errors, validateNested(schema.not, false, `${path}.not`));
  if (schema.pattern) {
    try {
      goPattern(schema.pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      errors.push(invalid(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${error.message}`));
    }
  }
  return errors;
}

/** What may not stand under a junctor, with what it must be instead. */
const FORBIDDEN_NESTED: readonly (readonly [field: keyof JsonSchema, detail: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function validateNested(schema: JsonSchema, skipAnyOf: boolean, path: string): FieldError[] {
  const errors = validateJunctors(schema, skipAnyOf, false, path);
  const items = itemsOf(schema);
  if (items) append(errors, validateNested(items, false, `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {})) append(errors, validateNested(property, false, `${path}.properties[${name}]`));
  for (const [field, detail] of FORBIDDEN_NESTED) {
    if (field === 'default' ? schema.default !== undefined : isSet(schema[field])) errors.push(forbidden(`${path}.${field}`, detail));
  }
  if (propertyOf(schema, 'metadata')) errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  return errors;
}

/** Every field that a junctor at the root restricts must be specified outside of it, too; upstream does not ask that of others. */
function validateCompleteness(schema: JsonSchema, path: string): FieldError[] {
  return junctorsOf(schema, path).flatMap(({ nested, at }) => missing(schema, nested, path, at));
}

function junctorsOf(schema: JsonSchema, path: string): { readonly nested: JsonSchema; readonly at: string }[] {
  const lists = (['anyOf', 'allOf', 'oneOf'] as const).flatMap((name) => (schema[name] ?? []).map((nested, index) => ({ nested, at: `${path}.${name}[${index}]` })));
  return schema.not ? [...lists, { nested: schema.not, at: `${path}.not` }] : lists;
}

function missing(schema: JsonSchema, nested: JsonSchema, path: string, at: string): FieldError[] {
  const errors = junctorsOf(nested, at).flatMap((each) => missing(schema, each.nested, path, each.at));
  for (const [name, property] of Object.entries(nested.properties ?? {})) {
    const own = propertyOf(schema, name);
    const field = `${path}.properties[${name}]`;
    if (own) append(errors, missing(own, property, field, `${at}.properties[${name}]`));
    else errors.push(required(field, `because it is defined in ${at}.properties[${name}]`));
  }
  const items = itemsOf(nested);
  if (!items) return errors;
  const own = itemsOf(schema);
  return own ? [...errors, ...missing(own, items, `${path}.items`, `${at}.items`)] : [...errors, required(`${path}.items`, `because it is defined in ${at}.items`)];
}

import { invalid, required } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { validateDns1035Label, validateLabelValue, validateQualifiedName } from '../validation/names.ts';
import { isEmbedded, isRecord, itemsOf, propertyOf, valuesOf } from './jsonSchema.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';

/** Calls `visit` for every resource embedded in a value, with its path. */
export function forEachEmbedded(value: unknown, schema: JsonSchema, visit: (resource: Fields, path: string) => void, path = ''): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items) for (const [index, item] of value.entries()) forEachEmbedded(item, items, visit, `${path}[${index}]`);
    return;
  }
  if (!isRecord(value)) return;
  if (path !== '' && isEmbedded(schema)) visit(value, path);
  for (const name of Object.keys(value)) {
    const inner = propertyOf(schema, name) ?? valuesOf(schema);
    if (inner) forEachEmbedded(value[name], inner, visit, path === '' ? name : `${path}.${name}`);
  }
}

const embedding = new WeakMap<JsonSchema, boolean>();

/** Whether a schema has embedded resources below its root. */
export function hasEmbedded(schema: JsonSchema): boolean {
  let known = embedding.get(schema);
  if (known === undefined) {
    known = [itemsOf(schema), valuesOf(schema), ...Object.values(schema.properties ?? {})].some((each) => each !== undefined && (isEmbedded(each) || hasEmbedded(each)));
    embedding.set(schema, known);
  }
  return known;
}

/** What every embedded resource must have: its type, and metadata that could be an object's. */
export function validateEmbedded(object: Fields, schema: JsonSchema): FieldError[] {
  const errors: FieldError[] = [];
  if (hasEmbedded(schema)) forEachEmbedded(object, schema, (resource, path) => void errors.push(...validateResource(resource, path)));
  return errors;
}

function validateResource({ apiVersion, kind, metadata }: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!apiVersion) errors.push(required(`${path}.apiVersion`, 'must not be empty'));
  else if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) errors.push(invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  if (!kind) errors.push(required(`${path}.kind`, 'must not be empty'));
  else if (typeof kind === 'string') {
    const messages = validateDns1035Label(kind.toLowerCase());
    if (messages.length > 0) errors.push(invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`));
  }
  return isRecord(metadata) ? [...errors, ...validateTexts(metadata, `${path}.metadata`)] : errors;
}

function validateTexts({ labels, annotations }: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(isRecord(labels) ? labels : {})) {
    errors.push(...validateQualifiedName(key).map((message) => invalid(`${path}.labels`, key, message)));
    if (typeof value === 'string') errors.push(...validateLabelValue(value).map((message) => invalid(`${path}.labels`, value, message)));
  }
  for (const key of Object.keys(isRecord(annotations) ? annotations : {})) errors.push(...validateQualifiedName(key.toLowerCase()).map((message) => invalid(`${path}.annotations`, key, message)));
  return errors;
}

import { append, invalid, required } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import type { ObjectMetaDraft } from '../meta.ts';
import { validateDns1035Label, validatePathSegmentName } from '../validation/names.ts';
import { validateObjectMeta } from '../validation/objectMeta.ts';
import { isEmbedded, itemsOf, propertyOf, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
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
    const property = propertyOf(schema, name);
    const inner = property ?? valuesOf(schema);
    if (inner) forEachEmbedded(value[name], inner, visit, property ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`);
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

/** What every embedded resource must have: its type, and metadata that could be an object's (`objectmeta.Validate`). */
export function validateEmbedded(object: Fields, schema: JsonSchema): FieldError[] {
  const errors: FieldError[] = [];
  if (hasEmbedded(schema)) forEachEmbedded(object, schema, (resource, path) => append(errors, validateResource(resource, path)));
  return errors;
}

/** One resource, without those within it. */
export function validateResource(resource: Fields, path: string): FieldError[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const { metadata } = resource;
  const errors = [...validateText(resource['apiVersion'], at('apiVersion'), versionFaults), ...validateText(resource['kind'], at('kind'), kindFaults)];
  if (!isRecord(metadata)) return errors;
  // It needs no name; where it has a namespace, that must be one.
  const meta: ObjectMetaDraft = { ...metadata, name: (metadata['name'] as string | undefined) || 'fakename' };
  const faults = validateObjectMeta(meta, { group: 'apiextensions.k8s.io', namespaced: Boolean(meta.namespace), validateName: validatePathSegmentName });
  return [...errors, ...faults.map((fault) => ({ ...fault, field: at(fault.field) }))];
}

function validateText(value: unknown, field: string, faultsOf: (text: string) => readonly string[]): FieldError[] {
  if (value === undefined) return [required(field)];
  if (value === '') return [invalid(field, value, 'must not be empty')];
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  return faultsOf(value).map((message) => invalid(field, value, message));
}

const versionFaults = (text: string): string[] => (text.split('/').length > 2 ? [`unexpected GroupVersion string: ${text}`] : []);

function kindFaults(text: string): string[] {
  const messages = validateDns1035Label(text.toLowerCase());
  return messages.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${messages.join(',')}`];
}

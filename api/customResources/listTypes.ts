import { duplicate } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { isRecord, itemsOf, mapKeyOf, propertyOf, valuesOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';

/** Duplicates in lists that are sets, or maps by their keys (`x-kubernetes-list-type`), at any depth. */
export function validateListTypes(value: unknown, schema: JsonSchema, path = ''): FieldError[] {
  if (Array.isArray(value)) return validateList(value, schema, path);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const inner = propertyOf(schema, name);
    const at = inner ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    const type = inner ?? valuesOf(schema);
    return type && typeof each === 'object' ? validateListTypes(each, type, at) : [];
  });
}

function validateList(list: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set' || type === 'map') {
    const seen = new Set<string>();
    for (const [index, item] of list.entries()) {
      const identity = type === 'set' ? item : mapKeyOf(schema, item);
      const text = canonical(identity);
      if (seen.has(text)) errors.push(duplicate(`${path}[${index}]`, identity));
      seen.add(text);
    }
  }
  const items = itemsOf(schema);
  return items ? [...errors, ...list.flatMap((item, index) => validateListTypes(item, items, `${path}[${index}]`))] : errors;
}

/** The same text for the same value, in whatever order its fields stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (isRecord(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each)) ?? '';
}

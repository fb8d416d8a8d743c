import { duplicate, invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { itemsOf, propertyOf, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { setField } from '../values/ownField.ts';
import { canonicalJson } from '../values/stableHash.ts';

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
  const items = itemsOf(schema);
  return [...validateOwn(list, schema, path), ...(items ? list.flatMap((item, index) => validateListTypes(item, items, `${path}[${index}]`)) : [])];
}

function validateOwn(list: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return duplicates(list, path, canonicalJson, (item) => item);
    case 'map': {
      const wrong = list.findIndex((item) => item !== null && !isRecord(item));
      if (wrong >= 0) return [invalid(`${path}[${wrong}]`, list[wrong], 'must be an object for an array of list-type map')];
      const names = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
      return duplicates(list, path, (item) => keyText(item, names), (item) => keyOf(item, names));
    }
    default:
      return [];
  }
}

/** What tells an item from others; by now its defaults are set. */
function keyOf(item: unknown, names: readonly string[]): Fields {
  const key: Fields = {};
  if (isRecord(item)) for (const name of names) if (Object.hasOwn(item, name)) setField(key, name, item[name]);
  return key;
}

/** The same as text; most items are the only ones of theirs. */
function keyText(item: unknown, names: readonly string[]): string {
  return names.map((name) => (isRecord(item) && Object.hasOwn(item, name) ? canonicalJson(item[name]) : '')).join(',');
}

/** Each item that is there more than once is told of, by what tells it from others, where it comes the second time. */
function duplicates(list: readonly unknown[], path: string, textOf: (item: unknown) => string, shown: (item: unknown) => unknown): FieldError[] {
  const times = new Map<string, number>();
  return list.flatMap((item, index) => {
    const text = textOf(item);
    const seen = times.get(text) ?? 0;
    times.set(text, seen + 1);
    return seen === 1 ? [duplicate(`${path}[${index}]`, shown(item))] : [];
  });
}

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
      return duplicates(list, path);
    case 'map': {
      const wrong = list.findIndex((item) => item !== null && !isRecord(item));
      if (wrong >= 0) return [invalid(`${path}[${wrong}]`, list[wrong], 'must be an object for an array of list-type map')];
      const names = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
      return duplicates(list.map((item) => keyOf(item, names)), path);
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

/** Each value that is there more than once is told of where it comes the second time. */
function duplicates(values: readonly unknown[], path: string): FieldError[] {
  const times = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonicalJson(value);
    const seen = times.get(text) ?? 0;
    times.set(text, seen + 1);
    return seen === 1 ? [duplicate(`${path}[${index}]`, value)] : [];
  });
}

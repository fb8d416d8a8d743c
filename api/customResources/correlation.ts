import { deepEqual } from '../values/deepEqual.ts';
import { itemsOf, propertyOf, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { JsonSchema } from './jsonSchema.ts';

/**
 * Whether an update leaves a value as it was, as far as its schema can tell (upstream's `CorrelatedObject`): a `map` list whatever its order, and no object with a
 * field that the schema does not describe, as the whole with its metadata.
 */
export function isUnchanged(value: unknown, old: unknown, schema: JsonSchema): boolean {
  if (Array.isArray(value)) {
    if (!Array.isArray(old) || value.length !== old.length) return false;
    const items = itemsOf(schema);
    const former = formerItems(old, schema);
    if (!former || !items) return deepEqual(value, old);
    return value.every((item: unknown) => isRecord(item) && isUnchanged(item, former(item), items));
  }
  if (!isRecord(value)) return value === old;
  if (!isRecord(old)) return false;
  const names = Object.keys(value);
  return names.length === Object.keys(old).length && names.every((name) => {
    const inner = schemaInside(schema, name);
    return inner !== undefined && Object.hasOwn(old, name) && isUnchanged(value[name], old[name], inner);
  });
}

/** The schema of an object's field or of a map's value; undefined where there is none. */
export const schemaInside = (schema: JsonSchema, name: string): JsonSchema | undefined => propertyOf(schema, name) ?? valuesOf(schema);

/** Finds what an item of a list was before: by its keys in a `map` list, the first of several; undefined for other lists, whose items have no former selves. */
export function formerItems(old: unknown, schema: JsonSchema): ((item: unknown) => unknown) | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const items = new Map<string, unknown>();
  for (const item of old) {
    const key = keyOf(item, keys);
    if (key !== undefined && !items.has(key)) items.set(key, item);
  }
  return (item) => {
    const key = keyOf(item, keys);
    return key === undefined ? undefined : items.get(key);
  };
}

/** Undefined where one of the keys is missing. */
function keyOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isRecord(item)) return undefined;
  const values = keys.map((key) => (Object.hasOwn(item, key) ? item[key] : undefined));
  return values.includes(undefined) || values.includes(null) ? undefined : JSON.stringify(values);
}

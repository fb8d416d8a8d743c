import { deepCopy } from '../values/deepCopy.ts';
import { isForbiddenNull, itemsOf, propertyOf, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { setField } from '../values/ownField.ts';

const withDefaults = new WeakMap<JsonSchema, boolean>();

/** Whether a schema sets a default anywhere, or can drop a null: others need no walk. Remembered by schema. */
export function hasDefaults(schema: JsonSchema): boolean {
  let known = withDefaults.get(schema);
  if (known === undefined) {
    known = schema.default !== undefined || [itemsOf(schema), valuesOf(schema), ...Object.values(schema.properties ?? {})].some((each) => each !== undefined && hasDefaults(each));
    withDefaults.set(schema, known);
  }
  return known;
}

const own = new WeakMap<JsonSchema, readonly (readonly [name: string, schema: JsonSchema])[]>();

/** The properties of a schema that have a default; remembered, as every object of the kind is looked at for them. */
function defaultsOf(schema: JsonSchema): readonly (readonly [name: string, schema: JsonSchema])[] {
  let found = own.get(schema);
  if (!found) own.set(schema, (found = Object.entries(schema.properties ?? {}).filter(([, property]) => property.default !== undefined)));
  return found;
}

/**
 * A value with the defaults of its schema; the value itself where nothing is missing. A null where none is allowed gives way to the default, and where
 * there is no default either, the field is dropped, but where nulls stay.
 */
export function applyDefaults<T>(value: T, schema: JsonSchema, nulls: 'drop' | 'keep' = 'drop'): T {
  return fill(value, schema, nulls === 'drop') as T;
}

function fill(value: unknown, schema: JsonSchema, dropsNulls: boolean): unknown {
  if (Array.isArray(value)) return fillItems(value, itemsOf(schema), dropsNulls);
  return isRecord(value) ? fillFields(value, schema, dropsNulls) : value;
}

function fillItems(list: readonly unknown[], items: JsonSchema | undefined, dropsNulls: boolean): readonly unknown[] {
  if (!items) return list;
  let result: unknown[] | undefined;
  for (const [index, item] of list.entries()) {
    const start = isForbiddenNull(item, items) && items.default !== undefined ? deepCopy(items.default) : item;
    const filled = fill(start, items, dropsNulls);
    if (filled !== item) (result ??= [...list])[index] = filled;
  }
  return result ?? list;
}

function fillFields(fields: Fields, schema: JsonSchema, dropsNulls: boolean): Fields {
  let result: Fields | undefined;
  for (const [name, property] of defaultsOf(schema)) {
    if (Object.hasOwn(fields, name) && !isForbiddenNull(fields[name], property)) continue;
    setField(result ??= { ...fields }, name, deepCopy(property.default));
  }
  const values = valuesOf(schema);
  for (const name of Object.keys(result ?? fields)) {
    const value = (result ?? fields)[name];
    // Scalars, which are most, hold nothing to fill.
    if (typeof value !== 'object') continue;
    const inner = propertyOf(schema, name) ?? values;
    if (!inner) continue;
    if (isForbiddenNull(value, inner)) {
      if (inner.default !== undefined) setField(result ??= { ...fields }, name, fill(deepCopy(inner.default), inner, dropsNulls));
      else if (dropsNulls) delete (result ??= { ...fields })[name];
      continue;
    }
    const filled = fill(value, inner, dropsNulls);
    if (filled !== value) setField(result ??= { ...fields }, name, filled);
  }
  return result ?? fields;
}

import { isEmbedded, itemsOf, META_FIELDS, preservesUnknown, propertyOf, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { setField } from '../values/ownField.ts';

/**
 * An object without the fields that its schema does not have; the object itself where there are none. Names of what was dropped are added to `dropped`
 * (`spec.list[0].foo`). Metadata and type are let alone.
 */
export function pruneObject(object: Fields, schema: JsonSchema, dropped?: string[]): Fields {
  return pruneFields(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', dropped, preservesUnknown(schema));
}

/** A default without the fields that its schema does not have; only that of a resource has type and metadata which the schema does not name. */
export const pruneDefault = (value: unknown, schema: JsonSchema, isResource: boolean): unknown =>
  (isResource && isRecord(value) ? pruneObject(value, schema) : pruneValue(value, schema, '', undefined));

/** Within lists of a part that keeps what is unknown (`isKept`), items keep it, too, whatever their own schema says. */
function pruneValue(value: unknown, schema: JsonSchema | undefined, path: string, dropped: string[] | undefined, isKept = false): unknown {
  const keeps = isKept || (schema !== undefined && preservesUnknown(schema));
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema);
    if (keeps && !items) return value;
    let result: unknown[] | undefined;
    for (const [index, item] of value.entries()) {
      const pruned = pruneValue(item, items, dropped ? `${path}[${index}]` : '', dropped, keeps);
      if (pruned !== item) (result ??= [...(value as unknown[])])[index] = pruned;
    }
    return result ?? value;
  }
  return isRecord(value) ? pruneFields(value, schema, path, dropped, keeps) : value;
}

function pruneFields(fields: Fields, schema: JsonSchema | undefined, path: string, dropped: string[] | undefined, keeps: boolean): Fields {
  let result: Fields | undefined;
  const embedded = schema !== undefined && isEmbedded(schema);
  for (const name of Object.keys(fields)) {
    if (embedded && META_FIELDS.has(name)) continue;
    // Every list and watch comes this way: paths are made only where somebody asks for them.
    const at = !dropped || path === '' ? name : `${path}.${name}`;
    const property = schema && propertyOf(schema, name);
    if (schema && (property || (schema as { additionalProperties?: unknown }).additionalProperties !== undefined)) {
      const value = fields[name];
      if (typeof value !== 'object') continue;
      const pruned = pruneValue(value, property ?? valuesOf(schema), at, dropped);
      if (pruned !== value) setField(result ??= { ...fields }, name, pruned);
    } else if (!keeps) {
      dropped?.push(at);
      delete (result ??= { ...fields })[name];
    }
  }
  return result ?? fields;
}

import { isEmbedded, isRecord, itemsOf, META_FIELDS, preservesUnknown, propertyOf, valuesOf } from './jsonSchema.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';

/**
 * An object without the fields that its schema does not have; the object itself where there are none. Names of what was dropped are added to `dropped`
 * (`spec.list[0].foo`). Metadata and type are let alone.
 */
export function pruneObject(object: Fields, schema: JsonSchema, dropped?: string[]): Fields {
  return pruneFields(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', dropped);
}

function pruneValue(value: unknown, schema: JsonSchema | undefined, path: string, dropped: string[] | undefined): unknown {
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema);
    // What a list of anything holds may be anything.
    const inner = schema && preservesUnknown(schema) && !items ? schema : items;
    let result: unknown[] | undefined;
    for (const [index, item] of value.entries()) {
      const pruned = pruneValue(item, inner, dropped ? `${path}[${index}]` : '', dropped);
      if (pruned !== item) (result ??= [...(value as unknown[])])[index] = pruned;
    }
    return result ?? value;
  }
  return isRecord(value) ? pruneFields(value, schema, path, dropped) : value;
}

function pruneFields(fields: Fields, schema: JsonSchema | undefined, path: string, dropped: string[] | undefined): Fields {
  let result: Fields | undefined;
  const embedded = schema !== undefined && isEmbedded(schema);
  for (const name of Object.keys(fields)) {
    if (embedded && META_FIELDS.has(name)) continue;
    // Every list and watch comes this way: paths are made only where somebody asks for them.
    const at = !dropped || path === '' ? name : `${path}.${name}`;
    const property = schema && propertyOf(schema, name);
    if (schema && (property || schema.additionalProperties)) {
      const value = fields[name];
      if (typeof value !== 'object') continue;
      const pruned = pruneValue(value, property ?? valuesOf(schema), at, dropped);
      if (pruned !== value) (result ??= { ...fields })[name] = pruned;
    } else if (!schema || !preservesUnknown(schema)) {
      dropped?.push(at);
      delete (result ??= { ...fields })[name];
    }
  }
  return result ?? fields;
}

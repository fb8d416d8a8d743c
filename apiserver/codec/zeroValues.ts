import type { ModelSchema, SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { zeroOf } from './decodeValue.ts';

/**
 * Writes, in place, the fields that Kubernetes prints even when they are empty (`resources: {}`, `replicas: 0` of a status). Meant for an object
 * that was defaulted and validated, just before it is stored: defaulting must not take them for something the client sent.
 */
export function fillZeroValues(schema: Schema, model: ModelSchema, object: Record<string, unknown>): void {
  for (const [name, property] of Object.entries(model.properties)) {
    if (object[name] === undefined) {
      if (property.empty !== 'print' || !hasPlainZero(property.type)) continue;
      object[name] = zeroOf(property.type);
    }
    fill(schema, property.type, object[name]);
  }
}

function fill(schema: Schema, type: SchemaType, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (type.kind === 'model') fillZeroValues(schema, schema.model(type.model), value as Record<string, unknown>);
  else if (type.kind === 'list') for (const item of value as unknown[]) fill(schema, type.items, item);
  else if (type.kind === 'map') for (const each of Object.values(value)) fill(schema, type.values, each);
}

/** Times and free-form values have a null as their zero, which is worth nothing to a reader. */
function hasPlainZero(type: SchemaType): boolean {
  return type.kind !== 'time' && type.kind !== 'microTime' && type.kind !== 'any';
}

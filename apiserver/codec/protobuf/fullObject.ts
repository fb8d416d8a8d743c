import type { ModelSchema, PropertySchema, SchemaType } from '../../../api/schema/model.ts';
import type { Schema } from '../../../api/schema/schema.ts';

/**
 * An object of a model with something in every property that protobuf has a field for; for tests. A model within itself is left out. `start` is the form
 * that free values begin with.
 */
export function fullObject(schema: Schema, model: ModelSchema, start = 0): Record<string, unknown> {
  return fill(schema, model, Array.from({ length: start }, () => ''));
}

function fill(schema: Schema, model: ModelSchema, within: readonly string[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(model.properties)) {
    if (property.protobuf === undefined) continue;
    const value = propertyValue(schema, name, property, [...within, model.name]);
    if (value !== undefined) object[name] = value;
  }
  return object;
}

function propertyValue(schema: Schema, name: string, { type, protobuf }: PropertySchema, within: readonly string[]): unknown {
  const form = String(protobuf).split(' ')[1] ?? '';
  const free = within.filter((each) => each === 'V1JSONSchemaProps').length > 1 ? [{ type: 'string' }] : freeValues(schema, form, within);
  return valueOf(schema, name, type, within, free);
}

/** Each union has several forms; they alternate with the depth. */
function freeValues(schema: Schema, form: string, within: readonly string[]): readonly unknown[] {
  const schemaOf = (): unknown => fill(schema, schema.model('V1JSONSchemaProps'), within);
  if (form === 'empty') return [{}];
  if (form === 'schemaOrBool') return [schemaOf(), true, false];
  if (form === 'schemaOrArray') return [[schemaOf(), { type: 'string' }], schemaOf()];
  if (form === 'schemaOrStrings') return [['a', 'b'], schemaOf()];
  return [{ 'f:spec': { list: [1, 'x', null, { a: false }] } }, 'text', 7, [true]];
}

function valueOf(schema: Schema, name: string, type: SchemaType, within: readonly string[], free: readonly unknown[]): unknown {
  switch (type.kind) {
    case 'model':
      return within.includes(type.model) ? undefined : fill(schema, schema.model(type.model), within);
    case 'list': {
      const items = [0, 1].map((at) => valueOf(schema, `${name}${at}`, type.items, within, free.slice(at).length > 0 ? free.slice(at) : free));
      return items[0] === undefined ? undefined : items;
    }
    case 'map': {
      const value = valueOf(schema, name, type.values, within, free);
      return value === undefined ? undefined : { [`${name}/key`]: value, '': value, ключ: value };
    }
    case 'any':
      return free[within.length % free.length];
    default:
      return scalarOf(name, type);
  }
}

function scalarOf(name: string, type: SchemaType): unknown {
  switch (type.kind) {
    case 'boolean':
      return true;
    case 'integer':
      return 'format' in type && type.format === 'int64' ? -Number.MAX_SAFE_INTEGER : name.length % 2 === 0 ? 2 ** 31 - 1 : -300;
    case 'number':
      return -1.5e-7;
    case 'quantity':
      return '1500m';
    case 'intOrString':
      return name.length % 2 === 0 ? '25%' : 8080;
    case 'time':
      return '2026-11-21T03:28:55Z';
    case 'microTime':
      return '1969-12-31T23:59:59.000120Z';
    case 'bytes':
      return Buffer.from([0, 255, 128, name.length]).toString('base64');
    default:
      return `${name} – ü ✓`;
  }
}

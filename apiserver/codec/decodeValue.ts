import type { ModelSchema, PropertySchema, SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { DecodeTypeError, ROOT, goNameOf, structName, typeError, type FieldContext } from './decodeError.ts';
import { MAX_STRICT_ERRORS } from './parseBody.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { decodeScalar } from './scalar.ts';
import { setField } from '../../api/values/ownField.ts';
import { jsonKind } from '../../api/values/goPrint.ts';

/** A value that fits its model, and the fields that it had beyond it. */
export interface DecodedValue {
  readonly value: Record<string, unknown>;
  /** `unknown field "spec.foo"`, in the order of the text. */
  readonly unknown: readonly string[];
}

/**
 * Makes of parsed JSON what Go's decoder would make of it for a model: unknown fields are dropped and named, nulls vanish, empty values go where
 * the field omits them, quantities and times become canonical. `path` is where the value stands. Gives a new object; throws `DecodeTypeError` where a value does not fit.
 */
export function decodeValue(schema: Schema, model: ModelSchema, value: unknown, path = ''): DecodedValue {
  const decoder = new ValueDecoder(schema);
  if (!isRecord(value)) throw typeError(value, goNameOf(schema, { kind: 'model', model: model.name }), 'struct', ROOT);
  return { value: decoder.decodeModel(model, value, path, ''), unknown: decoder.unknown };
}

class ValueDecoder {
  readonly unknown: string[] = [];
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** `path` is with indexes, for unknown fields; `fields` is without, for type errors. */
  decodeModel(model: ModelSchema, value: Record<string, unknown>, path: string, fields: string): Record<string, unknown> {
    const decoded: Record<string, unknown> = {};
    for (const key in value) {
      const property = Object.hasOwn(model.properties, key) ? model.properties[key] : undefined;
      if (!property) {
        this.#addUnknown(path === '' ? key : `${path}.${key}`);
        continue;
      }
      const raw = value[key];
      if (raw === null || raw === undefined) continue;
      const at: FieldContext = { struct: structName(model), fields: fields === '' ? key : `${fields}.${key}` };
      const each = holdsSchema(property) ? this.#decodeSchema(raw, model, property, at) : this.#decode(raw, property.type, property, path === '' ? key : `${path}.${key}`, at);
      if (property.empty !== 'omit' || !isEmpty(each, property)) decoded[key] = each;
    }
    return decoded;
  }

  /** A schema, or what may stand in its place. Go reads such unions by themselves, and is not strict within them. */
  #decodeSchema(value: unknown, model: ModelSchema, property: PropertySchema, at: FieldContext): unknown {
    if (isRecord(value)) return new ValueDecoder(this.#schema).decodeModel(model, value, '', at.fields);
    if (Array.isArray(value) && formOf(property) === 'schemaOrArray') return value.map((each: unknown) => this.#decodeSchema(isRecord(each) ? each : {}, model, property, at));
    if (typeof value === 'boolean' && formOf(property) === 'schemaOrBool') return value;
    throw new DecodeTypeError(formOf(property) === 'schemaOrBool' ? 'boolean or JSON schema expected' : `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${at.struct}.${at.fields} of type v1.JSONSchemaProps`);
  }

  #decode(value: unknown, type: SchemaType, property: PropertySchema | undefined, path: string, at: FieldContext): unknown {
    switch (type.kind) {
      case 'model':
        if (!isRecord(value)) throw typeError(value, goNameOf(this.#schema, type), 'struct', at);
        return this.decodeModel(this.#schema.model(type.model), value, path, at.fields);
      case 'list':
        if (!Array.isArray(value)) throw typeError(value, goNameOf(this.#schema, type, property), 'slice', at);
        return value.map((item, index) => this.#decodeElement(item, type.items, `${path}[${index}]`, at));
      case 'map':
        if (!isRecord(value)) throw typeError(value, goNameOf(this.#schema, type, property), 'map', at);
        return this.#decodeMap(value, type.values, path, at);
      case 'any':
        return value;
      default:
        return decodeScalar(value, type.kind, type.format, () => goNameOf(this.#schema, type, property), at);
    }
  }

  #decodeMap(value: Record<string, unknown>, values: SchemaType, path: string, at: FieldContext): Record<string, unknown> {
    const decoded: Record<string, unknown> = {};
    for (const key in value) {
      setField(decoded, key, this.#decodeElement(value[key], values, `${path}.${key}`, at));
    }
    return decoded;
  }

  /** An item of a list or a value of a map: null stands for the type's zero value. */
  #decodeElement(value: unknown, type: SchemaType, path: string, at: FieldContext): unknown {
    return value === null ? zeroOf(type) : this.#decode(value, type, undefined, path, at);
  }

  #addUnknown(path: string): void {
    if (this.unknown.length < MAX_STRICT_ERRORS) this.unknown.push(`unknown field ${JSON.stringify(path)}`);
  }
}

/** The form of a free value that is a union of JSON schemas; see `PropertySchema.protobuf`. */
const formOf = ({ protobuf }: PropertySchema): string | undefined => (typeof protobuf === 'string' ? protobuf.split(' ')[1] : undefined);

const holdsSchema = (property: PropertySchema): boolean => property.type.kind === 'any' && (formOf(property)?.startsWith('schemaOr') ?? false);

/** What Go's zero value of a type is in JSON. */
export function zeroOf(type: SchemaType): unknown {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return '';
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'model':
    case 'map':
      return {};
    case 'list':
      return [];
    default:
      return null;
  }
}

/** Whether Go's `omitempty` would leave the value out. Structs are never left out. */
function isEmpty(value: unknown, { type }: PropertySchema): boolean {
  switch (type.kind) {
    case 'list':
      return (value as unknown[]).length === 0;
    case 'map':
      return Object.keys(value as object).length === 0;
    case 'string':
    case 'bytes':
    case 'integer':
    case 'number':
    case 'boolean':
      return value === '' || value === 0 || value === false;
    default:
      return false;
  }
}


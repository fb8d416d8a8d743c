import type { ModelSchema, SchemaType } from '../../../api/schema/model.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import { isRecord } from '../../../api/values/isRecord.ts';
import { decodeFree } from './freeValues.ts';
import { messagePlan, wireOf, type FreeForm, type MessagePlan, type PropertyPlan } from './messagePlan.ts';
import { ProtobufError } from './protobufError.ts';
import { BYTES, ProtobufReader } from './protobufReader.ts';
import { readIntOrString, readMicroTime, readQuantity, readTime } from './valueMessages.ts';
import { setField } from '../../../api/values/ownField.ts';

/** As deep as JSON bodies may be: a message is an object within an object or a list. */
const MAX_DEPTH = 500;

/**
 * Makes of a model's message the object that its JSON would be parsed to. Fields that the model does not have are jumped over; the caller still checks the
 * object against its schema. Throws `ProtobufError`.
 */
export function decodeMessage(schema: Schema, model: ModelSchema, bytes: Buffer): Record<string, unknown> {
  const object = {};
  new MessageDecoder(schema, new ProtobufReader(bytes)).readFields(messagePlan(model), object);
  return object;
}

/** Goes through one message; the unions of JSON schemas come back to it for the schemas within. */
export class MessageDecoder {
  readonly reader: ProtobufReader;
  readonly #schema: Schema;
  #depth = 0;

  constructor(schema: Schema, reader: ProtobufReader) {
    this.#schema = schema;
    this.reader = reader;
  }

  /** Reads to the end of the present message. */
  readFields(plan: MessagePlan, object: Record<string, unknown>): void {
    const { reader } = this;
    while (reader.more) {
      const tag = reader.tag();
      const wire = tag & 7;
      const field = plan.get(tag >>> 3);
      if (!field) reader.skip(wire);
      else if (field.kind === 'property') this.#readProperty(field, wire, object);
      else {
        checkWire(wire, BYTES, 'inline');
        this.nested(() => this.readFields(field.fields, object));
      }
    }
  }

  /** Reads a message within this one; what `read` leaves of it is ignored. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new ProtobufError('exceeded max depth');
    const outer = this.reader.enter();
    const value = read();
    this.reader.leave(outer);
    this.#depth -= 1;
    return value;
  }

  /** Reads a message of a model; one that comes in two parts is put together. */
  readModel(name: string, into: unknown): Record<string, unknown> {
    const object = isRecord(into) ? into : {};
    const plan = messagePlan(this.#schema.model(name));
    this.nested(() => this.readFields(plan, object));
    return object;
  }

  #readProperty({ name, type, form, omitsEmpty }: PropertyPlan, wire: number, object: Record<string, unknown>): void {
    if (type.kind === 'list') {
      const list = Array.isArray(object[name]) ? (object[name] as unknown[]) : (object[name] = []);
      this.#readItems(list, type.items, form, wire, name);
      return;
    }
    if (type.kind === 'map') {
      const map = isRecord(object[name]) ? object[name] : (object[name] = {});
      checkWire(wire, BYTES, name);
      this.#readEntry(map, type.values, form, name);
      return;
    }
    const value = this.#readValue(type, form, wire, name, object[name]);
    if (value === undefined || (omitsEmpty && (value === '' || value === 0 || value === false))) delete object[name];
    else object[name] = value;
  }

  /** One item, or several numbers that are packed into one field. */
  #readItems(list: unknown[], type: SchemaType, form: FreeForm | undefined, wire: number, name: string): void {
    const own = wireOf(type);
    if (own === BYTES || wire === own) list.push(this.#readValue(type, form, wire, name, undefined) ?? null);
    else {
      checkWire(wire, BYTES, name);
      this.nested(() => {
        while (this.reader.more) list.push(this.#readValue(type, form, own, name, undefined));
      });
    }
  }

  /** An entry of a map is a message of a key and a value; either may be absent when it is empty. */
  #readEntry(map: Record<string, unknown>, type: SchemaType, form: FreeForm | undefined, name: string): void {
    const { reader } = this;
    let key = '';
    let value: unknown;
    this.nested(() => {
      while (reader.more) {
        const tag = reader.tag();
        const wire = tag & 7;
        if (tag >>> 3 === 1) {
          checkWire(wire, BYTES, name);
          key = reader.string();
        } else if (tag >>> 3 === 2) value = this.#readMapValue(type, form, wire, name);
        else reader.skip(wire);
      }
    });
    setField(map, key, value ?? emptyValue(type));
  }

  #readMapValue(type: SchemaType, form: FreeForm | undefined, wire: number, name: string): unknown {
    if (type.kind !== 'list') return this.#readValue(type, form, wire, name, undefined);
    checkWire(wire, BYTES, name);
    const { items } = type;
    const list: unknown[] = [];
    const plan: MessagePlan = new Map([[1, { kind: 'property', name, type: { kind: 'list', items }, omitsEmpty: false }]]);
    this.nested(() => this.readFields(plan, { [name]: list }));
    return list;
  }

  #readValue(type: SchemaType, form: FreeForm | undefined, wire: number, name: string, before: unknown): unknown {
    const { reader } = this;
    checkWire(wire, wireOf(type), name);
    switch (type.kind) {
      case 'string':
        return reader.string();
      case 'boolean':
        return reader.bool();
      case 'integer':
        return type.format === 'int64' ? reader.int64() : reader.int32();
      case 'number':
        return reader.double();
      case 'bytes':
        return reader.bytes().toString('base64');
      case 'model':
        return this.readModel(type.model, before);
      case 'any':
        return decodeFree(this, form);
      case 'time':
        return this.nested(() => readTime(reader));
      case 'microTime':
        return this.nested(() => readMicroTime(reader));
      case 'quantity':
        return this.nested(() => readQuantity(reader));
      case 'intOrString':
        return this.nested(() => readIntOrString(reader));
      default:
        throw new ProtobufError(`proto: a ${type.kind} cannot be an item`);
    }
  }
}

function checkWire(actual: number, expected: number, name: string): void {
  if (actual !== expected) throw new ProtobufError(`proto: wrong wireType = ${actual} for field ${name.charAt(0).toUpperCase()}${name.slice(1)}`);
}

function emptyValue({ kind }: SchemaType): unknown {
  switch (kind) {
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'list':
      return [];
    case 'model':
      return {};
    default:
      return kind === 'string' || kind === 'bytes' ? '' : null;
  }
}

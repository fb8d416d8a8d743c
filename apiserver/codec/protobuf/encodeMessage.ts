import type { ModelSchema, SchemaType } from '../../../api/schema/model.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import { isRecord } from '../../../api/values/isRecord.ts';
import { encodeFree } from './freeValues.ts';
import { messagePlan, wireOf, type FreeForm, type MessagePlan, type PropertyPlan } from './messagePlan.ts';
import { BYTES } from './protobufReader.ts';
import { ProtobufWriter } from './protobufWriter.ts';
import { writeIntOrString, writeTime } from './valueMessages.ts';

/** The message of an object which fits its model: the reverse of `decodeMessage`. What the message has no field for is left out, as Go does. */
export function encodeMessage(schema: Schema, model: ModelSchema, object: object): Buffer {
  const encoder = new MessageEncoder(schema);
  encoder.writeFields(messagePlan(model), object as Record<string, unknown>);
  return encoder.writer.finish();
}

/** Writes one message; the unions of JSON schemas come back to it for the schemas within. */
export class MessageEncoder {
  readonly writer = new ProtobufWriter();
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  writeFields(plan: MessagePlan, object: Record<string, unknown>): void {
    const { writer } = this;
    for (const [number, field] of plan) {
      if (field.kind === 'property') {
        const value = object[field.name];
        if (value !== undefined && value !== null) this.#writeProperty(number, field, value);
        continue;
      }
      const before = writer.length;
      this.writeFields(field.fields, object);
      if (writer.length === before) continue;
      writer.close(before);
      writer.tag(number, BYTES);
    }
  }

  /** A message of a model, with its length. */
  writeModel(name: string, value: unknown): void {
    const before = this.writer.length;
    if (isRecord(value)) this.writeFields(messagePlan(this.#schema.model(name)), value);
    this.writer.close(before);
  }

  #writeProperty(number: number, { type, form }: PropertyPlan, value: unknown): void {
    if (type.kind === 'list') {
      this.#writeItems(number, type.items, form, value);
    } else if (type.kind === 'map') {
      for (const [key, each] of Object.entries(value as Record<string, unknown>).reverse()) this.#writeEntry(number, type.values, form, key, each);
    } else {
      this.#writeValue(type, form, value);
      this.writer.tag(number, wireOf(type));
    }
  }

  #writeItems(number: number, type: SchemaType, form: FreeForm | undefined, value: unknown): void {
    if (!Array.isArray(value)) return;
    for (let at = value.length - 1; at >= 0; at--) {
      this.#writeValue(type, form, value[at]);
      this.writer.tag(number, wireOf(type));
    }
  }

  #writeEntry(number: number, type: SchemaType, form: FreeForm | undefined, key: string, value: unknown): void {
    const { writer } = this;
    const before = writer.length;
    if (type.kind === 'list') {
      const inner = writer.length;
      this.#writeItems(1, type.items, form, value);
      writer.close(inner);
    } else this.#writeValue(type, form, value);
    writer.tag(2, wireOf(type));
    writer.stringField(1, key);
    writer.close(before);
    writer.tag(number, BYTES);
  }

  #writeValue(type: SchemaType, form: FreeForm | undefined, value: unknown): void {
    const { writer } = this;
    switch (type.kind) {
      case 'string':
        return writer.string(String(value));
      case 'boolean':
        return writer.varint(value === true ? 1 : 0);
      case 'integer':
        return writer.varint(Number(value));
      case 'number':
        return writer.double(Number(value));
      case 'bytes':
        return writer.bytes(Buffer.from(String(value), 'base64'));
      case 'model':
        return this.writeModel(type.model, value);
      default:
        return this.#writeMessage(type, form, value);
    }
  }

  /** The values that are scalars in JSON and messages here. */
  #writeMessage(type: SchemaType, form: FreeForm | undefined, value: unknown): void {
    const { writer } = this;
    const before = writer.length;
    if (type.kind === 'any') encodeFree(this, form, value);
    else if (type.kind === 'intOrString') writeIntOrString(writer, value);
    else if (type.kind === 'quantity') writer.stringField(1, String(value));
    // A time that nobody has set is an empty message.
    else if (typeof value === 'string') writeTime(writer, value);
    writer.close(before);
  }
}

import { Writer } from 'protobufjs/minimal.js';
import { V2_MESSAGES, V3_MESSAGES, type FieldForm, type MessageForm, type Messages } from './gnosticMessages.ts';
import type { OpenApiDocument } from './document.ts';
import { ownField } from '../../api/values/ownField.ts';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

type JsonObject = Readonly<Record<string, unknown>>;

/** A Swagger 2.0 document in gnostic's protobuf form, `application/com.github.proto-openapi.spec.v2@v1.0+protobuf`. */
export function encodeGnosticV2(document: OpenApiDocument): Buffer {
  return encode(V2_MESSAGES, document);
}

/** An OpenAPI 3.0 document in gnostic's protobuf form, `application/com.github.proto-openapi.spec.v3@v1.0+protobuf`. */
export function encodeGnosticV3(document: OpenApiDocument): Buffer {
  return encode(V3_MESSAGES, document);
}

function encode(messages: Messages, document: OpenApiDocument): Buffer {
  const writer = Writer.create();
  new GnosticWriter(writer, messages).writeMessage('Document', document);
  return Buffer.from(writer.finish());
}

class GnosticWriter {
  readonly #writer: Writer;
  readonly #messages: Messages;

  constructor(writer: Writer, messages: Messages) {
    this.#writer = writer;
    this.#messages = messages;
  }

  writeMessage(name: string, value: unknown): void {
    const form = this.#messages[name];
    if (!form) throw new Error(`gnostic has no message ${name} here`);
    // The messages whose JSON form is not an object, or not always.
    if (name === 'TypeItem') this.#text(1, String(value));
    else if (name === 'StringArray') for (const each of value as string[]) this.#text(1, each);
    else if (name === 'DefaultType') this.#defaultType(value);
    else if (typeof value === 'boolean') this.#writer.uint32((2 << 3) | VARINT).bool(value);
    else this.#writeObject(form, value as JsonObject);
  }

  #writeObject(form: MessageForm, value: JsonObject): void {
    if (form.oneOf) {
      const [number, message] = form.oneOf(value);
      this.#nested(number, () => this.writeMessage(message, value));
      return;
    }
    for (const [key, each] of Object.entries(value)) {
      if (each === undefined) continue;
      const field = ownField(form.fields, key);
      if (field) this.#writeField(field[0], field[1], each);
      else if (key.startsWith('x-') && form.extensions !== undefined) this.#pair(form.extensions, key, () => this.#any(each));
      else if (form.pairs) this.#pair(form.pairs[0], key, () => this.writeMessage(form.pairs![1], each));
      else throw new Error(`gnostic has no field for ${key}`);
    }
  }

  #writeField(number: number, form: FieldForm, value: unknown): void {
    if (form === 'string') this.#text(number, String(value));
    else if (form === 'bool') this.#writer.uint32((number << 3) | VARINT).bool(value === true);
    else if (form === 'double') this.#writer.uint32((number << 3) | FIXED64).double(value as number);
    else if (form === 'integer') this.#writer.uint32((number << 3) | VARINT).int64(value as number);
    else if (form === 'strings') for (const each of value as string[]) this.#text(number, each);
    else if (form === 'any') this.#nested(number, () => this.#any(value));
    else if (form === 'anys') for (const each of value as unknown[]) this.#nested(number, () => this.#any(each));
    else if ('message' in form) this.#nested(number, () => this.writeMessage(form.message, value));
    else if ('messages' in form) for (const each of value as unknown[]) this.#nested(number, () => this.writeMessage(form.messages, each));
    else this.#nested(number, () => this.#map(form.map, value as JsonObject));
  }

  #map(message: string, value: JsonObject): void {
    for (const [key, each] of Object.entries(value)) this.#pair(1, key, () => this.writeMessage(message, each));
  }

  #pair(number: number, name: string, write: () => void): void {
    this.#nested(number, () => {
      this.#text(1, name);
      this.#nested(2, write);
    });
  }

  /** JSON is YAML. */
  #any(value: unknown): void {
    this.#text(2, JSON.stringify(value));
  }

  /** Holds numbers, booleans and strings only; other defaults are left out, as the message has no place for them. */
  #defaultType(value: unknown): void {
    if (typeof value === 'number') this.#writer.uint32((1 << 3) | FIXED64).double(value);
    else if (typeof value === 'boolean') this.#writer.uint32((2 << 3) | VARINT).bool(value);
    else if (typeof value === 'string') this.#text(3, value);
  }

  #text(number: number, value: string): void {
    this.#writer.uint32((number << 3) | BYTES).string(value);
  }

  #nested(number: number, write: () => void): void {
    this.#writer.uint32((number << 3) | BYTES).fork();
    write();
    this.#writer.ldelim();
  }
}

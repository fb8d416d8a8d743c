import type { ModelSchema } from '../../../api/schema/model.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import { isRecord } from '../../../api/values/isRecord.ts';
import { encodeMessage } from './encodeMessage.ts';
import { envelopeAround } from './envelope.ts';
import { hasProtobuf, messagePlan } from './messagePlan.ts';
import { BYTES } from './protobufReader.ts';
import { ProtobufWriter } from './protobufWriter.ts';

/** Lists are cut into pieces of about this size, so that a long one flows. */
const PIECE = 256 * 1024;
const LENGTH_BYTES = 4;

/** Writes answers as Kubernetes' protobuf. The message of an object is kept as long as the object, which must not change any more. */
export class ProtobufEncoder {
  readonly #schema: Schema;
  readonly #messages = new WeakMap<object, Buffer>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** An object or a list of objects in its envelope; undefined where its kind has no message. */
  encode(value: unknown): Buffer[] | undefined {
    if (!isRecord(value)) return undefined;
    const { apiVersion, kind } = value;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
    const [version, group = ''] = apiVersion.split('/').reverse();
    if (group === 'meta.k8s.io') return this.#metadataOnly(apiVersion, kind, value);
    const model = this.#schema.byKind(group, version!, kind);
    if (!model || !hasProtobuf(this.#schema, model.name)) return undefined;
    const items = model.properties['items']?.type;
    const isList = items?.kind === 'list' && items.items.kind === 'model' && Array.isArray(value['items']);
    const message = isList ? this.#list(model, this.#schema.model(items.items.model), value, value['items'] as object[]) : [this.#message(model, value)];
    const { head, tail } = envelopeAround(apiVersion, kind, message.reduce((sum, { length }) => sum + length, 0));
    return inPieces([head, ...message, tail]);
  }

  /** An event of a watch in its frame; undefined where the object's kind has no message. */
  event(type: string, object: unknown): Buffer | undefined {
    const parts = this.encode(object);
    if (!parts) return undefined;
    const raw = Buffer.concat(parts);
    // The event is a bare message; the object is in the raw bytes of its second field.
    const writer = new ProtobufWriter();
    writer.varint(raw.length);
    writer.tag(1, BYTES);
    writer.varint(writer.length + raw.length);
    writer.tag(2, BYTES);
    writer.stringField(1, type);
    const head = writer.finish();
    const frame = Buffer.allocUnsafe(LENGTH_BYTES + head.length + raw.length);
    frame.writeUInt32BE(head.length + raw.length);
    head.copy(frame, LENGTH_BYTES);
    raw.copy(frame, LENGTH_BYTES + head.length);
    return frame;
  }

  /** `PartialObjectMetadata` and its list, whose messages no kind has; undefined for the other transformations, which have none. */
  #metadataOnly(apiVersion: string, kind: string, value: Record<string, unknown>): Buffer[] | undefined {
    const metadata = value['metadata'];
    if (!kind.startsWith('PartialObjectMetadata') || !isRecord(metadata)) return undefined;
    const items = value['items'];
    const own = this.#field(1, Array.isArray(items) ? 'V1ListMeta' : 'V1ObjectMeta', metadata);
    const parts = [...own];
    if (Array.isArray(items)) {
      for (const item of items as { metadata: object }[]) {
        const [head, message] = this.#field(1, 'V1ObjectMeta', item.metadata);
        parts.push(headOf(2, head!.length + message!.length), head!, message!);
      }
    }
    const { head, tail } = envelopeAround(apiVersion, kind, parts.reduce((sum, { length }) => sum + length, 0));
    return inPieces([head, ...parts, tail]);
  }

  #field(number: number, model: string, value: object): Buffer[] {
    const message = this.#message(this.#schema.model(model), value);
    return [headOf(number, message.length), message];
  }

  #message(model: ModelSchema, object: object): Buffer {
    let message = this.#messages.get(object);
    if (!message) this.#messages.set(object, (message = encodeMessage(this.#schema, model, object)));
    return message;
  }

  /** The items' own messages between what a list says of itself. */
  #list(list: ModelSchema, model: ModelSchema, value: Record<string, unknown>, items: readonly object[]): Buffer[] {
    const number = [...messagePlan(list)].find(([, field]) => field.kind === 'property' && field.name === 'items')![0];
    const parts = [encodeMessage(this.#schema, list, { ...value, items: [] })];
    for (const item of items) {
      const message = this.#message(model, item);
      parts.push(headOf(number, message.length), message);
    }
    return parts;
  }
}

/** What stands before a field of so many bytes. */
function headOf(number: number, length: number): Buffer {
  const writer = new ProtobufWriter(16);
  writer.varint(length);
  writer.tag(number, BYTES);
  return writer.finish();
}

function inPieces(parts: readonly Buffer[]): Buffer[] {
  const pieces: Buffer[] = [];
  let waiting: Buffer[] = [];
  let size = 0;
  for (const part of parts) {
    waiting.push(part);
    size += part.length;
    if (size < PIECE) continue;
    pieces.push(Buffer.concat(waiting));
    waiting = [];
    size = 0;
  }
  if (size > 0) pieces.push(Buffer.concat(waiting));
  return pieces;
}

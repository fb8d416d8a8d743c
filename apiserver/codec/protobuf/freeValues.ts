import { BodySyntaxError, parseJson } from '../parseBody.ts';
import { isRecord } from '../../../api/values/isRecord.ts';
import type { MessageDecoder } from './decodeMessage.ts';
import type { MessageEncoder } from './encodeMessage.ts';
import type { FreeForm } from './messagePlan.ts';
import { ProtobufError } from './protobufError.ts';
import { BYTES, VARINT } from './protobufReader.ts';
import { forFields } from './valueMessages.ts';

/** The only model that the unions are about. */
export const JSON_SCHEMA = 'V1JSONSchemaProps';

/** A value that may be any JSON: raw JSON, or one of the unions of JSON schemas. Undefined where it is empty. */
export function decodeFree(decoder: MessageDecoder, form: FreeForm | undefined): unknown {
  return decoder.nested(() => {
    switch (form) {
      case undefined:
        return readRaw(decoder);
      case 'empty':
        return {};
      case 'schemaOrBool': {
        const { schema, allows } = readUnion(decoder);
        return schema ?? allows;
      }
      case 'schemaOrArray': {
        const { schema, schemas } = readUnion(decoder);
        return schemas.length > 0 ? schemas : schema;
      }
      default: {
        const { schema, strings } = readUnion(decoder);
        return strings.length > 0 ? strings : schema;
      }
    }

    function readUnion({ reader }: MessageDecoder): { schema: Record<string, unknown> | undefined; allows: boolean; schemas: unknown[]; strings: string[] } {
      const union = { schema: undefined as Record<string, unknown> | undefined, allows: false, schemas: [] as unknown[], strings: [] as string[] };
      const schemaNumber = form === 'schemaOrBool' ? 2 : 1;
      forFields(reader, (number, wire) => {
        if (number === schemaNumber && wire === BYTES) union.schema = decoder.readModel(JSON_SCHEMA, union.schema);
        else if (number === 1 && wire === VARINT) union.allows = reader.bool();
        else if (number === 2 && wire === BYTES && form === 'schemaOrArray') union.schemas.push(decoder.readModel(JSON_SCHEMA, undefined));
        else if (number === 2 && wire === BYTES && form === 'schemaOrStrings') union.strings.push(reader.string());
        else return false;
        return true;
      });
      return union;
    }
  });
}

/** The reverse: the fields of the message of such a value. */
export function encodeFree(encoder: MessageEncoder, form: FreeForm | undefined, value: unknown): void {
  const { writer } = encoder;
  const schemaField = (number: number, schema: unknown): void => {
    encoder.writeModel(JSON_SCHEMA, schema);
    writer.tag(number, BYTES);
  };
  if (form === undefined) {
    writer.stringField(1, JSON.stringify(value));
  } else if (form === 'schemaOrBool') {
    if (isRecord(value)) schemaField(2, value);
    writer.varint(value === false ? 0 : 1);
    writer.tag(1, VARINT);
  } else if (Array.isArray(value)) {
    for (const item of value.toReversed()) {
      if (form === 'schemaOrArray') schemaField(2, item);
      else writer.stringField(2, String(item));
    }
  } else if (form !== 'empty') schemaField(1, value);
}

/** `RawExtension`, `FieldsV1` and the `JSON` of JSON schemas: a message of one field, which holds JSON. */
function readRaw({ reader }: MessageDecoder): unknown {
  let raw: Buffer | undefined;
  forFields(reader, (number, wire) => {
    if (number !== 1 || wire !== BYTES) return false;
    raw = reader.bytes();
    return true;
  });
  if (raw === undefined || raw.length === 0) return undefined;
  try {
    return parseJson(raw).value ?? undefined;
  } catch (error) {
    if (error instanceof BodySyntaxError) throw new ProtobufError(error.message);
    throw error;
  }
}

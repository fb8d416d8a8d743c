import { ProtobufError } from './protobufError.ts';
import { BYTES, ProtobufReader } from './protobufReader.ts';
import { ProtobufWriter } from './protobufWriter.ts';
import { forFields } from './valueMessages.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** What every object begins with on the wire. */
export const MAGIC = Buffer.from('k8s\0');

/** Kubernetes' `runtime.Unknown`: a message with the name of its type. */
export interface Envelope {
  /** Both '' where the sender left them out. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

/** Opens the envelope of an object. Throws `ProtobufError` with Kubernetes' messages. */
export function openEnvelope(bytes: Buffer): Envelope {
  if (bytes.length === 0) throw new ProtobufError('empty data');
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new ProtobufError(`provided data does not appear to be a protobuf message, expected prefix [${[...MAGIC].join(' ')}]`);
  if (bytes.length === MAGIC.length) throw new ProtobufError('empty body');
  const reader = new ProtobufReader(bytes, MAGIC.length);
  let [apiVersion, kind] = ['', ''];
  let raw: Buffer = Buffer.alloc(0);
  const takeName = (number: number, wire: number): boolean => {
    if (wire !== BYTES || number > 2) return false;
    if (number === 1) apiVersion = reader.string();
    else kind = reader.string();
    return true;
  };
  forFields(reader, (number, wire) => {
    if (wire !== BYTES || number > 2) return false;
    if (number === 2) raw = reader.bytes();
    else {
      const outer = reader.enter();
      forFields(reader, takeName);
      reader.leave(outer);
    }
    return true;
  });
  return { apiVersion, kind, raw };
}

/** What stands in front of and behind a message of `length` bytes to make an object of it. */
export function envelopeAround(apiVersion: string, kind: string, length: number): { readonly head: Buffer; readonly tail: Buffer } {
  const writer = new ProtobufWriter();
  writer.varint(length);
  writer.tag(2, BYTES);
  const behind = writer.length;
  writer.stringField(2, kind);
  writer.stringField(1, apiVersion);
  writer.close(behind);
  writer.tag(1, BYTES);
  return { head: Buffer.concat([MAGIC, writer.finish()]), tail: TAIL };
}

/** Neither content encoding nor content type, which Go writes nevertheless. */
const TAIL = Buffer.from([0x1a, 0, 0x22, 0]);

import protobuf from 'protobufjs/minimal.js';

export type Annotations = Readonly<Record<string, Buffer>>;

/** Which kind of key is wrapped: a key of its own for one process, or (all that is written now) the seed of a key for each value. */
export const DEK_KEY = 0;
export const DEK_SEED = 1;

/** What etcd keeps of a value that a KMS plugin guards (`kmsv2.EncryptedObject`). */
export interface EncryptedObject {
  readonly data: Buffer;
  readonly keyId: string;
  readonly source: Buffer;
  readonly annotations: Annotations;
  readonly sourceType: number;
}

export interface KmsStatus {
  readonly version: string;
  readonly healthz: string;
  readonly keyId: string;
}

export interface KmsEncrypted {
  readonly ciphertext: Buffer;
  readonly keyId: string;
  readonly annotations: Annotations;
}

const bytesTag = (field: number): number => field * 8 + 2;

export function encodeEncryptedObject(object: EncryptedObject): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(bytesTag(1)).bytes(object.data).uint32(bytesTag(2)).string(object.keyId).uint32(bytesTag(3)).bytes(object.source);
  writeAnnotations(writer, 4, object.annotations);
  if (object.sourceType !== 0) writer.uint32(5 * 8).int32(object.sourceType);
  return Buffer.from(writer.finish());
}

/** Throws an Error for what no server wrote. */
export function decodeEncryptedObject(value: Buffer): EncryptedObject {
  const fields = wholeFields(value);
  const object = { data: fields.bytes(1), keyId: fields.bytes(2).toString(), source: fields.bytes(3), annotations: fields.annotations(4), sourceType: fields.number(5) };
  if (object.sourceType !== DEK_KEY && object.sourceType !== DEK_SEED) throw new Error(`unknown encryptedDEKSourceType: ${object.sourceType}`);
  if (object.data.length === 0) throw new Error('encrypted data is empty');
  checkSource(object.source, object.keyId, object.annotations);
  return object;
}

function wholeFields(value: Buffer): ReturnType<typeof readFields> {
  try {
    return readFields(value);
  } catch (error) {
    throw new Error('proto: cannot parse invalid wire-format data', { cause: error });
  }
}

const SOURCE_LIMIT = 1024;
const KEY_ID_LIMIT = 1024;
const ANNOTATIONS_LIMIT = 32 * 1024;

/** Throws where a plugin's answer is beyond Kubernetes' bounds. */
export function checkSource(source: Buffer, keyId: string, annotations: Annotations): void {
  if (source.length === 0) throw new Error('failed to validate encrypted DEK source: encrypted DEK source is empty');
  if (source.length > SOURCE_LIMIT) throw new Error(`failed to validate encrypted DEK source: encrypted DEK source is ${source.length} bytes, which exceeds the max size of ${SOURCE_LIMIT}`);
  checkKeyId(keyId);
  const size = Object.entries(annotations).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + value.length, 0);
  if (size > ANNOTATIONS_LIMIT) throw new Error(`failed to validate annotations: total size of annotations is ${size}, which exceeds the max size of ${ANNOTATIONS_LIMIT}`);
}

export function checkKeyId(keyId: string): void {
  const size = Buffer.byteLength(keyId);
  if (size === 0) throw new Error('failed to validate key id: keyID is empty');
  if (size > KEY_ID_LIMIT) throw new Error(`failed to validate key id: keyID is ${size} bytes, which exceeds the max size of ${KEY_ID_LIMIT}`);
}

export function encodeEncryptRequest(plaintext: Buffer, uid: string): Buffer {
  return Buffer.from(protobuf.Writer.create().uint32(bytesTag(1)).bytes(plaintext).uint32(bytesTag(2)).string(uid).finish());
}

export function decodeEncryptResponse(message: Buffer): KmsEncrypted {
  const fields = readFields(message);
  return { ciphertext: fields.bytes(1), keyId: fields.bytes(2).toString(), annotations: fields.annotations(3) };
}

export function encodeDecryptRequest(ciphertext: Buffer, uid: string, keyId: string, annotations: Annotations): Buffer {
  const writer = protobuf.Writer.create().uint32(bytesTag(1)).bytes(ciphertext).uint32(bytesTag(2)).string(uid).uint32(bytesTag(3)).string(keyId);
  writeAnnotations(writer, 4, annotations);
  return Buffer.from(writer.finish());
}

export function decodeDecryptResponse(message: Buffer): Buffer {
  return readFields(message).bytes(1);
}

export function decodeStatusResponse(message: Buffer): KmsStatus {
  const fields = readFields(message);
  return { version: fields.bytes(1).toString(), healthz: fields.bytes(2).toString(), keyId: fields.bytes(3).toString() };
}

function writeAnnotations(writer: protobuf.Writer, field: number, annotations: Annotations): void {
  for (const [name, value] of Object.entries(annotations)) writer.uint32(bytesTag(field)).fork().uint32(bytesTag(1)).string(name).uint32(bytesTag(2)).bytes(value).ldelim();
}

interface Fields {
  bytes(field: number): Buffer;
  number(field: number): number;
  annotations(field: number): Annotations;
}

function readFields(message: Buffer): Fields {
  const reader = protobuf.Reader.create(message);
  const bytes = new Map<number, Buffer[]>();
  const numbers = new Map<number, number>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if ((tag & 7) === 2) bytes.set(field, [...(bytes.get(field) ?? []), Buffer.from(reader.bytes())]);
    else if ((tag & 7) === 0) numbers.set(field, reader.int32());
    else reader.skipType(tag & 7);
  }
  return {
    bytes: (field) => bytes.get(field)?.at(-1) ?? Buffer.alloc(0),
    number: (field) => numbers.get(field) ?? 0,
    annotations: (field) =>
      Object.fromEntries(
        (bytes.get(field) ?? []).map((entry) => {
          const pair = readFields(entry);
          return [pair.bytes(1).toString(), pair.bytes(2)];
        }),
      ),
  };
}

import protobuf from 'protobufjs/minimal.js';

/**
 * The part of etcd's gRPC messages (`rpc.proto` and `kv.proto` of API version 3) that storage uses, written and read by hand:
 * numbers are plain numbers (revisions stay below 2^53), values are slices of the message, and unknown fields are skipped.
 */

export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly value: Buffer;
  /** Why the value is not what was once written: it is encrypted, and could not be opened. */
  readonly trouble?: Error;
  /** It would be encrypted otherwise now. */
  readonly stale?: boolean;
}

export interface RangeRequest {
  readonly key: string;
  /** Exclusive; absent: the one key. */
  readonly end?: string;
  readonly limit?: number;
  /** Read as of this revision; absent: now. */
  readonly revision?: number;
  readonly countOnly?: boolean;
}

export interface RangeResponse {
  readonly revision: number;
  /** Tells one etcd cluster from another, though not to the last bit: ids have 64. */
  readonly clusterId: number;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  readonly count: number;
}

export type RequestOperation =
  | { readonly kind: 'put'; readonly key: string; readonly value: Buffer; readonly lease?: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'range'; readonly range: RangeRequest };

/** A comparison of a key's mod revision; 0: does not exist. */
export interface Compare {
  readonly key: string;
  readonly modRevision: number;
}

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOperation[];
  readonly failure: readonly RequestOperation[];
}

export interface TxnResponse {
  readonly revision: number;
  readonly clusterId: number;
  readonly succeeded: boolean;
  /** One per operation; only ranges have content. */
  readonly responses: readonly (RangeResponse | undefined)[];
}

export interface WatchResponse {
  readonly created: boolean;
  readonly canceled: boolean;
  readonly cancelReason: string;
  readonly compactRevision: number;
  /** More events of the same revisions follow in the next response. */
  readonly fragment: boolean;
  readonly events: readonly { readonly type: 'put' | 'delete'; readonly kv: KeyValue }[];
}

type Writer = protobuf.Writer;
type Reader = protobuf.Reader;

const EMPTY: Buffer = Buffer.alloc(0);

export function encodeRange(request: RangeRequest, writer: Writer = protobuf.Writer.create()): Writer {
  writer.uint32(10).string(request.key);
  if (request.end !== undefined) writer.uint32(18).string(request.end);
  if (request.limit !== undefined) writer.uint32(24).int64(request.limit);
  if (request.revision !== undefined) writer.uint32(32).int64(request.revision);
  if (request.countOnly) writer.uint32(72).bool(true);
  return writer;
}

export function encodeTxn(request: TxnRequest): Writer {
  const writer = protobuf.Writer.create();
  for (const compare of request.compare) {
    // target 2 is MOD, result 0 is EQUAL.
    writer.uint32(10).fork().uint32(16).int32(2).uint32(26).string(compare.key).uint32(48).int64(compare.modRevision).ldelim();
  }
  for (const operation of request.success) encodeOperation(operation, writer.uint32(18).fork()).ldelim();
  for (const operation of request.failure) encodeOperation(operation, writer.uint32(26).fork()).ldelim();
  return writer;
}

function encodeOperation(operation: RequestOperation, writer: Writer): Writer {
  if (operation.kind === 'range') return encodeRange(operation.range, writer.uint32(10).fork()).ldelim();
  if (operation.kind === 'delete') return writer.uint32(26).fork().uint32(10).string(operation.key).ldelim();
  writer.uint32(18).fork().uint32(10).string(operation.key).uint32(18).bytes(operation.value);
  if (operation.lease !== undefined) writer.uint32(24).int64(operation.lease);
  return writer.ldelim();
}

/** The lease's id is the caller's choice, so that ids stay below 2^53. */
export function encodeLeaseGrant(id: number, seconds: number): Writer {
  return protobuf.Writer.create().uint32(8).int64(seconds).uint32(16).int64(id);
}

export function encodeCompaction(revision: number): Writer {
  return protobuf.Writer.create().uint32(8).int64(revision);
}

/** A watch of a range from a revision on, in fragments where a response would be large. */
export function encodeWatchCreate(key: string, end: string, startRevision: number): Writer {
  return protobuf.Writer.create().uint32(10).fork().uint32(10).string(key).uint32(18).string(end).uint32(24).int64(startRevision).uint32(64).bool(true).ldelim();
}

/** Calls `read` for each field; it returns false for a field it does not take. */
export function fields(reader: Reader, end: number, read: (field: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!read(tag >>> 3)) reader.skipType(tag & 7);
  }
}

/** A non-negative varint of up to 53 bits, without the detour over Long. */
function number(reader: Reader): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.buf[reader.pos++];
    if (byte === undefined) throw new RangeError('truncated message from etcd');
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
}

function nested<T>(reader: Reader, decode: (reader: Reader, end: number) => T): T {
  const length = reader.uint32();
  return decode(reader, reader.pos + length);
}

function bytes(reader: Reader): Buffer {
  const length = reader.uint32();
  const start = reader.pos;
  reader.pos += length;
  if (reader.pos > reader.len) throw new RangeError('truncated message from etcd');
  return Buffer.from(reader.buf.buffer, reader.buf.byteOffset + start, length);
}

function decodeHeader(reader: Reader, end: number): { readonly revision: number; readonly clusterId: number } {
  const header = { revision: 0, clusterId: 0 };
  fields(reader, end, (field) => {
    if (field === 1) header.clusterId = number(reader);
    else if (field === 3) header.revision = number(reader);
    else return false;
    return true;
  });
  return header;
}

function decodeKeyValue(reader: Reader, end: number): KeyValue {
  const kv: { -readonly [K in keyof KeyValue]: KeyValue[K] } = { key: '', createRevision: 0, modRevision: 0, value: EMPTY };
  fields(reader, end, (field) => {
    if (field === 1) kv.key = reader.string();
    else if (field === 2) kv.createRevision = number(reader);
    else if (field === 3) kv.modRevision = number(reader);
    else if (field === 5) kv.value = bytes(reader);
    else return false;
    return true;
  });
  return kv;
}

export function decodeRange(message: Buffer): RangeResponse {
  const reader = protobuf.Reader.create(message);
  return readRange(reader, reader.len);
}

function readRange(reader: Reader, end: number): RangeResponse {
  const kvs: KeyValue[] = [];
  const response = { revision: 0, clusterId: 0, kvs, more: false, count: 0 };
  fields(reader, end, (field) => {
    if (field === 1) Object.assign(response, nested(reader, decodeHeader));
    else if (field === 2) kvs.push(nested(reader, decodeKeyValue));
    else if (field === 3) response.more = reader.bool();
    else if (field === 4) response.count = number(reader);
    else return false;
    return true;
  });
  return response;
}

export function decodeTxn(message: Buffer): TxnResponse {
  const reader = protobuf.Reader.create(message);
  const responses: (RangeResponse | undefined)[] = [];
  const response = { revision: 0, clusterId: 0, succeeded: false, responses };
  fields(reader, reader.len, (field) => {
    if (field === 1) Object.assign(response, nested(reader, decodeHeader));
    else if (field === 2) response.succeeded = reader.bool();
    else if (field === 3) responses.push(nested(reader, decodeOperationResponse));
    else return false;
    return true;
  });
  return response;
}

function decodeOperationResponse(reader: Reader, end: number): RangeResponse | undefined {
  let range: RangeResponse | undefined;
  fields(reader, end, (field) => {
    if (field !== 1) return false;
    range = nested(reader, readRange);
    return true;
  });
  return range;
}

export function decodeWatch(message: Buffer): WatchResponse {
  const reader = protobuf.Reader.create(message);
  const events: { type: 'put' | 'delete'; kv: KeyValue }[] = [];
  const response = { created: false, canceled: false, cancelReason: '', compactRevision: 0, fragment: false, events };
  fields(reader, reader.len, (field) => {
    if (field === 3) response.created = reader.bool();
    else if (field === 4) response.canceled = reader.bool();
    else if (field === 5) response.compactRevision = number(reader);
    else if (field === 6) response.cancelReason = reader.string();
    else if (field === 7) response.fragment = reader.bool();
    else if (field === 11) events.push(nested(reader, decodeEvent));
    else return false;
    return true;
  });
  return response;
}

function decodeEvent(reader: Reader, end: number): { type: 'put' | 'delete'; kv: KeyValue } {
  let type: 'put' | 'delete' = 'put';
  let kv: KeyValue = { key: '', createRevision: 0, modRevision: 0, value: EMPTY };
  fields(reader, end, (field) => {
    if (field === 1) type = reader.int32() === 1 ? 'delete' : 'put';
    else if (field === 2) kv = nested(reader, decodeKeyValue);
    else return false;
    return true;
  });
  return { type, kv };
}

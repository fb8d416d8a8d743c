import protobuf from 'protobufjs/minimal.js';
import type { Clock } from '../../process/clock.ts';
import type { EtcdClientConfig } from './etcdClient.ts';
import { GrpcConnection, GrpcError } from './grpcConnection.ts';

/** One member of an etcd cluster (etcd's `Member`). */
export interface EtcdMember {
  /** 64 bits. */
  readonly id: bigint;
  /** `''` until it has started for the first time. */
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  /** Whether it follows without a vote. */
  readonly learner: boolean;
}

const CALL_MILLISECONDS = 5000;
const CLUSTER = '/etcdserverpb.Cluster/';

/** The members of an etcd cluster, and changes of who they are. Each call is tried on one endpoint after the other; it throws a `GrpcError` when none has carried it out. */
export class EtcdMembers {
  readonly #connections: readonly GrpcConnection[];

  constructor({ endpoints, tls }: EtcdClientConfig, clock: Clock) {
    this.#connections = endpoints.map((endpoint) => new GrpcConnection(endpoint, tls, clock));
  }

  async list(): Promise<readonly EtcdMember[]> {
    return decodeMembers(await this.#call('MemberList', Buffer.alloc(0)), 2);
  }

  /** A learner, which has no vote yet, and so cannot cost the majority. Gives all members, the new one with its id included. */
  async addLearner(peerURL: string): Promise<readonly EtcdMember[]> {
    const request = protobuf.Writer.create().uint32(10).string(peerURL).uint32(16).bool(true).finish();
    return decodeMembers(await this.#call('MemberAdd', request), 3);
  }

  /** Refused (FailedPrecondition) until it has caught up with the leader. */
  async promote(id: bigint): Promise<void> {
    await this.#call('MemberPromote', field1(id));
  }

  async remove(id: bigint): Promise<void> {
    await this.#call('MemberRemove', field1(id));
  }

  async updatePeer(id: bigint, peerURL: string): Promise<void> {
    await this.#call('MemberUpdate', Buffer.concat([field1(id), protobuf.Writer.create().uint32(18).string(peerURL).finish()]));
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  async #call(method: string, message: Uint8Array): Promise<Buffer> {
    let last: GrpcError | undefined;
    for (const connection of this.#connections) {
      try {
        return await connection.call(CLUSTER + method, message, CALL_MILLISECONDS);
      } catch (error) {
        if (!(error instanceof GrpcError)) throw error;
        last = error;
        connection.reset();
      }
    }
    throw last ?? new Error('etcd needs at least one endpoint');
  }
}

/** A message whose field 1 is this unsigned number of 64 bits. */
function field1(value: bigint): Buffer {
  const bytes = [8];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

/** The members in a response's field; protobufjs would round the ids. */
export function decodeMembers(message: Buffer, field: number): EtcdMember[] {
  const reader = protobuf.Reader.create(message);
  const members: EtcdMember[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === field) members.push(decodeMember(reader, reader.uint32()));
    else reader.skipType(tag & 7);
  }
  return members;
}

function decodeMember(reader: protobuf.Reader, length: number): EtcdMember {
  const end = reader.pos + length;
  const member = { id: 0n, name: '', peerURLs: [] as string[], clientURLs: [] as string[], learner: false };
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) member.id = unsigned64(reader);
    else if (tag >>> 3 === 2) member.name = reader.string();
    else if (tag >>> 3 === 3) member.peerURLs.push(reader.string());
    else if (tag >>> 3 === 4) member.clientURLs.push(reader.string());
    else if (tag >>> 3 === 5) member.learner = reader.bool();
    else reader.skipType(tag & 7);
  }
  return member;
}

function unsigned64(reader: protobuf.Reader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.buf[reader.pos++];
    if (byte === undefined) throw new RangeError('truncated message from etcd');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
}

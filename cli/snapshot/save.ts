import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import protobuf from 'protobufjs/minimal.js';
import { decodeRange, encodeRange } from '../../apiserver/storage/etcdMessages.ts';
import { type EtcdTlsMaterial, GrpcConnection } from '../../apiserver/storage/grpcConnection.ts';
import { TICK_KEY } from '../../apiserver/storage/keys.ts';
import type { Clock } from '../../process/clock.ts';
import { type SnapshotStatus, snapshotStatus, verifiedHash } from './snapshotStatus.ts';

const ASK_MILLISECONDS = 10_000;

export interface SavedSnapshot extends SnapshotStatus {
  readonly hash: string;
}

/** Where etcd is; one member is asked, and the next where it does not answer. */
export interface EtcdAccess {
  readonly endpoints: readonly string[];
  readonly tls: EtcdTlsMaterial;
}

/**
 * Writes a snapshot of a running etcd to a file, in the form of `etcdctl snapshot save`, readable for its owner only.
 * 1. Everything that was acknowledged before the call is in it: its member has first confirmed by a linearizable read that it has all.
 * 2. The file appears whole, with the SHA-256 that etcd sends checked, or not at all.
 */
export async function saveSnapshot(file: string, { endpoints, tls }: EtcdAccess, clock: Clock): Promise<SavedSnapshot> {
  const failures: string[] = [];
  for (const endpoint of endpoints) {
    const connection = new GrpcConnection(endpoint, tls, clock);
    try {
      return await saveFrom(connection, file);
    } catch (error) {
      failures.push(`${endpoint}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      connection.close();
    }
  }
  throw new Error(`no snapshot could be taken from etcd: ${failures.join('; ')}`);
}

async function saveFrom(connection: GrpcConnection, file: string): Promise<SavedSnapshot> {
  const { revision } = decodeRange(await connection.call('/etcdserverpb.KV/Range', encodeRange({ key: TICK_KEY, countOnly: true }).finish(), ASK_MILLISECONDS));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.part`;
  const descriptor = openSync(part, 'w', 0o600);
  try {
    try {
      await receive(connection, descriptor);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const hash = verifiedHash(part);
    if (!hash) throw new Error('the snapshot came without its hash');
    const status = snapshotStatus(part);
    if (status.revision < revision) throw new Error(`the snapshot is of revision ${status.revision}, but ${revision} was confirmed before`);
    renameSync(part, file);
    return { ...status, hash };
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** The database in pieces, and its SHA-256 as the last of them. */
function receive(connection: GrpcConnection, descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left: number | undefined;
    connection.stream('/etcdserverpb.Maintenance/Snapshot', new Uint8Array(0), true, {
      message(message) {
        const { blob, remaining } = readPiece(message);
        for (let at = 0; at < blob.length; ) at += writeSync(descriptor, blob, at);
        left = remaining;
      },
      // Whether all has come is told by the hash; the stream's own end says it too.
      end: (error) => (left === 0 ? resolve() : reject(error)),
    });
  });
}

/** etcd's `SnapshotResponse`. */
function readPiece(message: Buffer): { readonly blob: Uint8Array; readonly remaining: number } {
  const reader = protobuf.Reader.create(message);
  let blob: Uint8Array = new Uint8Array(0);
  let remaining = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 2) remaining = Number(reader.uint64());
    else if (tag >>> 3 === 3) blob = reader.bytes();
    else reader.skipType(tag & 7);
  }
  return { blob, remaining };
}

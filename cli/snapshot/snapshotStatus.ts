import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { OFFSET_KEY } from '../../apiserver/storage/keys.ts';
import { BoltFile } from './boltFile.ts';

/** What a snapshot, or the database of an etcd that does not run, holds. */
export interface SnapshotStatus {
  /** etcd's revision. */
  readonly revision: number;
  /** What is added to it to make a resourceVersion. */
  readonly offset: number;
  /** Keys that exist at that revision. */
  readonly keys: number;
  /** Bytes, without the hash behind them. */
  readonly size: number;
  /** etcd's `major.minor.0` that the cluster has agreed on. */
  readonly etcdVersion: string;
  readonly members: readonly string[];
}

const HASH_BYTES = 32;
/** Databases are whole pages; what is left over is the hash that `snapshot save` puts behind them. */
const SECTOR = 512;
const READ_BYTES = 1 << 20;

/** The SHA-256 of a snapshot in hex if it is the one that stands behind it; undefined if none stands there. Throws where they differ. */
export function verifiedHash(file: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size % SECTOR !== HASH_BYTES) return undefined;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let position = 0; position < size - HASH_BYTES; ) {
      const count = readSync(descriptor, buffer, 0, Math.min(READ_BYTES, size - HASH_BYTES - position), position);
      if (count === 0) throw new Error(`${file} has become shorter while it was read`);
      hash.update(buffer.subarray(0, count));
      position += count;
    }
    const expected = Buffer.alloc(HASH_BYTES);
    readSync(descriptor, expected, 0, HASH_BYTES, size - HASH_BYTES);
    const found = hash.digest('hex');
    if (found !== expected.toString('hex')) throw new Error(`${file} is damaged: its SHA-256 is ${found}, and should be ${expected.toString('hex')}`);
    return found;
  } finally {
    closeSync(descriptor);
  }
}

/** Reads the file from end to end. Throws a `BoltError` for what is no etcd database. */
export function snapshotStatus(file: string): SnapshotStatus {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const database = new BoltFile(descriptor);
    const present = new Set<string>();
    let revision = 1;
    let offset = 0;
    for (const { key, value } of database.entries('key')) {
      // `<main>_<sub>`, with a `t` behind it where the key was deleted.
      revision = Math.max(revision, Number(key.readBigUInt64BE(0)));
      const change = readChange(value);
      if (key.length > 17) present.delete(change.key);
      else present.add(change.key);
      if (change.key === OFFSET_KEY) offset = key.length > 17 ? 0 : Number(change.value.toString());
    }
    // A compaction may have taken away the deletion that came last.
    for (const { key, value } of database.entries('meta')) if (key.toString() === 'finishedCompactRev') revision = Math.max(revision, Number(value.readBigUInt64BE(0)));
    const version = [...database.entries('cluster')].find(({ key }) => key.toString() === 'clusterVersion')?.value.toString();
    const members = [...database.entries('members')].map(({ value }) => (JSON.parse(value.toString()) as { name?: string }).name ?? '');
    return { revision, offset, keys: present.size, size: size - (size % SECTOR), etcdVersion: version ?? '', members };
  } finally {
    closeSync(descriptor);
  }
}

/** The parts of etcd's `mvccpb.KeyValue` that matter here. */
function readChange(message: Buffer): { readonly key: string; readonly value: Buffer } {
  const reader = protobuf.Reader.create(message);
  let key = '';
  let value = Buffer.alloc(0);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = reader.string();
    else if (tag >>> 3 === 5) value = Buffer.from(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return { key, value };
}

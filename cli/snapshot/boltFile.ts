import { readSync } from 'node:fs';

/** What a bucket holds. */
export interface BoltEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A file that is no bbolt database, or a damaged one. */
export class BoltError extends Error {}

const MAGIC = 0xed0cdaed;
const VERSION = 2;
const PAGE_HEADER = 16;
const ELEMENT = 16;
const BUCKET_HEADER = 16;
const BRANCH_PAGE = 0x01;
const LEAF_PAGE = 0x02;
const BUCKET_ELEMENT = 0x01;
/** Of pages that stand in each other; a healthy tree has far fewer, a damaged one may be a circle. */
const DEEPEST = 64;

/**
 * Reads a bbolt database (the file format of etcd's backend and of its snapshots) without changing it: pages of a B+ tree, all numbers in the
 * byte order of x86 and ARM. The file must not be written to meanwhile.
 */
export class BoltFile {
  readonly #descriptor: number;
  readonly #pageSize: number;
  readonly #root: number;

  /** The file is open for reading and stays the caller's to close. Throws a `BoltError` for anything else than a database. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    const first = readMeta(this.#read(0, 4096));
    // After a write that was cut short, one of the two is of no use.
    const pageSize = first?.pageSize ?? 4096;
    const second = readMeta(this.#read(pageSize, 4096));
    const meta = [first, second].filter((each) => each !== undefined).sort((a, b) => b.transaction - a.transaction)[0];
    if (!meta) throw new BoltError('it is not an etcd database');
    this.#pageSize = meta.pageSize;
    this.#root = meta.root;
  }

  /** The entries of a top-level bucket in the order of their keys; none where there is no such bucket. */
  *entries(bucket: string): Generator<BoltEntry> {
    for (const { key, value, flags } of this.#tree(this.#page(this.#root), 0)) {
      if ((flags & BUCKET_ELEMENT) === 0 || key.toString() !== bucket) continue;
      const root = Number(value.readBigUInt64LE(0));
      // A small bucket is one page inside its parent.
      const page = root === 0 ? value.subarray(BUCKET_HEADER) : this.#page(root);
      for (const entry of this.#tree(page, 0)) if ((entry.flags & BUCKET_ELEMENT) === 0) yield entry;
      return;
    }
  }

  *#tree(page: Buffer, depth: number): Generator<BoltEntry & { readonly flags: number }> {
    if (depth > DEEPEST) throw new BoltError('its pages are damaged');
    const kind = page.readUInt16LE(8);
    const count = page.readUInt16LE(10);
    if (kind !== LEAF_PAGE && kind !== BRANCH_PAGE) throw new BoltError('its pages are damaged');
    for (let index = 0; index < count; index += 1) {
      const at = PAGE_HEADER + index * ELEMENT;
      if (kind === BRANCH_PAGE) {
        yield* this.#tree(this.#page(Number(page.readBigUInt64LE(at + 8))), depth + 1);
        continue;
      }
      const start = at + page.readUInt32LE(at + 4);
      const middle = start + page.readUInt32LE(at + 8);
      const end = middle + page.readUInt32LE(at + 12);
      if (end > page.length) throw new BoltError('its pages are damaged');
      yield { flags: page.readUInt32LE(at), key: page.subarray(start, middle), value: page.subarray(middle, end) };
    }
  }

  /** A page with those that it overflows into. */
  #page(id: number): Buffer {
    const first = this.#read(id * this.#pageSize, this.#pageSize);
    const overflow = first.readUInt32LE(12);
    return overflow === 0 ? first : this.#read(id * this.#pageSize, this.#pageSize * (overflow + 1));
  }

  #read(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    if (readSync(this.#descriptor, buffer, 0, length, position) !== length) throw new BoltError('it ends too early');
    return buffer;
  }
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly transaction: number;
}

/** Undefined for a page that was never written whole, by its checksum (FNV-1a). */
function readMeta(page: Buffer): Meta | undefined {
  const meta = page.subarray(PAGE_HEADER, PAGE_HEADER + 64);
  if (meta.readUInt32LE(0) !== MAGIC || meta.readUInt32LE(4) !== VERSION) return undefined;
  let hash = 0xcbf29ce484222325n;
  for (const byte of meta.subarray(0, 56)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  if (hash !== meta.readBigUInt64LE(56)) return undefined;
  return { pageSize: meta.readUInt32LE(8), root: Number(meta.readBigUInt64LE(16)), transaction: Number(meta.readBigUInt64LE(48)) };
}

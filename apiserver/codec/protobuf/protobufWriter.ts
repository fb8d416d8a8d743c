import { BYTES } from './protobufReader.ts';

const FIRST_CAPACITY = 1024;

/**
 * Writes a message from its end to its beginning, so that the length of what a field holds is known when it must be written. Hence the order of calls:
 * the value, then its tag; and of repeated fields the last one first.
 */
export class ProtobufWriter {
  #bytes: Buffer;
  #at: number;

  /** `capacity` is how many bytes are expected. */
  constructor(capacity = FIRST_CAPACITY) {
    this.#bytes = Buffer.allocUnsafe(capacity);
    this.#at = capacity;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** What was written; the writer must not be used any more. */
  finish(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  tag(number: number, wire: number): void {
    this.varint(number * 8 + wire);
  }

  /** An integer; a negative one takes ten bytes, of 32 bits, too. */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      this.#wideVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
    let at = this.#make(size);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = (rest % 0x80) | 0x80;
    this.#bytes[at] = rest;
  }

  double(value: number): void {
    const at = this.#make(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  /** With its length in front. */
  bytes(value: Buffer): void {
    const at = this.#make(value.length);
    value.copy(this.#bytes, at);
    this.varint(value.length);
  }

  /** With its length in front. */
  string(value: string): void {
    const size = Buffer.byteLength(value);
    const at = this.#make(size);
    this.#bytes.write(value, at);
    this.varint(size);
  }

  /** Writes the length of what was written since the writer had that length: a message is complete. */
  close(lengthBefore: number): void {
    this.varint(this.length - lengthBefore);
  }

  /** A whole field of a text. */
  stringField(number: number, value: string): void {
    this.string(value);
    this.tag(number, BYTES);
  }

  #wideVarint(value: bigint): void {
    const groups: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80);
    groups.push(Number(rest));
    const at = this.#make(groups.length);
    this.#bytes.set(groups, at);
  }

  /** Makes room in front; gives where it begins. */
  #make(size: number): number {
    if (size > this.#at) this.#grow(size);
    this.#at -= size;
    return this.#at;
  }

  #grow(size: number): void {
    const { length } = this;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, length + size));
    this.#bytes.copy(larger, larger.length - length, this.#at);
    this.#at = larger.length - length;
    this.#bytes = larger;
  }
}

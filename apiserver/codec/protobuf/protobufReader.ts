import { ProtobufError } from './protobufError.ts';

/** Wire types of fields: how many bytes a value has. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** Field numbers are below this. */
const FIELD_NUMBERS = 2 ** 29;
const TWO_TO_32 = 2 ** 32;

/**
 * Reads the fields of one message after the other out of a buffer, and never beyond the message's end. Every method throws `ProtobufError` for bytes
 * that it cannot read.
 */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at: number;
  #end: number;
  /** The varint read last, in two halves. */
  #low = 0;
  #high = 0;

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = bytes.length;
  }

  /** Whether the message goes on. */
  get more(): boolean {
    return this.#at < this.#end;
  }

  /** The key of the next field: its number times 8, and its wire type. */
  tag(): number {
    this.#varint();
    // Go keeps 29 bits of the number, with a sign.
    const number = ((this.#low >>> 3) | (this.#high << 29)) | 0;
    const wire = this.#low & 7;
    if (wire === END_GROUP) throw new ProtobufError('proto: wiretype end group for non-group');
    if (number <= 0 || number >= FIELD_NUMBERS) throw new ProtobufError(`proto: illegal tag ${number} (wire type ${wire})`);
    if (wire > FIXED32) throw new ProtobufError(`proto: illegal wireType ${wire}`);
    return number * 8 + wire;
  }

  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** Refused where a double does not hold it exactly, as in JSON bodies. */
  int64(): number {
    this.#varint();
    const value = (this.#high | 0) * TWO_TO_32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    const exact = (BigInt(this.#high | 0) << 32n) | BigInt(this.#low);
    if (BigInt(value) !== exact) throw new ProtobufError(`number ${exact} cannot be represented exactly`);
    return value;
  }

  double(): number {
    const start = this.#take(8);
    const value = this.#bytes.readDoubleLE(start);
    if (!Number.isFinite(value)) throw new ProtobufError(`unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
    return value;
  }

  string(): string {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A view of the bytes, not a copy. */
  bytes(): Buffer {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** From now on only the message that begins here is read; gives what `leave` must be given at its end. */
  enter(): number {
    const length = this.#length();
    if (length > this.#end - this.#at) throw unexpectedEnd();
    const outer = this.#end;
    this.#end = this.#at + length;
    return outer;
  }

  /** Goes on with the message around this one, behind this one's end. */
  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
  }

  /** Jumps over a value whose field is not known. */
  skip(wire: number): void {
    let groups = 0;
    for (;;) {
      if (wire === VARINT) this.#varint();
      else if (wire === FIXED64) this.#take(8);
      else if (wire === BYTES) this.#take(this.#length());
      else if (wire === FIXED32) this.#take(4);
      else if (wire === START_GROUP) groups += 1;
      else if (wire !== END_GROUP) throw new ProtobufError(`proto: illegal wireType ${wire}`);
      else groups -= 1;
      if (groups === 0) return;
      this.#varint();
      wire = this.#low & 7;
    }
  }

  #length(): number {
    this.#varint();
    if ((this.#high | 0) < 0) throw new ProtobufError('proto: negative length found during unmarshaling');
    return this.#high * TWO_TO_32 + this.#low;
  }

  /** Start of that many bytes, which are then behind us. */
  #take(length: number): number {
    if (length > this.#end - this.#at) throw unexpectedEnd();
    const start = this.#at;
    this.#at += length;
    return start;
  }

  #varint(): void {
    const first = this.#byte();
    this.#low = first & 0x7f;
    this.#high = 0;
    for (let byte = first, shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 63) throw new ProtobufError('proto: integer overflow');
      byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) this.#low |= bits << shift;
      else if (shift === 28) {
        this.#low |= bits << 28;
        this.#high = bits >>> 4;
      } else this.#high |= bits << (shift - 32);
    }
    this.#low >>>= 0;
    this.#high >>>= 0;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw unexpectedEnd();
    return this.#bytes[this.#at++]!;
  }
}

function unexpectedEnd(): ProtobufError {
  return new ProtobufError('unexpected EOF');
}

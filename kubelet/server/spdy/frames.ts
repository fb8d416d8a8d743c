/** Types of SPDY/3.1's control frames. */
export const FRAME = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goaway: 7, headers: 8, windowUpdate: 9 } as const;
export const FLAG_FIN = 1;
export const STATUS_CANCEL = 5;
const VERSION = 3;
const HEAD = 8;
/** No peer of ours sends larger ones; a frame is kept whole in memory. */
const MAX_FRAME = 1 << 20;

export type Frame =
  | { readonly kind: 'data'; readonly stream: number; readonly fin: boolean; readonly data: Buffer }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly body: Buffer };

/** Cuts what comes from a connection into frames. */
export class FrameReader {
  #rest: Buffer[] = [];
  #length = 0;

  /** The frames that are complete with this chunk. Throws for what is not SPDY/3. */
  push(chunk: Buffer): readonly Frame[] {
    this.#rest.push(chunk);
    this.#length += chunk.length;
    if (this.#length < HEAD) return [];
    let bytes = this.#rest.length === 1 ? chunk : Buffer.concat(this.#rest);
    const frames: Frame[] = [];
    while (bytes.length >= HEAD) {
      const size = bytes.readUIntBE(5, 3);
      if (size > MAX_FRAME) throw new RangeError(`a frame of ${size} bytes is too large`);
      if (bytes.length < HEAD + size) break;
      frames.push(frameOf(bytes.subarray(0, HEAD), bytes.subarray(HEAD, HEAD + size)));
      bytes = bytes.subarray(HEAD + size);
    }
    this.#rest = bytes.length > 0 ? [bytes] : [];
    this.#length = bytes.length;
    return frames;
  }
}

function frameOf(head: Buffer, body: Buffer): Frame {
  const first = head.readUInt32BE(0);
  const flags = head.readUInt8(4);
  if (first >>> 31 === 0) return { kind: 'data', stream: first, fin: (flags & FLAG_FIN) !== 0, data: body };
  const version = (first >>> 16) & 0x7fff;
  if (version !== VERSION) throw new RangeError(`SPDY version ${version} is not supported`);
  return { kind: 'control', type: first & 0xffff, flags, body };
}

export function dataFrame(stream: number, data: Buffer, fin: boolean): Buffer {
  return Buffer.concat([dataHead(stream, data.length, fin), data]);
}

function dataHead(stream: number, length: number, fin: boolean): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(stream, 0);
  head.writeUInt8(fin ? FLAG_FIN : 0, 4);
  head.writeUIntBE(length, 5, 3);
  return head;
}

/** @param words the body's 32-bit numbers, and bytes behind them */
export function controlFrame(type: number, flags: number, words: readonly number[], rest: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.alloc(HEAD + words.length * 4);
  frame.writeUInt16BE(0x8000 | VERSION, 0);
  frame.writeUInt16BE(type, 2);
  frame.writeUInt8(flags, 4);
  frame.writeUIntBE(words.length * 4 + rest.length, 5, 3);
  for (const [at, word] of words.entries()) frame.writeUInt32BE(word >>> 0, HEAD + at * 4);
  return Buffer.concat([frame, rest]);
}

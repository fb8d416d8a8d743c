import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { setField } from '../../../api/values/ownField.ts';
import dictionaries from 'spdy-transport/lib/spdy-transport/protocol/spdy/dictionary.js';

/** What a header block may grow to when it is unpacked. */
const LIMIT = 64 * 1024;

/** Names in lower case. */
export type SpdyHeaders = Readonly<Record<string, string>>;

/** Name and value pairs as SPDY/3 writes them: their number, then each with its length before it. */
export function encodePairs(headers: SpdyHeaders): Buffer {
  const parts: Buffer[] = [uint32(Object.keys(headers).length)];
  for (const [name, value] of Object.entries(headers)) for (const text of [name.toLowerCase(), value]) parts.push(uint32(Buffer.byteLength(text)), Buffer.from(text));
  return Buffer.concat(parts);
}

export function decodePairs(block: Buffer): SpdyHeaders {
  let at = 0;
  const number = (): number => {
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > block.length) throw new RangeError('a header reaches beyond its block');
    at += length;
    return block.toString('utf8', at - length, at);
  };
  const headers: Record<string, string> = {};
  for (let left = number(); left > 0; left -= 1) {
    const name = text();
    setField(headers, name.toLowerCase(), text());
  }
  return headers;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** One direction's header compression: all blocks of a connection are one zlib stream, flushed after each. Calls must not overlap. */
export class HeaderCodec {
  readonly #zlib: Inflate | Deflate;
  #chunks: Buffer[] = [];
  #size = 0;
  #failed: Error | undefined;

  constructor(direction: 'pack' | 'unpack') {
    const options = { dictionary: dictionaries['3.1'], flush: constants.Z_SYNC_FLUSH };
    this.#zlib = direction === 'pack' ? createDeflate(options) : createInflate(options);
    this.#zlib.on('data', (chunk: Buffer) => {
      this.#size += chunk.length;
      if (this.#size <= LIMIT) this.#chunks.push(chunk);
      else this.#failed = new RangeError('a header block is too large');
    });
    this.#zlib.on('error', (error) => (this.#failed = error));
  }

  async transform(block: Buffer): Promise<Buffer> {
    this.#chunks = [];
    this.#size = 0;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#zlib.off('error', done);
        resolve();
      };
      this.#zlib.once('error', done);
      this.#zlib.write(block, done);
    });
    this.#zlib.removeAllListeners('drain');
    if (this.#failed) throw this.#failed;
    return Buffer.concat(this.#chunks);
  }

  close(): void {
    this.#zlib.destroy();
  }
}

import { decodeHuffman } from './huffman.ts';

export type Fields = ReadonlyMap<string, string>;

/** HPACK's static table (RFC 7541, appendix A), from index 1 on; where a value follows the name, after `=`. */
const STATIC = (
  ':authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|:status=206|:status=304|:status=400|:status=404|:status=500|' +
  'accept-charset|accept-encoding=gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|' +
  'content-encoding|content-language|content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|' +
  'if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|' +
  'strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate'
)
  .split('|')
  .map((entry) => {
    const [name = '', value = ''] = entry.split('=');
    return { name, value };
  });

/** A block of fields that changes nobody's table, so that it can be sent any number of times. */
export function encodeFields(fields: Iterable<readonly [string, string]>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    const whole = STATIC.findIndex((entry) => entry.name === name && entry.value === value && value !== '');
    const named = STATIC.findIndex((entry) => entry.name === name);
    if (whole >= 0) parts.push(encodeInteger(0x80, 7, whole + 1));
    else if (named >= 0) parts.push(encodeInteger(0, 4, named + 1), encodeString(value));
    else parts.push(Buffer.from([0]), encodeString(name), encodeString(value));
  }
  return Buffer.concat(parts);
}

function encodeString(text: string): Buffer {
  return Buffer.concat([encodeInteger(0, 7, text.length), Buffer.from(text, 'latin1')]);
}

/** An integer with a prefix of so many bits in the first byte, whose other bits are `mark` (RFC 7541, 5.1). */
function encodeInteger(mark: number, bits: number, value: number): Buffer {
  const limit = 2 ** bits - 1;
  if (value < limit) return Buffer.from([mark | value]);
  const bytes = [mark | limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** A block that is no HPACK, or that needs a table which we did not allow. */
export class HpackError extends Error {}

/**
 * The fields of a block whose sender was allowed no table (`SETTINGS_HEADER_TABLE_SIZE` 0): a block means the same whenever it comes. Of a field
 * that stands there twice the last one counts. Throws `HpackError`.
 */
export function decodeFields(block: Uint8Array): Fields {
  const reader = new BlockReader(block);
  const fields = new Map<string, string>();
  while (!reader.atEnd) {
    const first = reader.peek();
    if (first >= 0x80) {
      const { name, value } = entry(reader.integer(7));
      fields.set(name, value);
    } else if (first >= 0x20 && first < 0x40) {
      // The size of the table.
      if (reader.integer(5) > 0) throw new HpackError('a table that was not allowed');
    } else {
      // A field that is to be put into the table is larger than it, and changes nothing.
      const index = reader.integer(first >= 0x40 ? 6 : 4);
      const name = index === 0 ? reader.string() : entry(index).name;
      fields.set(name, reader.string());
    }
  }
  return fields;
}

function entry(index: number): { readonly name: string; readonly value: string } {
  const found = STATIC[index - 1];
  if (!found) throw new HpackError(`no field has the index ${index}`);
  return found;
}

class BlockReader {
  readonly #block: Uint8Array;
  #at = 0;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  get atEnd(): boolean {
    return this.#at >= this.#block.length;
  }

  peek(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new HpackError('the block ends too soon');
    return byte;
  }

  integer(bits: number): number {
    const limit = 2 ** bits - 1;
    let value = this.#byte() & limit;
    if (value < limit) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (value > 0xff_ff_ff) throw new HpackError('too large a number');
      if (byte < 128) return value;
    }
  }

  string(): string {
    const coded = this.peek() >= 0x80;
    const length = this.integer(7);
    const bytes = this.#block.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new HpackError('the block ends too soon');
    this.#at += length;
    const text = coded ? decodeHuffman(bytes) : Buffer.from(bytes).toString('latin1');
    if (text === undefined) throw new HpackError('no Huffman code');
    return text;
  }

  #byte(): number {
    const byte = this.peek();
    this.#at += 1;
    return byte;
  }
}

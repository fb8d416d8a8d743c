/** How many bits each byte takes in HPACK's code (RFC 7541, appendix B). The code is canonical: these lengths say everything. */
// prettier-ignore
const LENGTHS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

const LONGEST = 30;

/** By length: the first code of that length, and the bytes that have one, in order of their codes. */
const CODES = canonicalCodes();

function canonicalCodes(): readonly { readonly first: number; readonly bytes: readonly number[] }[] {
  let next = 0;
  return Array.from({ length: LONGEST + 1 }, (_, length) => {
    const first = next * 2;
    const bytes = LENGTHS.flatMap((each, byte) => (each === length ? [byte] : []));
    next = first + bytes.length;
    return { first, bytes };
  });
}

/** A string in HPACK's Huffman code, as Latin-1; undefined where the bytes are no such thing. */
export function decodeHuffman(encoded: Uint8Array): string | undefined {
  const bytes: number[] = [];
  let code = 0;
  let length = 0;
  for (let bit = 0; bit < encoded.length * 8; bit += 1) {
    code = code * 2 + ((encoded[bit >> 3]! >> (7 - (bit & 7))) & 1);
    length += 1;
    const { first, bytes: known } = CODES[length]!;
    const byte = known[code - first];
    if (byte !== undefined) {
      bytes.push(byte);
      code = 0;
      length = 0;
    } else if (length === LONGEST) return undefined;
  }
  // The last byte is filled up with ones.
  return length < 8 && code === 2 ** length - 1 ? Buffer.from(bytes).toString('latin1') : undefined;
}

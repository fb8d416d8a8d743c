/** What one pass over the bytes of a JSON text tells, before anything is parsed. */
export interface JsonScan {
  /** Number of `key:` pairs; a parsed value with fewer keys had duplicates. */
  readonly keys: number;
  /** Deepest nesting of objects and arrays. */
  readonly depth: number;
  /** Whether a number has 16 digits or more in a row, or an exponent, and so may not fit into a double. */
  readonly longNumbers: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Bytes that are searched one by one before the native search is called. */
const SHORT_STRING = 24;
const DIGITS_BEYOND_DOUBLE = 16;

/** Scans a JSON text without allocating. Of malformed text the answer means nothing; parsing finds that. */
export function scanJson(bytes: Uint8Array): JsonScan {
  let keys = 0;
  let depth = 0;
  let deepest = 0;
  let digits = 0;
  let longNumbers = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x30 && byte <= 0x39) {
      if (++digits >= DIGITS_BEYOND_DOUBLE) longNumbers = true;
      continue;
    }
    if (digits > 0 && (byte === 0x65 || byte === 0x45)) longNumbers = true;
    digits = 0;
    if (byte === QUOTE) at = endOfString(bytes, at + 1);
    else if (byte === COLON) keys++;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return { keys, depth: deepest, longNumbers };
}

/** Position of the quote that ends a string. Most strings are short; the native search pays for the others only. */
function endOfString(bytes: Uint8Array, start: number): number {
  const soon = Math.min(bytes.length, start + SHORT_STRING);
  for (let at = start; at < soon; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
    if (at + 1 >= soon) return endOfLongString(bytes, start);
  }
  return bytes.length;
}

function endOfLongString(bytes: Uint8Array, start: number): number {
  for (let quote = bytes.indexOf(QUOTE, start); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
    let backslashes = 0;
    while (quote - backslashes > start && bytes[quote - backslashes - 1] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return bytes.length;
}

/** The number of keys of all objects in a parsed value. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) keys += countKeys(item);
    return keys;
  }
  for (const key in value) {
    keys += 1 + countKeys((value as Record<string, unknown>)[key]);
  }
  return keys;
}

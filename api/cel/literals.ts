import { Bytes, Double, Uint } from './values/scalars.ts';
import { integerOf } from './values/integers.ts';

/** Thrown for a literal that has no value; says why. */
export class LiteralFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const SINGLE: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"', '`': '`', '?': '?' };

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S])|$)/g;

/** The value of a string literal as it was written, quotes and prefix included. Throws `LiteralFault`. */
export function stringLiteral(text: string): string {
  const { body, raw } = unquote(text);
  if (raw) return body;
  return body.replace(ESCAPE, (whole, x?: string, bigX?: string, u?: string, bigU?: string, octal?: string, single?: string) => {
    const code = x ?? bigX ?? u ?? bigU;
    if (code !== undefined || octal !== undefined) return character(code === undefined ? parseInt(octal!, 8) : parseInt(code, 16));
    const known = single === undefined ? undefined : SINGLE[single];
    if (known === undefined) throw new LiteralFault(`Syntax error: token recognition error at: '${whole}'`);
    return known;
  });
}

/** As `stringLiteral`, for bytes: `\x41` and `\101` are bytes, `\u` is refused. */
export function bytesLiteral(text: string): Bytes {
  const { body, raw } = unquote(text);
  if (raw) return new Bytes(new TextEncoder().encode(body));
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const found of body.matchAll(ESCAPE)) {
    const [whole, x, bigX, u, bigU, octal, single] = found;
    pieces.push(new TextEncoder().encode(body.slice(from, found.index)));
    from = found.index + whole.length;
    const code = x ?? bigX;
    if (code !== undefined || octal !== undefined) {
      pieces.push(Uint8Array.of(code === undefined ? parseInt(octal!, 8) : parseInt(code, 16)));
      continue;
    }
    const known = u !== undefined || bigU !== undefined || single === undefined ? undefined : SINGLE[single];
    if (known === undefined) throw new LiteralFault('unable to unescape string');
    pieces.push(new TextEncoder().encode(known));
  }
  pieces.push(new TextEncoder().encode(body.slice(from)));
  return new Bytes(new Uint8Array(Buffer.concat(pieces)));
}

export function intLiteral(text: string, isNegative: boolean): number | bigint {
  const value = integerOf(isNegative ? -BigInt(text) : BigInt(text));
  if (value === undefined) throw new LiteralFault('invalid int literal');
  return value;
}

export function doubleLiteral(text: string, isNegative: boolean): Double {
  const value = isNegative ? -Number(text) : Number(text);
  if (!Number.isFinite(value)) throw new LiteralFault('invalid double literal');
  return new Double(value);
}

export function uintLiteral(text: string): Uint {
  const value = BigInt(text.slice(0, -1));
  if (value >= 2n ** 64n) throw new LiteralFault('invalid uint literal');
  return new Uint(value);
}

function unquote(text: string): { readonly body: string; readonly raw: boolean } {
  const start = text.search(/["']/);
  const quotes = text.startsWith('"""', start) || text.startsWith("'''", start) ? 3 : 1;
  // Line ends of every system are one.
  const body = text.slice(start + quotes, text.length - quotes).replace(/\r\n?/g, '\n');
  return { body, raw: /[rR]/.test(text.slice(0, start)) };
}

function character(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new LiteralFault('invalid unicode code point');
  return String.fromCodePoint(code);
}

/** What a client says first. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Headers as literals without indexing (RFC 7541, 6.2.2). */
export function block(headers: Readonly<Record<string, string>>): Buffer {
  const all = { ':scheme': 'https', ':authority': 'x', ...headers };
  // Pseudo-headers stand first.
  const entries = Object.entries(all).toSorted(([left], [right]) => Number(right.startsWith(':')) - Number(left.startsWith(':')));
  return Buffer.concat(entries.flatMap(([name, value]) => [Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]));
}

/** A frame of HTTP/2 on the first stream (RFC 9113, 4.1); settings and pings are the connection's. */
export function frame(type: number, flags: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, payload.length >> 8, payload.length & 0xff, type, flags, 0, 0, 0, type === 4 || type === 6 ? 0 : 1]), payload]);
}

/** The frames of what a server has sent, as far as their heads have come. */
export function framesOf(bytes: Buffer): readonly { readonly type: number; readonly flags: number }[] {
  const found = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) found.push({ type: bytes[at + 3]!, flags: bytes[at + 4]! });
  return found;
}

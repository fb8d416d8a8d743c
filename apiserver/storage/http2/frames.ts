/** HTTP/2's frames (RFC 9113, section 6). */
export const FrameType = { data: 0, headers: 1, resetStream: 3, settings: 4, pushPromise: 5, ping: 6, goAway: 7, windowUpdate: 8, continuation: 9 } as const;
export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;
export const Setting = { headerTableSize: 1, enablePush: 2, maxConcurrentStreams: 3, initialWindowSize: 4, maxFrameSize: 5 } as const;
export const ErrorCode = { cancel: 8 } as const;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** Bytes before a frame's payload. */
export const HEAD_BYTES = 9;
/** The largest payload that a peer takes which has not said otherwise, and that we take. */
export const FRAME_LIMIT = 16_384;
/** How much a peer takes, on a stream and on the connection, before it has said anything. */
export const FIRST_WINDOW = 65_535;
export const WINDOW_LIMIT = 2 ** 31 - 1;

/** The peer does not keep to HTTP/2. */
export class ProtocolError extends Error {}

/** Writes a frame's head, and says where its payload begins. */
export function writeHead(target: Buffer, at: number, length: number, type: number, flags: number, stream: number): number {
  target.writeUIntBE(length, at, 3);
  target[at + 3] = type;
  target[at + 4] = flags;
  target.writeUInt32BE(stream, at + 5);
  return at + HEAD_BYTES;
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  whole.set(payload, writeHead(whole, 0, payload.length, type, flags, stream));
  return whole;
}

/** A frame whose payload is one number of 32 bits. */
export function numberFrame(type: number, stream: number, value: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(value);
  return frame(type, 0, stream, payload);
}

export function settingsFrame(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.allocUnsafe(settings.length * 6);
  for (const [index, [setting, value]] of settings.entries()) payload.writeUInt32BE(value, payload.writeUInt16BE(setting, index * 6));
  return frame(FrameType.settings, 0, 0, payload);
}

/** The payload of a DATA or HEADERS frame without padding and priority. Throws `ProtocolError`. */
export function contentOf(flags: number, payload: Buffer, hasPriority: boolean): Buffer {
  if ((flags & (Flag.padded | Flag.priority)) === 0) return payload;
  const padding = flags & Flag.padded ? payload[0]! + 1 : 0;
  const start = (flags & Flag.padded ? 1 : 0) + (hasPriority && flags & Flag.priority ? 5 : 0);
  const end = padding === 0 ? payload.length : payload.length - padding + 1;
  if (!(start <= end)) throw new ProtocolError('more padding than frame');
  return payload.subarray(start, end);
}

export type FrameHandler = (type: number, flags: number, stream: number, payload: Buffer) => void;

/** Cuts a byte stream into frames. */
export class FrameReader {
  #rest: Buffer | undefined;

  /** Throws `ProtocolError` where a frame is larger than allowed; what the handler throws goes through. */
  take(chunk: Buffer, handle: FrameHandler): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = bytes.readUIntBE(at, 3);
      if (length > FRAME_LIMIT) throw new ProtocolError('a frame is larger than allowed');
      const start = at + HEAD_BYTES;
      if (bytes.length < start + length) break;
      handle(bytes[at + 3]!, bytes[at + 4]!, bytes.readUInt32BE(at + 5) & WINDOW_LIMIT, bytes.subarray(start, start + length));
      at = start + length;
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at);
  }
}

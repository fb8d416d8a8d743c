import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { badRequest, requestTooLarge } from '../../api/apiError.ts';

/** Kubernetes' `MaxRequestBodyBytes`. */
export const BODY_LIMIT = 3 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** A request's whole body. Rejects with 413 beyond the limit (what follows is read and dropped), and when the client breaks off. */
export function readBody(message: IncomingMessage, limit = BODY_LIMIT): Promise<Buffer> {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return Promise.resolve(EMPTY);
  return collectBody(message, length, limit);
}

/** What comes of a stream until it ends; `length`: what the client says that it is. Rejects as `readBody`. */
export function collectBody(message: Readable, length: string | undefined, limit = BODY_LIMIT): Promise<Buffer> {
  if (Number(length ?? 0) > limit) {
    message.resume();
    return Promise.reject(tooLarge(limit));
  }
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    message.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size <= limit) pieces.push(piece);
      else {
        pieces.length = 0;
        reject(tooLarge(limit));
      }
    });
    message.on('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
    message.on('error', (error) => reject(badRequest(error.message)));
  });
}

function tooLarge(limit: number): Error {
  return requestTooLarge(`Request entity too large: limit is ${limit}`);
}

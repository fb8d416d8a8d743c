import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Clock } from '../../process/clock.ts';
import type { ApiResponse } from '../types.ts';

/** How long is waited for a client that takes no more of its answer. */
export interface Pace {
  /** Aborted when the answer is given up. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Milliseconds, for an answer whose length is known; what flows without an end (watches, logs) is waited with. */
  readonly patience: number;
}

/** Writes an answer, never faster than the client takes it. Resolves when all is written or the client has gone; rejects where it does not take it and is waited for no longer. */
export async function writeResponse(response: ServerResponse, answer: ApiResponse, withoutBody: boolean, pace: Pace): Promise<void> {
  const { body, status, headers } = answer;
  // A connection of HTTP/1.1 stays, and nobody says so.
  if (response.shouldKeepAlive && response.req.httpVersionMinor > 0) response.removeHeader('connection');
  if (Buffer.isBuffer(body)) {
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(withoutBody ? undefined : body);
    return;
  }
  if (isPieces(body)) {
    response.writeHead(status, { ...headers, 'content-length': body.reduce((sum, piece) => sum + piece.length, 0) });
    if (!withoutBody) for (const piece of body) if (!(await writePiece(response, piece, pace, pace.patience))) return;
    response.end();
    return;
  }
  response.writeHead(status, headers);
  // A watch that is quiet has an answer all the same.
  response.flushHeaders();
  if (!withoutBody) for await (const piece of body) if (!(await writePiece(response, piece, pace, patienceFor(answer, pace)))) return;
  response.end();
}

/** A list that flows says how long it is, and has no reason to wait for its client either. */
export function patienceFor({ headers }: ApiResponse, { patience }: Pace): number | undefined {
  return headers['content-length'] === undefined ? undefined : patience;
}

function isPieces(body: ApiResponse['body']): body is readonly Buffer[] {
  return Array.isArray(body);
}

/** False when the client has gone. Rejects when it takes no more for so many milliseconds, or the answer is given up. */
export async function writePiece(response: Writable, piece: Buffer | string, { signal, clock }: Pace, patience?: number): Promise<boolean> {
  if (response.destroyed || response.closed) return false;
  if (response.write(piece)) return true;
  return new Promise((resolve, reject) => {
    const done = (): void => {
      timer?.cancel();
      response.off('drain', drained);
      response.off('close', closed);
      signal.removeEventListener('abort', givenUp);
    };
    const drained = (): void => {
      done();
      resolve(true);
    };
    const closed = (): void => {
      done();
      resolve(false);
    };
    const givenUp = (): void => {
      done();
      reject(new Error('the client does not take its answer'));
    };
    const timer = patience === undefined ? undefined : clock.setTimeout(givenUp, patience);
    response.once('drain', drained);
    response.once('close', closed);
    signal.addEventListener('abort', givenUp, { once: true });
  });
}

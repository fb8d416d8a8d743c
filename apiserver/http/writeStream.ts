import type { ServerHttp2Stream } from 'node:http2';
import type { ApiResponse } from '../types.ts';
import { answerHead } from './http2Head.ts';
import { STREAM_BUFFER_BYTES } from './http2Options.ts';
import { patienceFor, writePiece } from './writeResponse.ts';
import type { Pace } from './writeResponse.ts';

/**
 * Writes an answer to a stream of HTTP/2, never faster than the client takes it. Resolves and rejects as `writeResponse`.
 * What is large is cut: a connection has many streams, and what waits on all of them counts against what a session may hold.
 */
export async function writeStream(stream: ServerHttp2Stream, answer: ApiResponse, withoutBody: boolean, pace: Pace): Promise<void> {
  if (stream.closed || stream.destroyed) return;
  const { body, status, headers } = answer;
  const parts = Buffer.isBuffer(body) ? [body] : body;
  const length = isPieces(parts) ? parts.reduce((sum, piece) => sum + piece.length, 0) : undefined;
  const isBare = withoutBody || length === 0;
  stream.respond(answerHead(status, headers, length), { endStream: isBare });
  if (isBare) return;
  if (Buffer.isBuffer(body) && body.length <= STREAM_BUFFER_BYTES) {
    stream.end(body);
    return;
  }
  const patience = length === undefined ? patienceFor(answer, pace) : pace.patience;
  for await (const piece of parts) if (!(await writeSlices(stream, typeof piece === 'string' ? Buffer.from(piece) : piece, pace, patience))) return;
  stream.end();
}

function isPieces(body: readonly Buffer[] | AsyncIterable<Buffer | string>): body is readonly Buffer[] {
  return Array.isArray(body);
}

/** False when the client has gone. */
async function writeSlices(stream: ServerHttp2Stream, piece: Buffer, pace: Pace, patience: number | undefined): Promise<boolean> {
  if (piece.length <= STREAM_BUFFER_BYTES) return writePiece(stream, piece, pace, patience);
  for (let at = 0; at < piece.length; at += STREAM_BUFFER_BYTES) if (!(await writePiece(stream, piece.subarray(at, at + STREAM_BUFFER_BYTES), pace, patience))) return false;
  return true;
}

import type { ServerResponse } from 'node:http';
import type { ApiResponse } from '../types.ts';

/** Writes an answer, never faster than the client takes it. Resolves when all is written or the client has gone. */
export async function writeResponse(response: ServerResponse, answer: ApiResponse, withoutBody: boolean): Promise<void> {
  const { body, status, headers } = answer;
  if (Buffer.isBuffer(body)) {
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(withoutBody ? undefined : body);
    return;
  }
  if (isPieces(body)) {
    response.writeHead(status, { ...headers, 'content-length': body.reduce((sum, piece) => sum + piece.length, 0) });
    if (!withoutBody) for (const piece of body) if (!(await writePiece(response, piece))) return;
    response.end();
    return;
  }
  response.writeHead(status, headers);
  // A watch that is quiet has an answer all the same.
  response.flushHeaders();
  if (!withoutBody) for await (const piece of body) if (!(await writePiece(response, piece))) return;
  response.end();
}

function isPieces(body: ApiResponse['body']): body is readonly Buffer[] {
  return Array.isArray(body);
}

/** False when the client has gone. */
async function writePiece(response: ServerResponse, piece: Buffer | string): Promise<boolean> {
  if (response.destroyed || response.closed) return false;
  if (response.write(piece)) return true;
  return new Promise((resolve) => {
    const drained = (): void => {
      response.off('close', closed);
      resolve(true);
    };
    const closed = (): void => {
      response.off('drain', drained);
      resolve(false);
    };
    response.once('drain', drained);
    response.once('close', closed);
  });
}

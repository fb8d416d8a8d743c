import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ApiResponse } from '../types.ts';

/** Kubernetes' `defaultGzipThresholdBytes` and level: smaller answers are not worth the work, and better compression is not worth the time. */
const THRESHOLD_BYTES = 128 * 1024;
const LEVEL = 1;

/** Whether an `Accept-Encoding` allows gzip. */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined || !header.includes('gzip')) return false;
  return header.split(',').some((clause) => {
    const [coding = '', ...parameters] = clause.split(';').map((part) => part.trim());
    const quality = parameters.find((each) => each.startsWith('q='));
    return coding === 'gzip' && (quality === undefined || Number(quality.slice(2)) > 0);
  });
}

/** A large answer, compressed as it is sent where the client takes that; any other as it is. The work is done outside the event loop. */
export function compressed(answer: ApiResponse, acceptEncoding: string | undefined): ApiResponse {
  const { body, headers } = answer;
  const pieces = Buffer.isBuffer(body) ? [body] : Array.isArray(body) ? (body as readonly Buffer[]) : undefined;
  // What flows without a known length is a watch, or a log that is followed.
  const { 'content-length': known, ...others } = headers;
  if ((!pieces && known === undefined) || !acceptsGzip(acceptEncoding) || headers['content-encoding'] !== undefined) return answer;
  if (pieces && pieces.reduce((sum, { length }) => sum + length, 0) < THRESHOLD_BYTES) return answer;
  const gzip = createGzip({ level: LEVEL });
  // A client that goes away ends the loop over the pieces, and that this stream.
  Readable.from(pieces ?? body, { objectMode: false }).pipe(gzip);
  const vary = headers['vary'] === undefined ? 'Accept-Encoding' : `${headers['vary']}, Accept-Encoding`;
  return { ...answer, headers: { ...others, 'content-encoding': 'gzip', vary }, body: gzip };
}

/** In place of `compressed`, where nothing is to be. */
export const unchanged: typeof compressed = (answer) => answer;

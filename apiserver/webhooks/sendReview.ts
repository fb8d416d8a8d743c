import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type Agent } from 'node:https';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Dial, plainAgent } from '../../process/dial.ts';
import { callError } from './callError.ts';
import { joinHostPort, type Endpoint } from './serviceEndpoint.ts';

/** One request of a client that follows redirections. */
export interface Sending {
  readonly url: URL;
  /** Host and port as headers and messages show them, be the port that of the protocol or not. */
  readonly authority: string;
  readonly method: 'POST' | 'GET';
  /** Where the URL's host is reached. */
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Of HTTPS. */
  readonly agent: Agent;
  /** By which connections are opened that are not the agent's; unless given, directly. */
  readonly dial: Dial | undefined;
  readonly signal: AbortSignal;
  readonly maxResponseBytes: number;
}

export interface Received {
  readonly status: number;
  readonly contentType: string;
  /** Where the answer is rather to be had. */
  readonly location: string | undefined;
  readonly body: Buffer;
}

/** The connection had been kept, and its peer closed it before it answered. */
export class ClosedIdle extends Error {}

/** The answer had begun. */
export class BrokenAnswer extends Error {
  constructor(why: string) {
    super(`unexpected error when reading response body. Please retry. Original error: ${why}`);
  }
}

const unzip = promisify(gunzip);

/** Sends a request and receives its answer whole. Throws an `Error` with the words of Go's client. */
export async function sendReview({ url, authority, method, endpoint, headers, body, agent, dial, signal, maxResponseBytes }: Sending): Promise<Received> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error(`unsupported protocol scheme ${JSON.stringify(url.protocol.slice(0, -1))}`);
  // An address is no name to be asked for, and is found among those of the certificate by itself.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const servername = isIP(host) === 0 ? host : '';
  const options = { host: endpoint.host, port: endpoint.port, path: url.pathname + url.search, method, headers: { ...headers, host: authority, 'accept-encoding': 'gzip', ...(body ? { 'content-length': body.length } : {}) }, signal };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'http:' ? httpRequest({ ...options, agent: plainAgent({}, dial) }, resolve) : httpsRequest({ ...options, agent, servername }, resolve);
    request.removeHeader('connection');
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && error.code === 'ECONNRESET') reject(new ClosedIdle(error.message));
      else reject(new Error(callError(error, { peer: joinHostPort(endpoint), serverName: host })));
    });
    request.end(body);
  });
  const received = await bodyOf(response, signal, maxResponseBytes);
  return { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', location: response.headers.location, body: response.headers['content-encoding'] === 'gzip' ? await unpacked(received, maxResponseBytes) : received };
}

async function bodyOf(response: IncomingMessage, signal: AbortSignal, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof BrokenAnswer) throw error;
    throw new BrokenAnswer(signal.aborted ? 'context deadline exceeded' : 'unexpected EOF');
  }
  return Buffer.concat(pieces);
}

async function unpacked(body: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new BrokenAnswer(code === 'Z_BUF_ERROR' ? 'unexpected EOF' : 'gzip: invalid header');
  }
}

const tooLarge = (maxBytes: number): BrokenAnswer => new BrokenAnswer(`http: response body is larger than ${maxBytes} bytes`);

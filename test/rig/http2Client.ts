import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, ClientSessionOptions, IncomingHttpHeaders } from 'node:http2';
import { connect as connectTls } from 'node:tls';

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Why the stream was closed; 0: nothing wrong. */
  readonly code: number;
}

/** PEM; without a certificate nobody in particular. */
export interface Identity {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** One connection of HTTP/2 to a server on this machine. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  /** Resolves when the server sends the client away, or the connection ends. */
  readonly left: Promise<void>;
  readonly closed: Promise<void>;

  constructor(port: number, { ca, cert, key }: Identity, options: ClientSessionOptions = {}) {
    this.session = connectHttp2(`https://127.0.0.1:${port}`, { ...options, createConnection: () => connectTls({ host: '127.0.0.1', port, ca, cert, key, ALPNProtocols: ['h2'] }) });
    this.session.on('error', () => undefined);
    // Streams that are not read do not keep the others from being so.
    this.session.once('connect', () => this.session.setLocalWindowSize(64 * 1024 * 1024));
    this.closed = new Promise((resolve) => this.session.once('close', () => resolve()));
    this.left = new Promise((resolve) => {
      this.session.once('goaway', () => resolve());
      void this.closed.then(resolve);
    });
  }

  /** Begins a request; with a body it is sent whole, with `undefined` there is none, with `null` it is left open. */
  stream(method: string, path: string, body?: Buffer | string | null, headers: Record<string, string> = {}): ClientHttp2Stream {
    const stream = this.session.request({ ':method': method, ':path': path, ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}), ...headers }, { endStream: body === undefined });
    stream.on('error', () => undefined);
    if (body !== undefined && body !== null) stream.end(body);
    return stream;
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Http2Answer> {
    return answerOf(this.stream(method, path, body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body), headers));
  }

  /** The events of a watch as they come, until it ends. */
  async *watch(path: string): AsyncGenerator<{ readonly type: string; readonly object: { readonly metadata: { readonly name: string }; readonly data?: Readonly<Record<string, string>> } }> {
    let rest = '';
    for await (const piece of this.stream('GET', path) as AsyncIterable<Buffer>) {
      const lines = (rest + piece.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  }

  close(): void {
    this.session.destroy();
  }
}

/** What a stream was answered with, once it is closed; status 0: nothing. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let headers: IncomingHttpHeaders = {};
  const pieces: Buffer[] = [];
  stream.on('response', (answered) => (headers = answered));
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  await new Promise((resolve) => stream.once('close', resolve));
  return { status: Number(headers[':status'] ?? 0), headers, body: Buffer.concat(pieces), code: stream.rstCode ?? 0 };
}

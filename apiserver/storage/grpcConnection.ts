import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import type { Clock, Timer } from '../../process/clock.ts';

/** Client certificate and authority, as PEM; read anew for each connection. */
export interface EtcdTlsMaterial {
  readonly ca: string | Buffer;
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** The gRPC status codes that storage tells apart. */
export const GrpcCode = { cancelled: 1, unknown: 2, invalidArgument: 3, deadlineExceeded: 4, notFound: 5, outOfRange: 11, internal: 13, unavailable: 14 } as const;

/** A call that failed. `sent` is false where the server can not have seen it. */
export class GrpcError extends Error {
  readonly code: number;
  readonly sent: boolean;

  constructor(code: number, message: string, sent: boolean) {
    super(message);
    this.name = 'GrpcError';
    this.code = code;
    this.sent = sent;
  }
}

export interface StreamHandlers {
  /** The next message is handed over when this has settled; the stream is held back meanwhile. */
  message(message: Buffer): Promise<void> | void;
  /** Called once; nothing follows. */
  end(error: GrpcError): void;
}

/** A machine that has lost its power refuses nothing: without this, whoever connects to it would wait for minutes. */
const CONNECT_MS = 2_000;
const PING_EVERY_MS = 10_000;
const PING_ANSWER_MS = 5_000;
const WINDOW_BYTES = 8 * 1024 * 1024;
const MESSAGES_AHEAD = 8;

/**
 * gRPC to one server on node:http2: as much of the protocol as etcd needs, at half the CPU time of the general client
 * (docs/decisions/etcd-client.md). It connects when it is first called and again after a failure; a peer that stops answering
 * is found by HTTP/2 pings, at a rate that etcd's enforcement policy allows.
 */
export class GrpcConnection {
  readonly endpoint: string;
  readonly #tls: EtcdTlsMaterial | undefined;
  readonly #clock: Clock;
  #session: http2.ClientHttp2Session | undefined;
  /** All that are not closed yet; besides the present one those that the server is winding up. */
  readonly #sessions = new Set<http2.ClientHttp2Session>();
  #openStreams = 0;
  #closed = false;

  constructor(endpoint: string, tls: EtcdTlsMaterial | undefined, clock: Clock) {
    this.endpoint = endpoint;
    this.#tls = tls;
    this.#clock = clock;
  }

  /** One request, one response; rejects with GrpcError. */
  call(path: string, message: Uint8Array, timeoutMilliseconds: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const session = this.#connected();
      const stream = session.request(headers(path), { endStream: false });
      this.#openStreams += 1;
      const chunks: Buffer[] = [];
      let status: http2.IncomingHttpHeaders | undefined;
      let failure: GrpcError | undefined;
      const deadline = this.#clock.setTimeout(() => {
        failure = new GrpcError(GrpcCode.deadlineExceeded, `no answer from ${this.endpoint} within ${Math.round(timeoutMilliseconds)} ms`, isConnected(session));
        stream.close(http2.constants.NGHTTP2_CANCEL);
      }, timeoutMilliseconds);
      stream.on('response', (received) => {
        if (received['grpc-status'] !== undefined) status = received;
      });
      stream.on('trailers', (received) => {
        status = received;
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error) => {
        failure ??= new GrpcError(GrpcCode.unavailable, `${this.endpoint}: ${describe(error)}`, isConnected(session));
      });
      stream.on('close', () => {
        deadline.cancel();
        this.#openStreams -= 1;
        const error = failure ?? statusError(status, this.endpoint, isConnected(session));
        if (error) return reject(error);
        const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
        resolve(body.subarray(5));
      });
      stream.end(frame(message));
    });
  }

  /** One request and a stream of messages. `cancel` ends it; then `end` is called too. */
  stream(path: string, message: Uint8Array, handlers: StreamHandlers): { cancel(): void } {
    const session = this.#connected();
    // `hasleader`: etcd ends the stream when its member loses the leader, instead of falling silent.
    const stream = session.request({ ...headers(path), hasleader: 'true' }, { endStream: false });
    this.#openStreams += 1;
    const frames = new FrameReader();
    const waiting: Buffer[] = [];
    let draining = false;
    let status: http2.IncomingHttpHeaders | undefined;
    let failure: GrpcError | undefined;
    const drain = async (): Promise<void> => {
      draining = true;
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await handlers.message(next);
        if (waiting.length < MESSAGES_AHEAD && stream.isPaused()) stream.resume();
      }
      draining = false;
    };
    const fail = (error: unknown): void => {
      failure ??= new GrpcError(GrpcCode.internal, describe(error), true);
      stream.close(http2.constants.NGHTTP2_CANCEL);
    };
    stream.on('response', (received) => {
      if (received['grpc-status'] !== undefined) status = received;
    });
    stream.on('trailers', (received) => {
      status = received;
    });
    stream.on('data', (chunk: Buffer) => {
      waiting.push(...frames.take(chunk));
      if (waiting.length >= MESSAGES_AHEAD) stream.pause();
      if (!draining) drain().catch(fail);
    });
    stream.on('error', (error) => {
      failure ??= new GrpcError(GrpcCode.unavailable, `${this.endpoint}: ${describe(error)}`, isConnected(session));
    });
    stream.on('close', () => {
      this.#openStreams -= 1;
      waiting.length = 0;
      handlers.end(failure ?? statusError(status, this.endpoint, true) ?? new GrpcError(GrpcCode.unavailable, 'the stream ended', true));
    });
    stream.write(frame(message));
    return { cancel: () => stream.close(http2.constants.NGHTTP2_CANCEL) };
  }

  /** Gives the present connection up; calls under way fail, the next call connects anew. */
  reset(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#session = undefined;
    for (const session of this.#sessions) session.destroy();
  }

  #connected(): http2.ClientHttp2Session {
    if (this.#closed) throw new GrpcError(GrpcCode.cancelled, 'the connection was closed', false);
    if (this.#session && !this.#session.destroyed && !this.#session.closed) return this.#session;
    const socket = openSocket(this.endpoint, this.#tls);
    const session = http2.connect(this.endpoint, { createConnection: () => socket, settings: { initialWindowSize: WINDOW_BYTES, enablePush: false }, maxSessionMemory: 1_000 });
    this.#session = session;
    this.#sessions.add(session);
    let pings: Timer | undefined;
    const late = this.#clock.setTimeout(() => session.destroy(new Error(`no connection within ${CONNECT_MS} ms`)), CONNECT_MS);
    session.on('connect', () => {
      late.cancel();
      // It may have been given up in the turn in which it was made.
      if (session.destroyed) return;
      connectedSessions.add(session);
      session.setLocalWindowSize(WINDOW_BYTES * 2);
    });
    const ping = (): void => {
      pings = this.#clock.setTimeout(() => {
        if (session.destroyed) return;
        if (this.#openStreams > 0 && isConnected(session)) this.#ping(session);
        ping();
      }, PING_EVERY_MS);
    };
    ping();
    const over = (): void => {
      late.cancel();
      pings?.cancel();
      this.#sessions.delete(session);
      this.#forget(session);
      session.destroy();
      socket.destroy();
    };
    // Every stream of the session gets the error too and reports it to its caller. After a TLS alert the session says
    // neither that it failed nor that it is closed, and leaves its socket open.
    socket.on('error', over);
    socket.on('close', over);
    session.on('error', over);
    session.on('goaway', () => this.#forget(session));
    session.on('close', over);
    return session;
  }

  #forget(session: http2.ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }

  #ping(session: http2.ClientHttp2Session): void {
    const late = this.#clock.setTimeout(() => session.destroy(new Error('no answer to a ping')), PING_ANSWER_MS);
    session.ping(() => late.cancel());
  }
}

function openSocket(endpoint: string, material: EtcdTlsMaterial | undefined): net.Socket {
  const { protocol, hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const at = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)), noDelay: true };
  if (protocol !== 'https:') return net.connect(at);
  return tls.connect({ ...at, ...material, ALPNProtocols: ['h2'], ...(net.isIP(host) ? {} : { servername: host }) });
}

/** Sessions whose connection was made: what was given to another one can not have reached the server. */
const connectedSessions = new WeakSet<http2.ClientHttp2Session>();

function isConnected(session: http2.ClientHttp2Session): boolean {
  return connectedSessions.has(session);
}

function headers(path: string): http2.OutgoingHttpHeaders {
  return { ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc' };
}

function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(message.length + 5);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, 5);
  return framed;
}

function statusError(status: http2.IncomingHttpHeaders | undefined, endpoint: string, sent: boolean): GrpcError | undefined {
  const code = status?.['grpc-status'];
  if (code === undefined) return new GrpcError(GrpcCode.unavailable, `${endpoint} closed the connection`, sent);
  if (code === '0') return undefined;
  return new GrpcError(Number(code), unescaped(String(status?.['grpc-message'] ?? '')), sent);
}

/** gRPC's messages are percent-encoded; one that is not is shown as it came. */
function unescaped(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch (error) {
    if (error instanceof URIError) return message;
    throw error;
  }
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message || error.name : String(error)).trim();
}

/** Cuts a byte stream into gRPC's length-prefixed messages. */
class FrameReader {
  #parts: Buffer[] = [];
  #size = 0;

  take(chunk: Buffer): Buffer[] {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    const messages: Buffer[] = [];
    while (this.#size >= 5) {
      const first = this.#join(5);
      const length = first.readUInt32BE(1);
      if (this.#size < length + 5) break;
      const all = this.#join(length + 5);
      messages.push(all.subarray(5, length + 5));
      const rest = all.subarray(length + 5);
      this.#parts[0] = rest;
      this.#size -= length + 5;
    }
    return messages;
  }

  /** The first part, made at least `length` bytes long. */
  #join(length: number): Buffer {
    const first = this.#parts[0];
    if (first && first.length >= length) return first;
    const joined = Buffer.concat(this.#parts);
    this.#parts = [joined];
    return joined;
  }
}

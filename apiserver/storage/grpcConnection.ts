import net from 'node:net';
import tls from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../process/clock.ts';
import { type Dial, DialedStream } from '../../process/dial.ts';
import { encodeFields, type Fields } from './http2/hpack.ts';
import { Http2Connection } from './http2/http2Connection.ts';

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
const MESSAGES_AHEAD = 8;

/**
 * gRPC to one server on an HTTP/2 of our own: as much of the protocol as etcd needs, at a fraction of the CPU time of the general client
 * (docs/decisions/etcd-client.md). It connects when it is first called and again after a failure; a peer that stops answering
 * is found by HTTP/2 pings, at a rate that etcd's enforcement policy allows.
 */
export class GrpcConnection {
  readonly endpoint: string;
  readonly #tls: EtcdTlsMaterial | undefined;
  readonly #clock: Clock;
  readonly #dial: Dial | undefined;
  /** By path: the fields of a call, as they are sent. */
  readonly #heads = new Map<string, Buffer>();
  #connection: Http2Connection | undefined;
  /** All that are not closed yet; besides the present one those that the server is winding up. */
  readonly #connections = new Set<Http2Connection>();
  #closed = false;

  /** `dial`: how the server is reached, unless directly. */
  constructor(endpoint: string, tls: EtcdTlsMaterial | undefined, clock: Clock, dial?: Dial) {
    this.endpoint = endpoint;
    this.#tls = tls;
    this.#clock = clock;
    this.#dial = dial;
  }

  /** One request, one response; rejects with GrpcError. */
  call(path: string, message: Uint8Array, timeoutMilliseconds: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const connection = this.#connected();
      let chunks: Buffer | Buffer[] = [];
      let status: Fields | undefined;
      let late = false;
      const exchange = connection.open(this.#head(path), framed(message), true, {
        fields: (fields) => {
          if (fields.has('grpc-status')) status = fields;
        },
        data: (chunk) => {
          if (!Array.isArray(chunks)) chunks = [chunks, chunk];
          else if (chunks.length === 0) chunks = chunk;
          else chunks.push(chunk);
        },
        closed: (error, sent) => {
          deadline.cancel();
          if (late) return reject(new GrpcError(GrpcCode.deadlineExceeded, `no answer from ${this.endpoint} within ${Math.round(timeoutMilliseconds)} ms`, sent));
          const failure = this.#failure(error, status, sent);
          if (failure) return reject(failure);
          const body = Array.isArray(chunks) ? Buffer.concat(chunks) : chunks;
          if (body.length < 5 || body.readUInt32BE(1) !== body.length - 5) return reject(new GrpcError(GrpcCode.internal, `${this.endpoint}: not one whole message`, sent));
          resolve(body.subarray(5));
        },
      });
      const deadline = this.#clock.setTimeout(() => {
        late = true;
        exchange.cancel();
      }, timeoutMilliseconds);
    });
  }

  /**
   * A request and a stream of messages. `cancel` ends it; then `end` is called too. `whole`: no more requests follow this one, which a method that takes one alone waits for since
   * etcd 3.5; of others it would be the end.
   */
  stream(path: string, message: Uint8Array, whole: boolean, handlers: StreamHandlers): { cancel(): void } {
    const messages = new MessageReader();
    const waiting: Buffer[] = [];
    let draining = false;
    let status: Fields | undefined;
    /** Why the server has said all that it had to say, while messages still wait. */
    let last: GrpcError | undefined;
    let ended = false;
    const end = (reason: GrpcError): void => {
      if (ended) return;
      ended = true;
      waiting.length = 0;
      handlers.end(reason);
    };
    const drain = async (): Promise<void> => {
      draining = true;
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await handlers.message(next);
        if (waiting.length < MESSAGES_AHEAD) exchange.hold(false);
      }
      draining = false;
      if (last) end(last);
    };
    const fail = (error: unknown): void => {
      end(new GrpcError(GrpcCode.internal, describe(error), true));
      exchange.cancel();
    };
    // `hasleader`: etcd ends the stream when its member loses the leader, instead of falling silent.
    const exchange = this.#connected().open(this.#head(path, ['hasleader', 'true']), framed(message), whole, {
      fields: (fields) => {
        if (fields.has('grpc-status')) status = fields;
      },
      data: (chunk) => {
        waiting.push(...messages.take(chunk));
        if (waiting.length >= MESSAGES_AHEAD) exchange.hold(true);
        if (!draining) drain().catch(fail);
      },
      closed: (error, sent) => {
        const reason = this.#failure(error, status, sent) ?? new GrpcError(GrpcCode.unavailable, 'the stream ended', true);
        if (error || !draining) end(reason);
        else last = reason;
      },
    });
    return { cancel: () => exchange.cancel() };
  }

  /** Gives the present connection up; calls under way fail, the next call connects anew. */
  reset(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#connection = undefined;
    for (const connection of this.#connections) connection.destroy();
  }

  /** Why a call failed, if it did. */
  #failure(error: Error | undefined, status: Fields | undefined, sent: boolean): GrpcError | undefined {
    if (error) return new GrpcError(GrpcCode.unavailable, `${this.endpoint}: ${describe(error)}`, sent);
    return statusError(status, this.endpoint, sent);
  }

  #head(path: string, ...more: readonly (readonly [string, string])[]): Buffer {
    let head = this.#heads.get(path);
    if (!head) {
      const { protocol, host } = new URL(this.endpoint);
      head = encodeFields([[':method', 'POST'], [':scheme', protocol.slice(0, -1)], [':path', path], [':authority', host], ['content-type', 'application/grpc'], ['te', 'trailers'], ...more]);
      this.#heads.set(path, head);
    }
    return head;
  }

  #connected(): Http2Connection {
    if (this.#closed) throw new GrpcError(GrpcCode.cancelled, 'the connection was closed', false);
    if (this.#connection) return this.#connection;
    const socket = openSocket(this.endpoint, this.#tls, this.#dial);
    const forget = (): void => {
      if (this.#connection === connection) this.#connection = undefined;
    };
    const connection = new Http2Connection(socket, {
      retiring: forget,
      closed: () => {
        late.cancel();
        pings?.cancel();
        this.#connections.delete(connection);
        forget();
      },
    });
    this.#connection = connection;
    this.#connections.add(connection);
    const late = this.#clock.setTimeout(() => {
      if (!connection.isConnected) connection.destroy(new Error(`no connection within ${CONNECT_MS} ms`));
    }, CONNECT_MS);
    let pings: Timer | undefined;
    const ping = (): void => {
      pings = this.#clock.setTimeout(() => {
        if (connection.size > 0 && connection.isConnected) this.#ping(connection);
        ping();
      }, PING_EVERY_MS);
    };
    ping();
    return connection;
  }

  #ping(connection: Http2Connection): void {
    const late = this.#clock.setTimeout(() => connection.destroy(new Error('no answer to a ping')), PING_ANSWER_MS);
    connection.ping(() => late.cancel());
  }
}

function openSocket(endpoint: string, material: EtcdTlsMaterial | undefined, dial: Dial | undefined): Duplex {
  const { protocol, hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const at = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)), noDelay: true };
  const way = dial && new DialedStream(dial(host, at.port));
  if (protocol !== 'https:') return way ?? net.connect(at);
  return tls.connect({ ...at, ...material, ...(way ? { socket: way } : {}), ALPNProtocols: ['h2'], ...(net.isIP(host) ? {} : { servername: host }) });
}

function framed(message: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(message.length + 5);
  whole[0] = 0;
  whole.writeUInt32BE(message.length, 1);
  whole.set(message, 5);
  return whole;
}

function statusError(status: Fields | undefined, endpoint: string, sent: boolean): GrpcError | undefined {
  const code = status?.get('grpc-status');
  if (code === undefined) return new GrpcError(GrpcCode.unavailable, `${endpoint} closed the connection`, sent);
  if (code === '0') return undefined;
  return new GrpcError(Number(code), unescaped(status?.get('grpc-message') ?? ''), sent);
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
class MessageReader {
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

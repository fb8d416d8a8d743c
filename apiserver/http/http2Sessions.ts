import { constants, performServerHandshake } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { ApiError, badRequest, internalError } from '../../api/apiError.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { respondError } from '../handlers/respond.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ApiRequest, ApiResponse } from '../types.ts';
import type { ShownCertificate } from './clientCertificate.ts';
import type { compressed } from './compress.ts';
import { requestHead } from './http2Head.ts';
import { http2Options } from './http2Options.ts';
import type { Http2Config } from './http2Options.ts';
import { collectBody } from './readBody.ts';
import { writeStream } from './writeStream.ts';

/** Kubernetes' `IdleTimeout`. */
const IDLE_MS = 90_000;
const EMPTY = Buffer.alloc(0);
/** As Node answers on HTTP/1.1. */
const TOO_SLOW: ApiResponse = { status: 408, headers: {}, body: EMPTY };

/** A client's connection. */
interface Connection {
  readonly session: ServerHttp2Session;
  readonly remoteAddress: string;
  readonly shown: ShownCertificate;
  /** Requests that are being answered. */
  streams: number;
  /** When there were none from, by the monotonic clock. */
  idleSince: number;
}

/** What is waited for a client for: a body that it sends, an answer that it takes. */
interface Wait {
  readonly since: number;
  giveUp(): void;
}

export interface Http2Parts {
  readonly pipeline: Pick<Pipeline, 'handle'>;
  readonly config: Http2Config;
  /** `--goaway-chance`: part of the requests after which a client is sent to another connection. */
  readonly goawayChance: number;
  /** How long a client may take to send a body, and to take what waits of an answer; how often that and idle connections are looked after. Milliseconds. */
  readonly times: { readonly whole: number; readonly check: number };
  /** What makes of an answer the one that is sent. */
  readonly compress: typeof compressed;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The connections of HTTP/2, on which requests and watches share one socket. Each request goes through the pipeline as on HTTP/1.1;
 * who the client is by its certificate belongs to the connection.
 * 1. A request that its client resets is aborted, and nothing else on the connection.
 * 2. What a stream has to send waits in the pipeline's answer, but for one slice, until the client takes it.
 * 3. A connection that is sent away (`leave`) finishes what it has begun, and takes nothing more.
 */
export class Http2Sessions {
  readonly #parts: Http2Parts;
  readonly #options: ReturnType<typeof http2Options>;
  readonly #connections = new Set<Connection>();
  readonly #waits = new Set<Wait>();
  readonly #closed = new AbortController();

  constructor(parts: Http2Parts) {
    this.#parts = parts;
    this.#options = http2Options(parts.config);
    void this.#lookAfter();
  }

  /** Takes a socket whose client has chosen `h2`. */
  accept(socket: TLSSocket, shown: ShownCertificate): void {
    if (this.#closed.signal.aborted) {
      socket.destroy();
      return;
    }
    const { clock, logger } = this.#parts;
    const remoteAddress = socket.remoteAddress ?? '';
    const session = performServerHandshake(socket, this.#options.session);
    session.setLocalWindowSize(this.#options.windowBytes);
    const connection: Connection = { session, remoteAddress, shown, streams: 0, idleSince: clock.monotonic() };
    this.#connections.add(connection);
    session.on('error', (error) => logger.debug('a connection of HTTP/2 failed', { remoteAddress, error: error.message }));
    session.once('close', () => this.#connections.delete(connection));
    session.on('stream', (stream, headers, _flags, rawHeaders) => void this.#answer(connection, stream, headers, rawHeaders));
  }

  /** Takes no more connections and no more requests, and lets those that there are be finished. */
  close(): void {
    this.#closed.abort();
    for (const { session } of this.#connections) session.close();
  }

  /** Cuts what is left. */
  destroy(): void {
    this.#closed.abort();
    for (const { session } of this.#connections) session.destroy();
  }

  async #answer(connection: Connection, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: string[]): Promise<void> {
    const { pipeline, clock, logger, goawayChance, times } = this.#parts;
    const gone = new AbortController();
    let sent: Wait | undefined;
    connection.streams += 1;
    stream.on('error', (error) => logger.debug('a request broke off', { url: headers[':path'], error: error.message }));
    stream.once('close', () => {
      connection.streams -= 1;
      if (connection.streams === 0) connection.idleSince = clock.monotonic();
      // An answer that was given whole is no reason to abort, which costs as much as answering. (What is closed early is finished for Node.)
      if (sent) this.#waits.delete(sent);
      else gone.abort();
    });
    // Node resets a stream that nobody has read from when its answer is written, be its end sent or not.
    if (stream.endAfterHeaders) stream.resume();
    let leaves = goawayChance > 0 && Math.random() < goawayChance;
    const { shown, remoteAddress } = connection;
    const call = { ...requestHead(headers), rawHeaders, remoteAddress, ...shown, signal: gone.signal, abort: () => gone.abort(), leave: () => (leaves = true) };
    try {
      const result = this.#parts.compress(await answerOf(pipeline, call, stream.endAfterHeaders ? EMPTY : this.#receive(stream, headers)), call.headers['accept-encoding']);
      // Its other requests are finished; new ones come by another connection, perhaps to another server.
      if (leaves) connection.session.close();
      await writeStream(stream, result, call.method === 'HEAD', { clock, signal: gone.signal, patience: times.whole });
      // A stream is closed by its end on both sides; the rest of a body that was refused is dropped until then.
      sent = { since: clock.monotonic(), giveUp: () => stream.close(constants.NGHTTP2_CANCEL) };
      if (!stream.destroyed) this.#waits.add(sent);
    } catch (error) {
      if (!gone.signal.aborted) logger.error('an answer broke off', { url: headers[':path'], error });
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  /** A stream's body; undefined where it takes too long. Rejects beyond the limit, and where the client breaks off. */
  async #receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<Buffer | undefined> {
    if (headers.expect?.toLowerCase() === '100-continue') stream.additionalHeaders({ ':status': 100 });
    let arrival: Wait | undefined;
    try {
      return await new Promise<Buffer | undefined>((resolve, reject) => {
        this.#waits.add((arrival = { since: this.#parts.clock.monotonic(), giveUp: () => resolve(undefined) }));
        // What there is of it would otherwise pass for the whole.
        stream.once('aborted', () => reject(badRequest('the request was aborted')));
        collectBody(stream, headers['content-length']).then(resolve, reject);
      });
    } finally {
      if (arrival) this.#waits.delete(arrival);
    }
  }

  async #lookAfter(): Promise<void> {
    const { clock, config, times } = this.#parts;
    const { signal } = this.#closed;
    for (await clock.sleep(times.check, signal); !signal.aborted; await clock.sleep(times.check, signal)) {
      const now = clock.monotonic();
      for (const wait of this.#waits) if (now - wait.since > times.whole) wait.giveUp();
      for (const { session, streams, idleSince } of this.#connections) if (streams === 0 && now - idleSince > (config.idleMilliseconds ?? IDLE_MS)) session.close();
    }
  }
}

async function answerOf(pipeline: Pick<Pipeline, 'handle'>, call: Omit<ApiRequest, 'body'>, receiving: Buffer | Promise<Buffer | undefined>): Promise<ApiResponse> {
  try {
    const body = Buffer.isBuffer(receiving) ? receiving : await receiving;
    return body ? await pipeline.handle({ ...call, body }) : TOO_SLOW;
  } catch (error) {
    return respondError(error instanceof ApiError ? error : internalError(String(error)));
  }
}

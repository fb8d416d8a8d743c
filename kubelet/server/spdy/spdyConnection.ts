import { Duplex } from 'node:stream';
import { controlFrame, dataFrame, FLAG_FIN, type Frame, FRAME, FrameReader, STATUS_CANCEL } from './frames.ts';
import { decodePairs, encodePairs, HeaderCodec, type SpdyHeaders } from './headerBlock.ts';

/** Data frames that are sent; small enough to let several streams take turns. */
const CHUNK = 32 * 1024;
/** When a stream has so much that nobody has read, nothing more is taken from the connection. */
const HIGH_WATER = 1 << 20;

/** A stream that the client opened. */
export interface SpdyStream extends Duplex {
  readonly headers: SpdyHeaders;
}

class Stream extends Duplex implements SpdyStream {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly #connection: SpdyConnection;
  /** What was read and not yet told to the peer. */
  #consumed = 0;
  #ended = false;

  constructor(id: number, headers: SpdyHeaders, connection: SpdyConnection) {
    super({ allowHalfOpen: true, readableHighWaterMark: HIGH_WATER, writableHighWaterMark: CHUNK });
    this.id = id;
    this.headers = headers;
    this.#connection = connection;
  }

  /** False when the connection should bring no more for now. */
  receive(data: Buffer): boolean {
    // What comes behind its end is nobody's, and nobody will say that there is room for more.
    if (this.#ended || this.destroyed) return true;
    this.#consumed += data.length;
    return this.push(data);
  }

  /** The client sends no more. */
  finish(): void {
    this.#ended = true;
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    if (this.#consumed > 0) this.#connection.consumed(this.id, this.#consumed);
    this.#consumed = 0;
    this.#connection.resume(this);
  }

  override _write(data: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection.sendData(this.id, data).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.send(dataFrame(this.id, Buffer.alloc(0), true)).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.forget(this, error !== null || !this.readableEnded || !this.writableFinished);
    done(error);
  }
}

/**
 * The server's side of SPDY/3.1 as Kubernetes' clients speak it: their streams carry no method or path, and they keep no windows, so
 * that nothing is held back by one; what holds back is the connection itself.
 */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #streams = new Map<number, Stream>();
  readonly #unpack = new HeaderCodec('unpack');
  readonly #pack = new HeaderCodec('pack');
  readonly #full = new Set<Stream>();
  #resumed: (() => void) | undefined;
  #drained: Promise<void> | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Reads until the connection ends; `opened` is called for each stream, after it was answered. Rejects for what is not SPDY. */
  async run(opened: (stream: SpdyStream) => void): Promise<void> {
    const reader = new FrameReader();
    // Nobody reads on behalf of a client that has gone.
    this.#socket.once('close', () => this.#resumed?.());
    try {
      for await (const chunk of this.#socket) {
        for (const frame of reader.push(chunk as Buffer)) await this.#take(frame, opened);
        while (this.#full.size > 0 && !this.#socket.destroyed) await new Promise<void>((resolve) => (this.#resumed = resolve));
      }
    } finally {
      for (const stream of this.#streams.values()) stream.destroy();
      this.#unpack.close();
      this.#pack.close();
    }
  }

  async send(frame: Buffer): Promise<void> {
    if (this.#socket.destroyed || this.#socket.writableEnded) throw new Error('the connection has ended');
    if (this.#socket.write(frame)) return;
    this.#drained ??= new Promise<void>((resolve) => {
      const done = (): void => {
        this.#drained = undefined;
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
    await this.#drained;
  }

  async sendData(stream: number, data: Buffer): Promise<void> {
    for (let at = 0; at < data.length; at += CHUNK) await this.send(dataFrame(stream, data.subarray(at, at + CHUNK), false));
  }

  consumed(stream: number, bytes: number): void {
    this.#tell(controlFrame(FRAME.windowUpdate, 0, [stream, bytes]));
    this.#tell(controlFrame(FRAME.windowUpdate, 0, [0, bytes]));
  }

  /** The stream wants more, or none any more. */
  resume(stream: Stream): void {
    if (!this.#full.delete(stream) || this.#full.size > 0) return;
    this.#resumed?.();
  }

  forget(stream: Stream, reset: boolean): void {
    this.#streams.delete(stream.id);
    if (reset) this.#tell(controlFrame(FRAME.rstStream, 0, [stream.id, STATUS_CANCEL]));
    this.resume(stream);
  }

  /** Sends what nobody waits for. */
  #tell(frame: Buffer): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(frame);
  }

  async #take(frame: Frame, opened: (stream: SpdyStream) => void): Promise<void> {
    if (frame.kind === 'data') {
      const stream = this.#streams.get(frame.stream);
      if (!stream) return;
      if (frame.data.length > 0 && !stream.receive(frame.data)) this.#full.add(stream);
      if (frame.fin) stream.finish();
      return;
    }
    const id = frame.body.length >= 4 ? frame.body.readUInt32BE(0) & 0x7fffffff : 0;
    if (frame.type === FRAME.synStream) await this.#open(id, frame.flags, frame.body, opened);
    // Unpacked only to keep the compression in step.
    else if (frame.type === FRAME.headers) await this.#unpack.transform(frame.body.subarray(4));
    else if (frame.type === FRAME.ping && id % 2 === 1) await this.send(controlFrame(FRAME.ping, 0, [id]));
    else if (frame.type === FRAME.rstStream) this.#streams.get(id)?.destroy();
  }

  async #open(id: number, flags: number, body: Buffer, opened: (stream: SpdyStream) => void): Promise<void> {
    const headers = decodePairs(await this.#unpack.transform(body.subarray(10)));
    const stream = new Stream(id, headers, this);
    stream.on('error', () => this.#streams.delete(id));
    this.#streams.set(id, stream);
    await this.send(controlFrame(FRAME.synReply, 0, [id], await this.#pack.transform(encodePairs({}))));
    if ((flags & FLAG_FIN) !== 0) stream.finish();
    opened(stream);
  }
}

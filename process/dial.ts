import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';

/** Opens a connection to a host and port by a way of its own, e.g. through a proxy; rejects with what stood in the way. */
export type Dial = (host: string, port: number) => Promise<Socket>;

type Created = (error: Error | null, stream: Duplex) => void;

/** An `https.Agent` whose connections are opened by a `Dial`. */
export class DialingAgent extends https.Agent {
  readonly #dial: Dial;

  constructor(dial: Dial, options?: https.AgentOptions) {
    super(options);
    this.#dial = dial;
  }

  override createConnection(options: https.RequestOptions, created?: Created): undefined {
    give(this.#dial(String(options.host), Number(options.port)).then((socket) => tlsConnect({ ...(options as ConnectionOptions), socket })), created);
  }
}

/** As `DialingAgent`, without TLS. */
export class PlainDialingAgent extends http.Agent {
  readonly #dial: Dial;

  constructor(dial: Dial, options?: http.AgentOptions) {
    super(options);
    this.#dial = dial;
  }

  override createConnection(options: http.ClientRequestArgs, created?: Created): undefined {
    give(this.#dial(String(options.host), Number(options.port)), created);
  }
}

function give(stream: Promise<Duplex>, created: Created | undefined): void {
  stream.then((opened) => created?.(null, opened), (error: Error) => created?.(error, undefined as unknown as Duplex));
}

/** A connection that is being opened: what is written to it waits until it is. A failure destroys it. */
export class DialedStream extends Duplex {
  readonly #socket: Promise<Socket>;

  constructor(opening: Promise<Socket>) {
    super();
    this.#socket = opening;
    opening.then(
      (socket) => {
        if (this.destroyed) socket.destroy();
        else this.#follow(socket);
      },
      (error: Error) => this.destroy(error),
    );
  }

  #follow(socket: Socket): void {
    socket.on('data', (piece: Buffer) => {
      if (!this.push(piece)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    void this.#with((socket) => socket.resume());
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, written: (error?: Error | null) => void): void {
    void this.#with((socket) => socket.write(piece, written));
  }

  override _final(ended: () => void): void {
    void this.#with((socket) => socket.end(ended));
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    void this.#with((socket) => socket.destroy());
    destroyed(error);
  }

  /** What it could not be opened for is told by its destruction. */
  #with(run: (socket: Socket) => unknown): Promise<unknown> {
    return this.#socket.then(run, () => undefined);
  }
}

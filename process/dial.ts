import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';

/** Opens a connection to a host and port by a way of its own, e.g. through a proxy; rejects with what stood in the way. */
export type Dial = (host: string, port: number) => Promise<Socket>;

/** An agent of HTTPS whose connections are opened by a `Dial`, where there is one. */
export function secureAgent(options: https.AgentOptions, dial: Dial | undefined): https.Agent {
  return openedBy(new https.Agent(options), dial, (socket, wanted) => tlsConnect({ ...(wanted as ConnectionOptions), socket }));
}

/** As `secureAgent`, without TLS. */
export function plainAgent(options: http.AgentOptions, dial: Dial | undefined): http.Agent {
  return openedBy(new http.Agent(options), dial, (socket) => socket);
}

function openedBy<A extends http.Agent>(agent: A, dial: Dial | undefined, over: (socket: Socket, wanted: http.ClientRequestArgs) => Duplex): A {
  if (!dial) return agent;
  agent.createConnection = (wanted, created) => {
    dial(String(wanted.host), Number(wanted.port)).then((socket) => over(socket, wanted)).then((stream) => created?.(null, stream), (error: Error) => created?.(error, undefined as unknown as Duplex));
    return undefined;
  };
  return agent;
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

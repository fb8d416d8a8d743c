import tls from 'node:tls';
import type { ClientConfig } from '../../client/clientConfig.ts';

/** How many connections the API figures are measured with. */
export const CONNECTIONS = 16;
const LAST_CHUNK = '\r\n0\r\n\r\n';

interface Waiting {
  readonly what: string;
  readonly resolve: (bytes: number) => void;
  readonly reject: (error: Error) => void;
}

/**
 * HTTP/1.1 over kept TLS connections, spread evenly over the servers, one request at a time on each, reading no more of an answer than its status
 * and length: on a machine of two cores a client as rich as Node's own would be half of what is measured.
 */
export class LoadClient {
  readonly #idle: Connection[] = [];
  readonly #all: Connection[] = [];
  readonly #config: ClientConfig;
  readonly #queue: ((connection: Connection) => void)[] = [];

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  /** Resolves to the number of bytes of the answer's body; rejects on any status of 300 and above. */
  async call(method: string, path: string, body = '', type = 'application/json'): Promise<number> {
    const connection = await this.#take();
    try {
      return await connection.send(method, path, body, type);
    } finally {
      const next = this.#queue.shift();
      if (next) next(connection);
      else this.#idle.push(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #take(): Promise<Connection> | Connection {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#all.length >= CONNECTIONS) return new Promise((resolve) => this.#queue.push(resolve));
    const { servers } = this.#config;
    const connection = new Connection(this.#config, servers[this.#all.length % servers.length]!);
    this.#all.push(connection);
    return connection;
  }
}

class Connection {
  readonly #socket: tls.TLSSocket;
  readonly #host: string;
  #waiting: Waiting | undefined;
  #head = '';
  /** Bytes of the body that are still to come; undefined while the head is read, and while the end is told by a chunk of none. */
  #left: number | undefined;
  /** The last bytes of a body in chunks; undefined outside of one. */
  #tail: string | undefined;
  #bytes = 0;

  constructor({ ca, certificate, key, insecureSkipTLSVerify = false }: ClientConfig, server: string) {
    const { hostname, port, host } = new URL(server);
    this.#host = host;
    this.#socket = tls.connect({ host: hostname, port: Number(port || 443), ca, cert: certificate, key, rejectUnauthorized: !insecureSkipTLSVerify, ALPNProtocols: ['http/1.1'] });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#received(chunk));
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')));
  }

  send(method: string, path: string, body: string, type: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting = { what: `${method} ${path}`, resolve, reject };
      const length = body === '' ? '' : `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
      this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\naccept: application/json\r\n${length}\r\n${body}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    if (this.#left !== undefined) return this.#body(chunk.length);
    if (this.#tail !== undefined) return this.#chunked(chunk);
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const more = this.#head.length - end - 4;
    this.#head = this.#head.slice(0, end);
    if (/\r\ntransfer-encoding: *chunked/i.test(this.#head)) {
      this.#bytes = 0;
      this.#tail = '';
      return this.#chunked(chunk.subarray(chunk.length - more));
    }
    this.#bytes = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1] ?? '0');
    this.#left = this.#bytes;
    this.#body(more);
  }

  /** No JSON has a line's end of its own: what ends like the last chunk is it. */
  #chunked(piece: Buffer): void {
    this.#bytes += piece.length;
    this.#tail = (this.#tail + piece.subarray(-LAST_CHUNK.length).toString('latin1')).slice(-LAST_CHUNK.length);
    if (this.#tail === LAST_CHUNK) this.#done();
  }

  #body(length: number): void {
    this.#left! -= length;
    if (this.#left! <= 0) this.#done();
  }

  #done(): void {
    const status = this.#head.slice(9, 12);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#left = undefined;
    this.#tail = undefined;
    this.#head = '';
    if (status < '300') waiting?.resolve(this.#bytes);
    else waiting?.reject(new Error(`${waiting.what}: ${status}`));
  }
}

/** Makes `count` calls, CONNECTIONS at a time, and gives how many were done in a second. */
export async function perSecond(count: number, one: (index: number) => Promise<unknown>): Promise<number> {
  return (await callsWithin(Number.POSITIVE_INFINITY, count, one)).rate;
}

/** The same, but begins no more of them after so many seconds; `done` is how many there were. */
export async function callsWithin(seconds: number, count: number, one: (index: number) => Promise<unknown>): Promise<{ readonly done: number; readonly rate: number }> {
  let next = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < count && performance.now() < end) await one(next++);
    }),
  );
  return { done: next, rate: next / ((performance.now() - began) / 1000) };
}

/** Milliseconds of up to `count` calls, one after another, begun within so many seconds. */
export async function latenciesWithin(seconds: number, count: number, one: (index: number) => Promise<unknown>): Promise<number[]> {
  const latencies: number[] = [];
  for (const end = performance.now() + seconds * 1000; latencies.length < count && performance.now() < end; ) {
    const began = performance.now();
    await one(latencies.length);
    latencies.push(performance.now() - began);
  }
  return latencies;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

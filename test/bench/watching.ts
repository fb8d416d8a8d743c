import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { LoneServer } from './loneServers.ts';
import { cpuMicroseconds } from './serverCpu.ts';
import { beginWatch, openSocket } from './watchSocket.ts';

export const WRITES = 60;
/** So many handshakes at a time. */
const OPENED_AT_ONCE = 20;
/** Within which a write must have come to everybody. */
const PATIENCE_MS = 10_000;

export type WatchedServer = Pick<LoneServer, 'pid' | 'config' | 'admin'>;

/** From a write to its receipts. */
export interface Spread {
  readonly latencies: readonly number[];
  /** Microseconds of the server's CPU for each write, the write itself included. */
  readonly cpu: number;
}

/** Watchers of the ConfigMaps of a namespace, each by a connection of its own, and writes that come to them. */
export class Watching {
  readonly #server: WatchedServer;
  readonly #path: string;
  readonly #sockets: TLSSocket[] = [];
  #receive: (line: string) => void = () => undefined;
  #written = 0;

  constructor(server: WatchedServer, namespace: string) {
    this.#server = server;
    this.#path = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  /** Connections that have been asked for something once, as those that say nothing are closed. */
  async connect(count: number): Promise<void> {
    const open = async (): Promise<TLSSocket> => {
      const socket = await openSocket(this.#server.config);
      socket.write('GET /livez HTTP/1.1\r\nhost: bench\r\n\r\n');
      await once(socket, 'data');
      return socket;
    };
    while (this.#sockets.length < count) this.#sockets.push(...(await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, count - this.#sockets.length) }, open))));
  }

  disconnect(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }

  /** So many watchers begin; they stay until they are disconnected. */
  async begin(count: number, selector: (index: number) => string = () => ''): Promise<void> {
    await this.connect(count);
    const { json } = await this.#server.admin('GET', `${this.#path}?limit=1`);
    const path = `${this.#path}?watch=true&resourceVersion=${String(json.metadata.resourceVersion)}`;
    await Promise.all(this.#sockets.map((socket, index) => beginWatch(socket, `${path}${selector(index)}`, (line) => this.#receive(line))));
  }

  /** So many of them see writes come. */
  async see(receivers: number): Promise<Spread> {
    await this.write(5, receivers);
    return this.write(WRITES, receivers);
  }

  async write(count: number, receivers: number): Promise<Spread> {
    const latencies: number[] = [];
    const before = cpuMicroseconds(this.#server.pid);
    for (let turn = 0; turn < count; turn += 1) {
      const name = `w${this.#written++}`;
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { number: '0' } }, data: { a: 'x'.repeat(500) } });
      const mark = `"name":"${name}"`;
      let missing = receivers;
      const began = performance.now();
      const received = new Promise<void>((resolve) => {
        this.#receive = (line) => {
          if (!line.includes(mark)) return;
          latencies.push(performance.now() - began);
          missing -= 1;
          if (missing === 0) resolve();
        };
        if (receivers === 0) resolve();
      });
      await this.#server.admin('POST', this.#path, body, { 'content-type': 'application/json' });
      await Promise.race([received, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
      if (missing > 0) throw new Error(`${missing} of ${receivers} watchers have not received a write within ${PATIENCE_MS / 1000} s`);
    }
    return { latencies, cpu: (cpuMicroseconds(this.#server.pid) - before) / count };
  }
}

import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { Figure } from './figures.ts';
import { quantile } from './load.ts';
import { LoneServers, type LoneServer } from './loneServers.ts';
import { cpuMicroseconds } from './serverCpu.ts';
import { settledMebibytes } from './serverMemory.ts';
import { beginWatch, openSocket } from './watchSocket.ts';

const MANY = 1000;
const WRITES = 60;
/** So many handshakes at a time. */
const OPENED_AT_ONCE = 20;
/** Within which a write must have come to everybody. */
const PATIENCE_MS = 10_000;
const NAMESPACE = 'bench-watchers';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

/** From a write to its receipts. */
interface Spread {
  readonly latencies: readonly number[];
  /** Microseconds of the server's CPU for each write, the write itself included. */
  readonly cpu: number;
}

/** 1, 50 and 1,000 watchers of one kind: memory for each, and milliseconds from sending a write to its receipts. Each write waits until the last has come to everybody. */
export async function watcherFigures(many = MANY): Promise<Figure[]> {
  const lone = await LoneServers.open();
  const sockets: TLSSocket[] = [];
  try {
    process.stderr.write('measuring: watchers\n');
    const server = await lone.start();
    await server.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const bench = new Watching(server, sockets);
    await bench.write(100, 0);
    await bench.begin(1);
    const one = await bench.see(1);
    bench.disconnect();
    await bench.begin(50);
    const fifty = await bench.see(50);
    bench.disconnect();
    const without = await settledMebibytes(server.pid);
    await bench.connect(many);
    const connected = await settledMebibytes(server.pid);
    await bench.begin(many);
    const watched = await settledMebibytes(server.pid);
    const all = await bench.see(many);
    const written = await settledMebibytes(server.pid);
    bench.disconnect();
    // Each wants another label, and every object has the first one's.
    await bench.begin(many, (index) => `&labelSelector=number%3D${index}`);
    const selecting = await bench.see(1);
    return [
      ...rows('1 watcher', one),
      ...rows('50 watchers', fifty, one),
      ...rows(`${many} watchers`, all, one),
      ...rows(`${many} watchers, of whom one selects the object`, selecting, one),
      { name: `memory of the server, ${many} watchers (reference: none)`, value: watched, unit: 'MiB', reference: without },
      { name: `the same after ${WRITES} writes, each to all of them`, value: written, unit: 'MiB', reference: without },
      { name: 'memory for each watcher (reference: for each idle connection)', value: ((watched - without) / many) * 1024, unit: 'KiB', reference: ((connected - without) / many) * 1024 },
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    await lone.close();
  }
}

class Watching {
  readonly #server: LoneServer;
  readonly #sockets: TLSSocket[];
  #receive: (line: string) => void = () => undefined;
  #written = 0;

  constructor(server: LoneServer, sockets: TLSSocket[]) {
    this.#server = server;
    this.#sockets = sockets;
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
    const { json } = await this.#server.admin('GET', `${PATH}?limit=1`);
    const path = `${PATH}?watch=true&resourceVersion=${String(json.metadata.resourceVersion)}`;
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
      await this.#server.admin('POST', PATH, body, { 'content-type': 'application/json' });
      await Promise.race([received, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
      if (missing > 0) throw new Error(`${missing} of ${receivers} watchers have not received a write within ${PATIENCE_MS / 1000} s`);
    }
    return { latencies, cpu: (cpuMicroseconds(this.#server.pid) - before) / count };
  }
}

function rows(who: string, { latencies, cpu }: Spread, one?: Spread): Figure[] {
  const of = (share: number): Omit<Figure, 'name'> => ({ value: quantile(latencies, share), unit: 'ms', ...(one ? { reference: quantile(one.latencies, share) } : {}) });
  return [
    { name: `${who}: write to receipt, p50`, ...of(0.5) },
    { name: `${who}: write to receipt, p99`, ...of(0.99) },
    { name: `${who}: CPU of the server for each write`, value: cpu, unit: 'µs', ...(one ? { reference: one.cpu } : {}) },
  ];
}

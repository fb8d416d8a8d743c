import { connect, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/**
 * `networkProbe.ts serve PORT` answers each connection by what its first byte asks: `d` for data without end, `e` for an echo.
 * `networkProbe.ts ask HOST PORT` measures the path to it and prints one line of JSON.
 */
export interface PathFigures {
  /** Bytes per second of one connection. */
  readonly throughput: number;
  /** Microseconds, median: a byte there and back on a connection that stands. */
  readonly roundTrip: number;
  /** Microseconds, median: until a new connection stands. */
  readonly connect: number;
}

const CHUNK = 1 << 20;
const THROUGHPUT_MILLISECONDS = 1_500;
const ROUND_TRIPS = 3_000;
const CONNECTIONS = 500;
/** Whatever hangs ends the measurement. */
const LIMIT_MILLISECONDS = 20_000;

const [mode, ...words] = process.argv.slice(2);
if (mode === 'serve') serve(Number(words[0]));
if (mode === 'ask') {
  const limit = setTimeout(() => process.exit(1), LIMIT_MILLISECONDS);
  process.stdout.write(`${JSON.stringify(await measure(words[0]!, Number(words[1])))}\n`);
  clearTimeout(limit);
  process.exit(0);
}

function serve(port: number): void {
  const data = Buffer.alloc(CHUNK, 'x');
  const send = (socket: Socket): void => {
    while (socket.write(data)) if (socket.destroyed) return;
    socket.once('drain', () => send(socket));
  };
  createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (first) => {
      if (first.toString().startsWith('d')) return send(socket);
      socket.write(first);
      socket.on('data', (bytes) => void socket.write(bytes));
    });
  }).listen(port, '0.0.0.0', () => process.stdout.write('ready\n'));
}

async function measure(host: string, port: number): Promise<PathFigures> {
  return { throughput: await throughput(host, port), roundTrip: await roundTrip(host, port), connect: await connecting(host, port) };
}

function throughput(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    // Read into one buffer, so that what is measured is the path and not the memory.
    const onread = { buffer: Buffer.alloc(CHUNK), callback: (count: number) => (bytes += count) >= 0 };
    const socket = connect({ host, port, onread }, () => socket.write('d'));
    socket.on('error', reject);
    setTimeout(() => {
      const began = performance.now();
      bytes = 0;
      setTimeout(() => {
        socket.destroy();
        resolve((bytes * 1000) / (performance.now() - began));
      }, THROUGHPUT_MILLISECONDS);
    }, 200);
  });
}

function roundTrip(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const times: number[] = [];
    let began = 0;
    const ask = (): void => {
      began = performance.now();
      socket.write('e');
    };
    const socket = connect({ host, port, noDelay: true }, ask);
    socket.on('error', reject);
    socket.on('data', () => {
      times.push((performance.now() - began) * 1000);
      if (times.length < ROUND_TRIPS) return ask();
      socket.destroy();
      resolve(median(times));
    });
  });
}

async function connecting(host: string, port: number): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < CONNECTIONS; at += 1) {
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host, port }, () => {
        times.push((performance.now() - began) * 1000);
        socket.resetAndDestroy();
        resolve();
      });
      socket.on('error', reject);
    });
  }
  return median(times);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1]!;
}

import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** What a test asks of the agent in a network namespace, one JSON line each; the answer bears the same `id`. */
export type Ask =
  | { readonly op: 'serve'; readonly port: number; readonly name: string }
  | { readonly op: 'tcp'; readonly to: string; readonly port: number; readonly from?: string; readonly patience?: number }
  | { readonly op: 'udp'; readonly to: string; readonly port: number; readonly from?: string }
  /** Over a UDP socket that is kept under this name, so that all go by the same source port; to be asked again and again. */
  | { readonly op: 'flow'; readonly flow: string; readonly to: string; readonly port: number }
  /** Bytes, in hexadecimal, by one datagram or over one connection; the answer is the bytes that come back. */
  | { readonly op: 'bytes'; readonly protocol: 'tcp' | 'udp'; readonly to: string; readonly port: number; readonly hex: string; readonly patience?: number }
  /** Whatever connects to this port of loopback reaches the Unix socket `path` of the machine. */
  | { readonly op: 'relay'; readonly port: number; readonly path: string };

/**
 * Without an answer after this time, in milliseconds, the ask has failed with ETIMEDOUT, unless it says how much `patience` it has. Who answers may be
 * kept waiting by a busy machine, and the kernel says of what it cannot forward only once in a second that there is no way (`net.ipv4.route.error_cost`,
 * which no namespace has for itself): a connection that is still being tried hears it the next time.
 */
const PATIENCE = 20_000;
/** A datagram of a flow is not repeated: who asks does that. */
const FLOW_PATIENCE = 1_000;
const flows = new Map<string, Socket>();

/** Answers `name clientAddress` over TCP and UDP. */
function serve(port: number, name: string): Promise<string> {
  const udp = createSocket('udp4');
  udp.on('message', (_, from) => udp.send(`${name} ${from.address}`, from.port, from.address));
  const tcp = createServer((socket) => socket.on('error', () => socket.destroy()).end(`${name} ${socket.remoteAddress?.replace('::ffff:', '')}`));
  return new Promise((resolve, reject) => {
    tcp.on('error', reject).listen(port, '0.0.0.0', () => udp.bind(port, () => resolve('serving')));
  });
}

function askTcp({ to, port, from, patience = PATIENCE }: Ask & { readonly op: 'tcp' }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: to, port, ...(from ? { localAddress: from } : {}) });
    let text = '';
    socket.setTimeout(patience, () => socket.destroy(new Error('ETIMEDOUT')));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('end', () => resolve(text));
  });
}

function askUdp(socket: Socket, patience: number, close: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (run: () => void): void => {
      clearTimeout(timer);
      socket.removeAllListeners('message').removeAllListeners('error');
      if (close) socket.close();
      else socket.on('error', () => undefined);
      run();
    };
    const timer = setTimeout(() => done(() => reject(new Error('ETIMEDOUT'))), patience);
    socket.once('message', (message) => done(() => resolve(message.toString())));
    socket.once('error', (error) => done(() => reject(error)));
    socket.send('?');
  });
}

/** A socket that knows its peer is told when the peer refuses. */
function connected(to: string, port: number, from?: string): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, from ?? '0.0.0.0', () => socket.connect(port, to, () => resolve(socket.off('error', reject))));
  });
}

function exchange({ protocol, to, port, hex, patience = PATIENCE }: Ask & { readonly op: 'bytes' }): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('ETIMEDOUT')), patience);
    const done = (bytes: Buffer): void => {
      clearTimeout(timer);
      resolve(bytes.toString('hex'));
    };
    if (protocol === 'udp') {
      const socket = createSocket('udp4').on('error', reject);
      socket.on('message', (message) => done(message) ?? socket.close());
      socket.send(Buffer.from(hex, 'hex'), port, to);
      return;
    }
    const socket = connect({ host: to, port }).on('error', reject);
    let received: Buffer = Buffer.alloc(0);
    socket.on('close', () => done(received));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > 2 && received.length >= 2 + received.readUInt16BE(0)) socket.destroy();
    });
    socket.write(Buffer.from(hex, 'hex'));
  });
}

function relay(port: number, path: string): Promise<string> {
  const server = createServer((near) => {
    const far = connect(path);
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve('relaying')));
}

async function answer(ask: Ask): Promise<string> {
  if (ask.op === 'serve') return serve(ask.port, ask.name);
  if (ask.op === 'relay') return relay(ask.port, ask.path);
  if (ask.op === 'bytes') return exchange(ask);
  if (ask.op === 'tcp') return askTcp(ask);
  if (ask.op === 'udp') return askUdp(await connected(ask.to, ask.port, ask.from), PATIENCE, true);
  const socket = flows.get(ask.flow) ?? (await connected(ask.to, ask.port));
  flows.set(ask.flow, socket);
  return askUdp(socket, FLOW_PATIENCE, false);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, ...ask } = JSON.parse(line) as Ask & { readonly id: number };
  const say = (text: string): boolean => process.stdout.write(`${JSON.stringify({ id, text })}\n`);
  answer(ask as Ask).then(say, (error: Error & { code?: string }) => say(error.code ?? error.message));
});
process.stdin.on('end', () => process.exit(0));

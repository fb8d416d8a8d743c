import { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { V1Status } from '../../../api/generated/types.ts';
import { plainStatus } from './exitStatus.ts';
import { Queue } from './queue.ts';
import { parseSizes, type RemoteStreams, type TerminalSize } from './remoteCommand.ts';

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** The channel protocols that clients may ask for, and what each can do. */
export const COMMAND_PROTOCOLS: Readonly<Record<string, { readonly version: 1 | 4 | 5; readonly base64: boolean }>> = {
  '': { version: 1, base64: false },
  'channel.k8s.io': { version: 1, base64: false },
  'base64.channel.k8s.io': { version: 1, base64: true },
  'v4.channel.k8s.io': { version: 4, base64: false },
  'v4.base64.channel.k8s.io': { version: 4, base64: true },
  'v5.channel.k8s.io': { version: 5, base64: false },
};

export interface CommandStreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Each message bears its channel's number in its first byte, or in base64 protocols as a digit (`wsstream`). */
export function webSocketCommand(socket: WebSocket, protocol: string, options: CommandStreamOptions): RemoteStreams {
  const { version, base64 } = COMMAND_PROTOCOLS[protocol] ?? { version: 4, base64: false };
  const send = (channel: number, data: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const message = base64 ? `${channel}${data.toString('base64')}` : Buffer.concat([Buffer.of(channel), data]);
      socket.send(message, { binary: !base64 }, (error) => (error ? reject(error) : resolve()));
    });
  const stdin = options.stdin ? new Readable({ read: () => socket.resume() }) : undefined;
  const writable = (channel: number): Writable => new Writable({ write: (data: Buffer, _, done) => void send(channel, data).then(() => done(), done) });
  const sizes = new Queue<TerminalSize>();
  // What comes behind the end would break the stream.
  let stdinEnded = false;
  const endStdin = (): void => {
    stdinEnded = true;
    stdin?.push(null);
  };
  const closed = Promise.withResolvers<void>();
  socket.on('message', (message: Buffer) => {
    const { channel, data } = readMessage(message, base64);
    if (channel === CHANNEL.stdin && data.length > 0 && !stdinEnded && stdin?.push(data) === false) socket.pause();
    if (channel === CHANNEL.resize) for (const size of parseSizes(data.toString('utf8')).sizes) sizes.push(size);
    if (channel === CHANNEL.close && version === 5 && data[0] === CHANNEL.stdin) endStdin();
  });
  socket.once('close', () => {
    sizes.end();
    endStdin();
    closed.resolve();
  });
  socket.on('error', () => socket.terminate());
  // An empty message tells a client that waits for one that the channels are open.
  void send(options.stdout ? CHANNEL.stdout : options.stderr ? CHANNEL.stderr : CHANNEL.error, Buffer.alloc(0)).catch(() => socket.terminate());
  return {
    stdin,
    stdout: options.stdout ? writable(CHANNEL.stdout) : undefined,
    stderr: options.stderr && !options.tty ? writable(CHANNEL.stderr) : undefined,
    sizes,
    closed: closed.promise,
    end: (status) => end(socket, version, status, send),
  };
}

/** A message's channel, -1 of an empty one, and what is behind it. */
export function readMessage(message: Buffer, base64: boolean): { readonly channel: number; readonly data: Buffer } {
  const first = message[0] ?? -1;
  return base64 ? { channel: first - 48, data: Buffer.from(message.toString('latin1', 1), 'base64') } : { channel: first, data: message.subarray(1) };
}

async function end(socket: WebSocket, version: number, status: V1Status, send: (channel: number, data: Buffer) => Promise<void>): Promise<void> {
  if (socket.readyState !== socket.OPEN) return;
  const text = version >= 4 ? JSON.stringify(status) : plainStatus(status);
  if (text !== '') await send(CHANNEL.error, Buffer.from(text)).catch(() => socket.terminate());
  // What the client still sends is read away, or its closing answer would never be seen.
  socket.resume();
  socket.close(1000);
}

import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { messageOf } from '../../errorText.ts';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import { SpdyConnection, type SpdyStream } from '../spdy/spdyConnection.ts';
import { plainStatus } from './exitStatus.ts';
import { Queue } from './queue.ts';
import { parseSizes, type RemoteStreams, type TerminalSize } from './remoteCommand.ts';
import type { CommandStreamOptions } from './webSocketCommand.ts';

/** Of `X-Stream-Protocol-Version`; what is not there is the first version. */
export const SPDY_COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
/** How long a client may take to open its streams (`streamCreationTimeout`). */
const CREATION_MILLISECONDS = 30_000;

/** How long a client may take to close its side. */
const CLOSE_MILLISECONDS = 2000;

/** Waits for the streams that the client opens, each named by its `streamtype` header (`httpStreamHandler`). */
export async function spdyCommand(socket: Duplex, protocol: string, options: CommandStreamOptions, clock: Clock, logger: Logger): Promise<RemoteStreams> {
  const resizes = options.tty && ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io'].includes(protocol);
  const wanted = ['error', ...(options.stdin ? ['stdin'] : []), ...(options.stdout ? ['stdout'] : []), ...(options.stderr && !options.tty ? ['stderr'] : []), ...(resizes ? ['resize'] : [])];
  const streams = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  const sizes = new Queue<TerminalSize>();
  const connection = new SpdyConnection(socket);
  const closed = connection
    .run((stream) => {
      // Its errors are told to whoever reads or writes it.
      stream.on('error', (error) => logger.debug('a stream broke off', { error: error.message }));
      streams.set(stream.headers['streamtype'] ?? '', stream);
      if (wanted.every((name) => streams.has(name))) complete.resolve();
    })
    .catch((error: unknown) => logger.debug('a connection broke off', { error: messageOf(error) }))
    .finally(() => {
      sizes.end();
      complete.reject(new Error('the client has gone'));
      socket.destroy();
    });
  const timer = clock.setTimeout(() => complete.reject(new Error('timed out waiting for client to create streams')), CREATION_MILLISECONDS);
  try {
    await complete.promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    timer.cancel();
  }
  const resize = streams.get('resize');
  if (resize) readSizes(resize, sizes);
  const errors = streams.get('error');
  return {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    sizes,
    closed,
    async end(status) {
      const text = protocol.startsWith('v4') || protocol.startsWith('v5') ? JSON.stringify(status) : plainStatus(status);
      if (errors && !errors.destroyed) {
        errors.end(text);
        await finished(errors, { readable: false }).catch((error: unknown) => logger.debug('the status could not be told', { error: messageOf(error) }));
      }
      socket.end();
      clock.setTimeout(() => socket.destroy(), CLOSE_MILLISECONDS);
    },
  };
}

function readSizes(stream: SpdyStream, sizes: Queue<TerminalSize>): void {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    const parsed = parseSizes(text + chunk.toString('utf8'));
    text = parsed.rest;
    for (const size of parsed.sizes) sizes.push(size);
  });
}

import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { messageOf } from '../../errorText.ts';
import { readMessage } from './webSocketCommand.ts';
import { forwardError, type ForwardTarget, joinPort } from './portForward.ts';

/** The older port-forward over plain WebSocket channels: two per port, data and errors; each begins with the port's number in two bytes. */
export async function webSocketPortForward(socket: WebSocket, base64: boolean, ports: readonly number[], target: ForwardTarget): Promise<void> {
  const send = (channel: number, data: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const message = base64 ? `${channel}${data.toString('base64')}` : Buffer.concat([Buffer.of(channel), data]);
      socket.send(message, { binary: !base64 }, (error) => (error ? reject(error) : resolve()));
    });
  const streams = ports.map((_, index) => new Duplex({ read: () => socket.resume(), write: (data: Buffer, _encoding, done) => void send(2 * index, data).then(() => done(), done) }));
  socket.on('message', (message: Buffer) => {
    const { channel, data } = readMessage(message, base64);
    const stream = channel % 2 === 0 ? streams[channel / 2] : undefined;
    if (stream && !stream.readableEnded && !stream.push(data)) socket.pause();
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.terminate());
  void closed.then(() => streams.forEach((stream) => stream.destroy()));
  const joined = ports.map(async (port, index) => {
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port & 0xffff);
    try {
      await send(2 * index, number);
      await send(2 * index + 1, number);
      await joinPort(port, streams[index]!, target);
    } catch (error) {
      target.logger.debug('a port could not be forwarded', { port, error: messageOf(error) });
      if (socket.readyState === socket.OPEN) await send(2 * index + 1, Buffer.from(forwardError(port, target, error))).catch(() => socket.terminate());
    }
  });
  await Promise.all(joined);
  socket.close(1000);
  await closed;
  target.dialer.close();
}

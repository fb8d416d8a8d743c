import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '../../../process/log.ts';
import { messageOf } from '../../errorText.ts';
import { SpdyConnection, type SpdyStream } from '../spdy/spdyConnection.ts';
import type { PodDialer } from './podDialer.ts';

export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';
/** The same, carried in WebSocket messages. */
export const TUNNELLED_PORT_FORWARD = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;

export interface ForwardTarget {
  readonly dialer: PodDialer;
  /** How messages name the pod. */
  readonly pod: string;
  readonly uid: string;
  readonly logger: Logger;
}

/**
 * Serves a port-forward connection until it ends: for each connection to a port the client opens two streams with one `requestid`, the one
 * for errors first, then the one for data, which names the port (`portforward.httpStreamHandler`).
 */
export async function servePortForward(socket: Duplex, target: ForwardTarget): Promise<void> {
  const errorStreams = new Map<string, SpdyStream>();
  const connection = new SpdyConnection(socket);
  try {
    await connection.run((stream) => {
      stream.on('error', (error) => target.logger.debug('a forwarded stream broke off', { error: error.message }));
      const { streamtype, requestid, port = '' } = stream.headers;
      const request = requestid ?? port;
      if (streamtype === 'error') errorStreams.set(request, stream);
      if (streamtype !== 'data') return;
      const errors = errorStreams.get(request);
      errorStreams.delete(request);
      void forward(Number(port), stream, errors, target);
    });
  } catch (error) {
    target.logger.debug('a port-forward connection broke off', { error: messageOf(error) });
  } finally {
    target.dialer.close();
    socket.destroy();
  }
}

/** Joins one stream with one connection; never rejects. */
async function forward(port: number, data: SpdyStream, errors: SpdyStream | undefined, target: ForwardTarget): Promise<void> {
  try {
    await joinPort(port, data, target);
    if (errors && !errors.destroyed) errors.end();
  } catch (error) {
    target.logger.debug('a port could not be forwarded', { port, error: messageOf(error) });
    if (errors && !errors.destroyed) errors.end(forwardError(port, target, error));
    if (!data.destroyed) data.destroy();
  }
  errors?.resume();
}

/** The text that kubectl shows. */
export function forwardError(port: number, { pod, uid }: Pick<ForwardTarget, 'pod' | 'uid'>, error: unknown): string {
  return `error forwarding port ${port} to pod ${pod}, uid ${uid}: ${messageOf(error)}`;
}

/**
 * Passes bytes both ways until both sides have ended, one after the other. Throws where no connection can be made; how one that was
 * made ends is told to nobody, as clients reset their stream when they have read all that they want.
 */
export async function joinPort(port: number, data: Duplex, { dialer, logger }: Pick<ForwardTarget, 'dialer' | 'logger'>): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`invalid port number: ${port}`);
  const socket = await dialer.dial(port);
  socket.allowHalfOpen = true;
  try {
    await Promise.all([pipeline(data, socket), pipeline(socket, data)]);
  } catch (error) {
    logger.debug('a forwarded connection broke off', { port, error: messageOf(error) });
    data.destroy();
  } finally {
    socket.destroy();
  }
}

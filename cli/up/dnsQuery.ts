import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';
import type { Clock } from '../../process/clock.ts';

/** Asks one DNS server for the A records of a name, by UDP; undefined where no answer came in time. */
export function askA(server: string, name: string, clock: Clock, timeoutMilliseconds = 1000): Promise<string[] | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (addresses: string[] | undefined): void => {
      timer.cancel();
      socket.close();
      resolve(addresses);
    };
    const timer = clock.setTimeout(() => done(undefined), timeoutMilliseconds);
    // No route, or nobody there: the same as no answer.
    socket.once('error', () => done(undefined));
    socket.once('message', (message) => done((decode(message).answers ?? []).flatMap((answer) => (answer.type === 'A' ? [answer.data] : []))));
    socket.send(encode({ type: 'query', id: 1, flags: 0x100, questions: [{ type: 'A', name }] }), 53, server, (error) => {
      if (error) done(undefined);
    });
  });
}

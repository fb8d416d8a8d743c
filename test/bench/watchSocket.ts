import { once } from 'node:events';
import tls from 'node:tls';
import type { ClientConfig } from '../../client/clientConfig.ts';

/** A connection over TLS with nothing asked yet. */
export async function openSocket({ servers, ca, certificate, key, insecureSkipTLSVerify = false }: ClientConfig): Promise<tls.TLSSocket> {
  const { hostname, port } = new URL(servers[0]!);
  const socket = tls.connect({ host: hostname, port: Number(port), ca, cert: certificate, key, rejectUnauthorized: !insecureSkipTLSVerify });
  await once(socket, 'secureConnect');
  return socket;
}

/**
 * Asks for a watch and resolves when the answer's head has come; then `receive` is called with each line that comes. A bare socket that
 * knows nothing of HTTP: what a client does with an event is not the server's latency.
 */
export async function beginWatch(socket: tls.TLSSocket, path: string, receive: (line: string) => void): Promise<void> {
  let rest = '';
  const began = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      rest += chunk.toString('latin1');
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', take);
      const head = rest.slice(0, end);
      if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(`${path}: ${head.slice(0, head.indexOf('\r\n'))}`));
      const more = rest.slice(end + 4);
      rest = '';
      socket.on('data', (next: Buffer) => follow(next.toString('latin1')));
      resolve();
      if (more !== '') follow(more);
    };
    socket.on('data', take);
  });
  const follow = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) receive(line);
  };
  socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`);
  await began;
}

import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { KeyPair } from '../../process/certificates.ts';

/** A proxy that opens tunnels (CONNECT), and knows to where. */
export interface ConnectProxy {
  readonly port: number;
  /** `host:port` of every tunnel that was asked for. */
  readonly targets: string[];
  close(): Promise<void>;
}

interface ConnectProxyOptions {
  /** A Unix socket, instead of a port. */
  readonly path?: string;
  /** Its own certificate, and the authority of those that it wants to see. */
  readonly tls?: { readonly pair: KeyPair; readonly authority: string };
  /** Where a target really is, or the status of a refusal; there, unless given. */
  readonly route?: (target: string) => string | number;
}

/** Starts it. */
export async function startConnectProxy({ path, tls, route = (target) => target }: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const none: RequestListener = (_request, response) => response.writeHead(405).end();
  const server: Server = tls ? createTlsServer({ cert: tls.pair.certificate, key: tls.pair.key, ca: tls.authority, requestCert: true, rejectUnauthorized: true }, none) : createServer(none);
  server.on('connect', (request, client: Socket) => {
    const target = request.url ?? '';
    targets.push(target);
    const place = route(target);
    if (typeof place === 'number') return void client.end(`HTTP/1.1 ${place} no\r\n\r\n`);
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(place) ?? [];
    const upstream = connect(Number(port), host, () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    return undefined;
  });
  await new Promise<void>((resolve) => (path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve)));
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    targets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

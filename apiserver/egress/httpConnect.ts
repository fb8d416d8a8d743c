import { connect, isIP, isIPv6, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Dial } from '../../process/dial.ts';

/** PEM. */
interface ProxyTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly servername?: string;
}

/** A proxy that opens tunnels (HTTP's CONNECT): on a Unix socket, or on a port, with TLS or without. */
export type ConnectProxy = { readonly path: string } | { readonly host: string; readonly port: number; readonly tls?: ProxyTls };

/** Go's time for a connection, and the most of a proxy's answer that is read. */
const DIAL_MILLISECONDS = 30_000;
const MOST_HEADER_BYTES = 64 * 1024;

/** Opens connections through a proxy. */
export function dialThrough(proxy: ConnectProxy): Dial {
  const place = 'path' in proxy ? proxy.path : authorityOf(proxy.host, proxy.port);
  return (host, port) => new Promise((resolve, reject) => {
    const target = authorityOf(host, port);
    const socket = open(proxy);
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(why));
    };
    const failed = (error: Error): void => fail(`dialing ${target} via proxy ${place}: ${error.message}`);
    const closed = (): void => fail(`reading HTTP response from CONNECT to ${target} via proxy ${place} failed: unexpected EOF`);
    let head = '';
    const read = (piece: Buffer): void => {
      head += piece.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return head.length > MOST_HEADER_BYTES ? fail(`reading HTTP response from CONNECT to ${target} via proxy ${place} failed: header too long`) : undefined;
      const [, status, text] = /^HTTP\/1\.[01] ((\d{3})[^\r\n]*)/.exec(head) ?? [];
      if (status === undefined) return fail(`reading HTTP response from CONNECT to ${target} via proxy ${place} failed: malformed HTTP response`);
      if (text !== '200') return fail(`proxy error from ${place} while dialing ${target}, code ${text}: ${status}`);
      // Whoever is behind the tunnel does not speak first.
      const rest = head.length - end - 4;
      if (rest > 0) return fail(`unexpected ${rest} bytes of buffered data from CONNECT proxy ${JSON.stringify(place)}`);
      socket.off('data', read).off('error', failed).off('close', closed);
      socket.setTimeout(0);
      socket.pause();
      resolve(socket);
    };
    socket.on('data', read).on('error', failed).on('close', closed);
    socket.setTimeout(DIAL_MILLISECONDS, () => fail(`dialing ${target} via proxy ${place}: i/o timeout`));
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
}

function open(proxy: ConnectProxy): Socket {
  if ('path' in proxy) return connect({ path: proxy.path });
  const { host, port, tls } = proxy;
  return tls ? tlsConnect({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls }) : connect({ host, port });
}

const authorityOf = (host: string, port: number): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);

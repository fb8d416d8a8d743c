import type { TLSSocket } from 'node:tls';
import type { ApiRequest } from '../types.ts';

/** What a connection's certificate says of its client. */
export type ShownCertificate = Pick<ApiRequest, 'clientCertificate' | 'clientCertificateError'>;

const known = new WeakMap<TLSSocket, ShownCertificate>();

/** Read once for each connection: taking a certificate apart costs more than answering a request. */
export function clientCertificateOf(socket: TLSSocket): ShownCertificate {
  let shown = known.get(socket);
  if (!shown) known.set(socket, (shown = readCertificate(socket)));
  return shown;
}

function readCertificate(socket: TLSSocket): ShownCertificate {
  const certificate = socket.getPeerCertificate();
  // No certificate is an empty object.
  const subject = certificate?.subject as Record<string, string | string[] | undefined> | undefined;
  if (!subject) return {};
  if (!socket.authorized) return { clientCertificateError: String(socket.authorizationError ?? 'not verified') };
  const all = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
  return { clientCertificate: { commonName: all(subject.CN)[0] ?? '', organizations: all(subject.O), fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase() } };
}

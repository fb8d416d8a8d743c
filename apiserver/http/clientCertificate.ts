import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { certificateUid, CertificateUidError } from '../../process/certificateUid.ts';
import type { ApiRequest } from '../types.ts';

/** What a connection's certificate says of its client. */
export type ShownCertificate = Pick<ApiRequest, 'clientCertificate' | 'clientCertificateError' | 'proxyCertificate'>;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Whose certificates count for what: clients speak for themselves, proxies for others. Both are verified by TLS, against the two bundles together. */
export class ClientTrust {
  readonly #clients: ReadonlySet<string>;
  /** Undefined: there are no proxies, and a verified certificate is a client's. */
  readonly #proxies: ReadonlySet<string> | undefined;

  /** PEM bundles. */
  constructor(clientAuthority: string, proxyAuthority: string | undefined) {
    this.#clients = fingerprints(clientAuthority);
    this.#proxies = proxyAuthority === undefined ? undefined : fingerprints(proxyAuthority);
  }

  get needsChain(): boolean {
    return this.#proxies !== undefined;
  }

  sortOf(certificate: DetailedPeerCertificate): { readonly client: boolean; readonly proxy: boolean } {
    if (!this.#proxies) return { client: true, proxy: false };
    const chain = chainOf(certificate);
    return { client: chain.some((each) => this.#clients.has(each)), proxy: chain.some((each) => this.#proxies?.has(each)) };
  }
}

function fingerprints(bundle: string): ReadonlySet<string> {
  return new Set((bundle.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem).fingerprint256));
}

/** The fingerprints from the certificate up to its root, whose issuer is itself. */
function chainOf(certificate: DetailedPeerCertificate): string[] {
  const found: string[] = [];
  for (let each: DetailedPeerCertificate | undefined = certificate; each && !found.includes(each.fingerprint256); each = each.issuerCertificate) found.push(each.fingerprint256);
  return found;
}

const known = new WeakMap<TLSSocket, ShownCertificate>();

/** Read once for each connection: taking a certificate apart costs more than answering a request. */
export function clientCertificateOf(socket: TLSSocket, trust: ClientTrust | undefined): ShownCertificate {
  let shown = known.get(socket);
  if (!shown) known.set(socket, (shown = readCertificate(socket, trust)));
  return shown;
}

function readCertificate(socket: TLSSocket, trust: ClientTrust | undefined): ShownCertificate {
  const certificate = socket.getPeerCertificate(trust?.needsChain ?? false) as DetailedPeerCertificate;
  // No certificate is an empty object.
  const subject = certificate?.subject as unknown as Record<string, string | string[] | undefined> | undefined;
  if (!subject) return {};
  if (!socket.authorized) return { clientCertificateError: String(socket.authorizationError ?? 'not verified') };
  const all = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
  const commonName = all(subject['CN'])[0] ?? '';
  const { client, proxy } = trust?.sortOf(certificate) ?? { client: true, proxy: false };
  const ofProxy = proxy ? { proxyCertificate: { commonName } } : {};
  if (!client) return { ...ofProxy, clientCertificateError: 'x509: certificate signed by unknown authority' };
  try {
    const uid = certificateUid(certificate.raw);
    return { ...ofProxy, clientCertificate: { commonName, organizations: all(subject['O']), fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(), ...(uid === undefined ? {} : { uid }) } };
  } catch (error) {
    if (!(error instanceof CertificateUidError)) throw error;
    return { ...ofProxy, clientCertificateError: error.message };
  }
}

import type { PeerCertificate } from 'node:tls';

/** What a connection was for, as far as messages name it. */
export interface Dialled {
  /** `host:port` of the peer. */
  readonly peer: string;
  /** The name that its certificate must bear. */
  readonly serverName: string;
}

const CONNECT_FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
};

const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED', 'INVALID_CA', 'CERT_SIGNATURE_FAILURE',
]);

const VERIFY = 'tls: failed to verify certificate: x509: ';

type NodeError = Error & { readonly code?: string; readonly cert?: PeerCertificate };

/** Node's error of a connection in the words of Go's `net`, `crypto/tls` and `net/http`, by which people look for help. */
export function callError(error: NodeError, { peer, serverName }: Dialled): string {
  const code = error.code ?? '';
  const fault = CONNECT_FAULTS[code];
  if (fault !== undefined) return `dial tcp ${peer}: connect: ${fault}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${hostOf(peer)}: no such host`;
  if (code === 'EAI_AGAIN') return `dial tcp: lookup ${hostOf(peer)}: Temporary failure in name resolution`;
  if (code === 'ECONNRESET') return error.message === 'socket hang up' ? 'EOF' : `read tcp ${peer}: read: connection reset by peer`;
  if (code === 'EPIPE') return `write tcp ${peer}: write: broken pipe`;
  if (UNKNOWN_AUTHORITY.has(code)) return `${VERIFY}certificate signed by unknown authority`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return `${VERIFY}certificate has expired or is not yet valid`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${VERIFY}${wrongName(error.cert, serverName)}`;
  if (code === 'EPROTO' && /wrong version number|packet length too long/i.test(error.message)) return 'http: server gave HTTP response to HTTPS client';
  return error.message;
}

function wrongName(certificate: PeerCertificate | undefined, wanted: string): string {
  const names = (certificate?.subjectaltname ?? '').split(', ').flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? []);
  if (names.length > 0) return `certificate is valid for ${names.join(', ')}, not ${wanted}`;
  return certificate?.subject?.CN ? 'certificate relies on legacy Common Name field, use SANs instead' : `certificate is not valid for any names, but wanted to match ${wanted}`;
}

const hostOf = (peer: string): string => peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

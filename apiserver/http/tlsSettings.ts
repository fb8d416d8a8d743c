import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';

/** How TLS is served, in the names that OpenSSL has for it. */
export interface TlsSettings {
  /** TLS 1.2 unless given. */
  readonly minVersion?: SecureVersion;
  /** Of TLS 1.2 and before; those of 1.3 are always all offered, as in Go. */
  readonly ciphers?: readonly string[];
  /** Key exchanges; the usual ones unless given. */
  readonly curves?: readonly string[];
  /** Further certificates for those who ask for their names (`--tls-sni-cert-key`); where several have a name, the first one's. */
  readonly named?: readonly NamedCertificate[];
}

/** PEM. */
export interface NamedCertificate {
  readonly certificate: string;
  readonly key: string;
  /** Names of hosts, the first label may be `*`; none: those in the certificate. */
  readonly names: readonly string[];
}

const TLS_13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** What a certificate is served with; `ca` are PEM bundles of the authorities of clients. */
export function secureContextOptions({ minVersion = 'TLSv1.2', ciphers, curves }: TlsSettings, certificate: string, key: string, ca: readonly string[]): SecureContextOptions {
  // OpenSSL takes signatures with SHA-1, without which there is no TLS before 1.2, at its lowest level only.
  const level = minVersion === 'TLSv1' || minVersion === 'TLSv1.1' ? ['@SECLEVEL=0'] : [];
  const listed = ciphers ?? (level.length > 0 ? ['DEFAULT'] : undefined);
  return {
    cert: certificate,
    key,
    ...(ca.length === 0 ? {} : { ca: [...ca] }),
    minVersion,
    ...(listed ? { ciphers: [...TLS_13_SUITES, ...listed, ...level].join(':') } : {}),
    ...(curves ? { ecdhCurve: curves.join(':') } : {}),
  };
}

/** Contexts by the names that clients ask for. Throws for a key that is not its certificate's. */
export function namedContexts(settings: TlsSettings, ca: readonly string[]): ReadonlyMap<string, SecureContext> {
  const explicit = new Map<string, SecureContext>();
  const own = new Map<string, SecureContext>();
  for (const { certificate, key, names } of settings.named ?? []) {
    const context = createSecureContext(secureContextOptions(settings, certificate, key, ca));
    const [into, all] = names.length > 0 ? [explicit, names] : [own, certificateNames(certificate)];
    for (const name of all) if (!into.has(name)) into.set(name, context);
  }
  return new Map([...own, ...explicit]);
}

/** As Go looks a name up: whole, then with its first label replaced by `*`, then the second, and so on. */
export function contextOf(contexts: ReadonlyMap<string, SecureContext>, serverName: string): SecureContext | undefined {
  const name = serverName.toLowerCase().replace(/\.$/, '');
  const exact = contexts.get(name);
  if (exact) return exact;
  const labels = name.split('.');
  for (let at = 0; at < labels.length; at += 1) {
    labels[at] = '*';
    const found = contexts.get(labels.join('.'));
    if (found) return found;
  }
  return undefined;
}

const DOMAIN = /^(?:\*|(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)$/;

/** The common name, where it is a domain's, and the alternative names; addresses are never asked for by name. */
function certificateNames(certificate: string): string[] {
  const { subject, subjectAltName = '' } = new X509Certificate(certificate);
  const common = /^CN=(.*)$/m.exec(subject)?.[1] ?? '';
  const isAddress = /^\d+(?:\.\d+){3}$/.test(common);
  const alternative = [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name);
  return [...(DOMAIN.test(common) && !isAddress ? [common] : []), ...alternative];
}

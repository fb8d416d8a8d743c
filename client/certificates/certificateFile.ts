import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

/** A certificate and its private key as they stand together in one PEM file (the kubelet's `kubelet-client-current.pem`). */
export interface HeldCertificate {
  /** The whole file: what both a TLS context's `cert` and `key` may be given. */
  readonly pem: string;
  readonly subject: string;
  /** Wall-clock milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** DNS names and addresses, as in a `names` of a request. */
  readonly names: readonly string[];
}

/** Reads such a file; undefined where there is none, or something else. */
export function readCertificateFile(file: string): HeldCertificate | undefined {
  if (!existsSync(file)) return undefined;
  const pem = readFileSync(file, 'utf8');
  if (!pem.includes('CERTIFICATE-----') || !pem.includes('PRIVATE KEY-----')) return undefined;
  const { subject, validFrom, validTo, subjectAltName = '' } = new X509Certificate(pem);
  const names = subjectAltName.split(', ').filter((each) => each !== '').map((each) => each.replace(/^(DNS|IP Address):/, ''));
  return { pem, subject: subject.split('\n').sort().join('\n'), notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo), names };
}

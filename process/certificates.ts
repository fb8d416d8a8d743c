import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
// The library registers its parts by decorators, whose runtime it leaves to us.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key (PKCS#8), both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** What Kubernetes reads as the user's groups. */
  readonly organizations?: readonly string[];
  readonly usages: ReadonlyArray<'server' | 'client'>;
  /** DNS names and IP addresses that a server answers under. */
  readonly names?: readonly string[];
  /** How long it lives, in milliseconds; a year unless given, and never longer than its authority. */
  readonly validity?: number;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;
/** As kubeadm's authorities, and what they sign. */
const AUTHORITY_VALIDITY = 3650 * DAY;
const LEAF_VALIDITY = 365 * DAY;
/** A leaf of which less than this part of its life is left is renewed. */
const RENEWED_PART = 1 / 4;
/** Clocks of one cluster may differ. */
const BACKDATE = 5 * 60_000;
/** An authority that ends sooner signs nothing any more; it is the time, too, from which people are told of what ends. */
export const WARN_BEFORE = 30 * DAY;

/** A new authority that signs for servers and clients. `now` is wall-clock milliseconds, `validity` milliseconds. */
export async function createAuthority(commonName: string, now: number, validity = AUTHORITY_VALIDITY): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - BACKDATE),
    notAfter: new Date(now + validity),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: commonName }]),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** A certificate for a new key, signed by the authority. */
export async function issueCertificate(authority: KeyPair, request: CertificateRequest, now: number): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = request.names ?? [];
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [...(request.organizations ?? []).map((organization) => ({ O: [organization] })), { CN: [request.commonName] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - BACKDATE),
    notAfter: new Date(Math.min(now + (request.validity ?? LEAF_VALIDITY), issuer.notAfter.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => (usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })))] : []),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** Whether an existing certificate still serves: ours, for the same subject and at least these names, and not about to end. */
export function stillServes(pair: KeyPair, authority: KeyPair, request: CertificateRequest, now: number): boolean {
  const certificate = new X509Certificate(pair.certificate);
  const subject = [...(request.organizations ?? []).map((each) => `O=${each}`), `CN=${request.commonName}`].sort().join('\n');
  return (
    certificate.verify(createPublicKey(authority.certificate)) &&
    certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
    !isDue(pair.certificate, now) &&
    certificate.subject.split('\n').sort().join('\n') === subject &&
    (request.names ?? []).every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined)
  );
}

/** Whether less than a quarter of a leaf's life is left. */
export function isDue(certificate: string, now: number): boolean {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return Date.parse(validTo) - now < (Date.parse(validTo) - Date.parse(validFrom)) * RENEWED_PART;
}

/** What a leaf says, as a request for one more of the same. */
export function requestOf(certificate: string): CertificateRequest {
  const leaf = new x509.X509Certificate(certificate);
  const usages = leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  const names = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return {
    commonName: leaf.subjectName.getField('CN')[0] ?? '',
    organizations: leaf.subjectName.getField('O'),
    usages: (['server', 'client'] as const).filter((usage) => usages.includes(usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth)),
    names: names.flatMap(({ type, value }) => (type === 'dns' || type === 'ip' ? [value] : [])),
  };
}

/** Whether an authority can go on signing. */
export function authorityServes(pair: KeyPair, now: number): boolean {
  const certificate = new X509Certificate(pair.certificate);
  return certificate.ca && certificate.checkPrivateKey(createPrivateKey(pair.key)) && Date.parse(certificate.validTo) - now > WARN_BEFORE;
}

/** A key to sign with (ES256: ServiceAccount tokens, certificate requests), private (PKCS#8) and public (SPKI), PEM. */
export function createSigningKey(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }), publicKey: publicKey.export({ type: 'spki', format: 'pem' }) };
}

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`;

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function importKey(key: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign']);
}

import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';
// The library registers its parts by decorators, whose runtime it leaves to us.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from './certificates.ts';

/** What a PKCS#10 request asks for; names that Go's x509 does not read (directory names, UPNs) are left out, here and in what is signed. */
export interface SigningRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** What the signer decides, besides what the request says. */
export interface SigningDecision {
  /** By Kubernetes' names: `digital signature`, `key encipherment`, `server auth`, `client auth`. */
  readonly usages: readonly string[];
  /** Wall-clock milliseconds. */
  readonly notBefore: number;
  /** Wall-clock milliseconds; the certificate never outlives its authority. */
  readonly notAfter: number;
}

/** A request that cannot be read, or was not signed by the key that it is for. */
export class SigningRequestError extends Error {}

const KEY_USAGES: Readonly<Record<string, x509.KeyUsageFlags>> = {
  signing: x509.KeyUsageFlags.digitalSignature,
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
  'cert sign': x509.KeyUsageFlags.keyCertSign,
  'crl sign': x509.KeyUsageFlags.cRLSign,
  'encipher only': x509.KeyUsageFlags.encipherOnly,
  'decipher only': x509.KeyUsageFlags.decipherOnly,
};
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': x509.ExtendedKeyUsage.serverAuth,
  'client auth': x509.ExtendedKeyUsage.clientAuth,
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

/** Reads a PEM request. Throws a SigningRequestError. */
export function parseSigningRequest(pem: string): SigningRequest {
  const request = read(pem);
  const names = alternativeNames(request);
  const ofType = (type: x509.JsonGeneralName['type']): string[] => names.filter((name) => name.type === type).map(({ value }) => value);
  return {
    // Of several, Go takes the last one.
    commonName: request.subjectName.getField('CN').at(-1) ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: ofType('dns'),
    ipAddresses: ofType('ip'),
    emailAddresses: ofType('email'),
    uris: ofType('url'),
  };
}

/** Signs a PEM request for its own subject, key and names, as Kubernetes' signers do; gives PEM. Throws a SigningRequestError. */
export async function signRequest(authority: KeyPair, pem: string, { usages, notBefore, notAfter }: SigningDecision): Promise<string> {
  const request = read(pem);
  if (!(await isSignedByItsKey(request))) throw new SigningRequestError('unable to verify certificate request signature');
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = alternativeNames(request);
  const { key, algorithm } = await signingKey(authority.key);
  const keyUsage = keyUsageFlags(usages);
  const extended = [...new Set(usages.flatMap((usage) => EXTENDED_KEY_USAGES[usage] ?? []))];
  const unknown = usages.filter((usage) => KEY_USAGES[usage] === undefined && EXTENDED_KEY_USAGES[usage] === undefined);
  if (unknown.length > 0) throw new SigningRequestError(`unrecognized usage values: ${JSON.stringify(unknown)}`);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: request.subjectName,
    issuer: issuer.subjectName,
    publicKey: request.publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    notBefore: new Date(notBefore),
    notAfter: new Date(Math.min(notAfter, issuer.notAfter.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(keyUsage === undefined ? [] : [new x509.KeyUsagesExtension(keyUsage, true)]),
      ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, request.subject === '')]),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

function keyUsageFlags(usages: readonly string[]): x509.KeyUsageFlags | undefined {
  const flags = usages.reduce((sum: number, usage) => sum | (KEY_USAGES[usage] ?? 0), 0);
  // Flags are bits: several of them together are no member of the enumeration.
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
  return flags === 0 ? undefined : flags;
}

function read(pem: string): x509.Pkcs10CertificateRequest {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    // Its parts are read when they are asked for: what is wrong with them is to be found here.
    request.subjectName.toJSON();
    alternativeNames(request);
    return request;
  } catch (error) {
    throw new SigningRequestError('the certificate request cannot be read', { cause: error });
  }
}

async function isSignedByItsKey(request: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch (error) {
    throw new SigningRequestError('unable to verify certificate request signature', { cause: error });
  }
}

function alternativeNames(request: x509.Pkcs10CertificateRequest): x509.JsonGeneralName[] {
  const extension = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
  if (!extension) return [];
  return new x509.SubjectAlternativeNameExtension(extension.rawData).names.toJSON().filter(({ type }) => type === 'dns' || type === 'ip' || type === 'email' || type === 'url');
}

/** The authority's key may be ours (P-256) or one that kubeadm or a company made (RSA, P-384). */
async function signingKey(pem: string): Promise<{ readonly key: webcrypto.CryptoKey; readonly algorithm: { readonly name: string; readonly hash?: string } }> {
  const key = createPrivateKey(pem);
  const parameters = importParameters(key);
  const imported = await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), parameters, false, ['sign']);
  return { key: imported, algorithm: parameters };
}

function importParameters(key: KeyObject): { readonly name: string; readonly hash: string; readonly namedCurve?: string } {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === 'ec' && curve === 'prime256v1') return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  if (key.asymmetricKeyType === 'ec' && curve === 'secp384r1') return { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  throw new Error(`an authority's key must be RSA, P-256 or P-384, and this one is ${key.asymmetricKeyType ?? 'of an unknown type'} ${curve ?? ''}`.trimEnd());
}

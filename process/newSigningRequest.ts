import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
// The library registers its parts by decorators, whose runtime it leaves to us.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A PKCS#10 request, PEM, for a key that `createSigningKey` made. `names` are DNS names and IP addresses. */
export async function newSigningRequest(key: string, subject: { readonly commonName: string; readonly organizations: readonly string[]; readonly names: readonly string[] }): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [...subject.organizations.map((organization) => ({ O: [organization] })), { CN: [subject.commonName] }],
    keys: await keyPair(key),
    signingAlgorithm: ALGORITHM,
    extensions: subject.names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(subject.names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })))],
  });
  return `${request.toString('pem')}\n`;
}

async function keyPair(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  };
}

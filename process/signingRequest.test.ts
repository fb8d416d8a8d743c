import { createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { createAuthority } from './certificates.ts';
import { parseSigningRequest, signRequest, SigningRequestError } from './signingRequest.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function makeRequest(name: x509.JsonName, names: x509.JsonGeneralName[] = []): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: ALGORITHM, extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)] });
  return request.toString('pem');
}

test('a request is read as Go reads it', async () => {
  const pem = await makeRequest([{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }], [{ type: 'dns', value: 'n1' }, { type: 'ip', value: '192.0.2.7' }, { type: 'ip', value: '2001:db8::7' }, { type: 'email', value: 'a@example.test' }, { type: 'url', value: 'spiffe://x/y' }]);
  expect(parseSigningRequest(pem)).toEqual({ commonName: 'system:node:n1', organizations: ['system:nodes'], dnsNames: ['n1'], ipAddresses: ['192.0.2.7', '2001:db8::7'], emailAddresses: ['a@example.test'], uris: ['spiffe://x/y'] });
  expect(() => parseSigningRequest('-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----')).toThrow(SigningRequestError);
});

test('several organizations are all seen, and the last common name counts', async () => {
  const pem = await makeRequest([{ O: ['system:nodes'] }, { O: ['system:masters'] }, { CN: ['first'] }, { CN: ['last'] }]);
  expect(parseSigningRequest(pem)).toMatchObject({ organizations: ['system:nodes', 'system:masters'], commonName: 'last' });
});

test('what is signed has the subject, key and names of the request, and is no authority', async () => {
  const authority = await createAuthority('kubernetes', NOW);
  const pem = await makeRequest([{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }], [{ type: 'dns', value: 'n1' }, { type: 'ip', value: '192.0.2.7' }]);
  const signed = new X509Certificate(await signRequest(authority, pem, { usages: ['digital signature', 'server auth'], notBefore: NOW, notAfter: NOW + HOUR }));
  expect(signed.verify(createPublicKey(authority.certificate))).toBe(true);
  expect(signed.subject).toBe('O=system:nodes\nCN=system:node:n1');
  expect(signed.subjectAltName).toBe('DNS:n1, IP Address:192.0.2.7');
  expect(signed.ca).toBe(false);
  expect(signed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect([Date.parse(signed.validFrom), Date.parse(signed.validTo)]).toEqual([NOW, NOW + HOUR]);
});

test('nothing outlives its authority, whose key may be RSA', async () => {
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };
  const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=old', keys, signingAlgorithm: rsa, notBefore: new Date(NOW), notAfter: new Date(NOW + HOUR) });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const signed = new X509Certificate(await signRequest({ certificate: certificate.toString('pem'), key }, await makeRequest([{ CN: ['a'] }]), { usages: ['client auth'], notBefore: NOW, notAfter: NOW + 2 * HOUR }));
  expect(signed.verify(createPublicKey(certificate.toString('pem')))).toBe(true);
  expect(Date.parse(signed.validTo)).toBe(NOW + HOUR);
});

test('a request that was changed after it was signed is refused', async () => {
  const authority = await createAuthority('kubernetes', NOW);
  const der = Buffer.from(x509.PemConverter.decodeFirst(await makeRequest([{ CN: ['system:node:n1'] }])));
  der[der.indexOf('n1') + 1] = '2'.charCodeAt(0);
  const forged = x509.PemConverter.encode(der, 'CERTIFICATE REQUEST');
  expect(parseSigningRequest(forged).commonName).toBe('system:node:n2');
  await expect(signRequest(authority, forged, { usages: ['client auth'], notBefore: NOW, notAfter: NOW + HOUR })).rejects.toThrow('unable to verify certificate request signature');
});

import { X509Certificate } from 'node:crypto';
import { type CertificateRequest, createAuthority, isDue, issueCertificate, requestOf, stillServes } from './certificates.ts';

const DAY = 86_400_000;
const now = Date.parse('2026-03-01T00:00:00Z');
const request: CertificateRequest = { commonName: 'system:node:node1', organizations: ['system:nodes', 'others'], usages: ['server', 'client'], names: ['node1', '10.240.0.11', '::1'] };
const days = (pem: string): number => Math.round((Date.parse(new X509Certificate(pem).validTo) - now) / DAY);

test('an authority lives ten years, a leaf one, and no leaf longer than its authority', async () => {
  const authority = await createAuthority('kubernetes', now);
  expect(days(authority.certificate)).toBe(3650);
  expect(days((await issueCertificate(authority, request, now)).certificate)).toBe(365);
  expect(days((await issueCertificate(await createAuthority('short', now, 20 * DAY), request, now)).certificate)).toBe(20);
});

test('what a leaf says is a request for the same leaf', async () => {
  const authority = await createAuthority('kubernetes', now);
  const pair = await issueCertificate(authority, request, now);
  expect(requestOf(pair.certificate)).toEqual({ ...request, names: ['node1', '10.240.0.11', '::1'] });
  expect(stillServes(await issueCertificate(authority, requestOf(pair.certificate), now), authority, request, now)).toBe(true);
});

test('a leaf is due when less than a quarter of its life is left', async () => {
  const authority = await createAuthority('kubernetes', now);
  const { certificate } = await issueCertificate(authority, { ...request, validity: 4 * DAY }, now);
  expect(isDue(certificate, now + 2.9 * DAY)).toBe(false);
  expect(isDue(certificate, now + 3.1 * DAY)).toBe(true);
});

import type { HeldCertificate } from './certificateFile.ts';
import { type CertificateSpec, rotationTime, serves } from './rotation.ts';

const spec: CertificateSpec = { file: '/x', signerName: 's', commonName: 'system:node:a', organizations: ['system:nodes'], usages: [], names: ['a', '192.0.2.1'] };
const held: HeldCertificate = { pem: '', subject: 'CN=system:node:a\nO=system:nodes', notBefore: 1000, notAfter: 2000, names: ['a', '192.0.2.1', 'b'] };

test('a certificate is renewed between 70 and 90 percent of its life', () => {
  expect(rotationTime(held, 0)).toBe(1700);
  expect(rotationTime(held, 1)).toBe(1900);
});

test('a certificate serves until its end, for its own subject and at least the names that are wanted', () => {
  expect(serves(held, spec, 1999)).toBe(true);
  expect(serves(held, spec, 2000)).toBe(false);
  expect(serves(undefined, spec, 1500)).toBe(false);
  expect(serves(held, { ...spec, commonName: 'system:node:b' }, 1500)).toBe(false);
  expect(serves(held, { ...spec, organizations: [] }, 1500)).toBe(false);
  expect(serves(held, { ...spec, names: ['a', '192.0.2.2'] }, 1500)).toBe(false);
});

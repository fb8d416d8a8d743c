import { randomBytes } from 'node:crypto';
import { decrypt, encrypt } from './sharedCertificates.ts';

test('what is sealed opens with its key and with no other', () => {
  const key = randomBytes(32);
  const sealed = encrypt(Buffer.from('the key of the authority'), key);
  expect(sealed.includes('authority')).toBe(false);
  expect(decrypt(sealed, key)?.toString()).toBe('the key of the authority');
  expect(decrypt(sealed, randomBytes(32))).toBeUndefined();
});

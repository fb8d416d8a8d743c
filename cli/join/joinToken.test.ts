import { createAuthority } from '../../process/certificates.ts';
import { authorityHash, newToken, parseToken, tokenSecret, tokenText } from './joinToken.ts';

test('a token is read as it is written', () => {
  const token = newToken();
  expect(parseToken(tokenText(token))).toEqual(token);
  expect(tokenText(newToken())).not.toBe(tokenText(token));
  for (const wrong of ['', 'abcdef', 'abcdef.0123', 'ABCDEF.0123456789abcdef', 'abcdef.0123456789abcdef0']) expect(parseToken(wrong)).toBeUndefined();
});

test('its Secret is what the API server and the bootstrap signer look for', () => {
  const { metadata, data = {}, type } = tokenSecret({ id: 'abcdef', secret: '0123456789abcdef' }, '2030-01-01T00:00:00Z', '');
  expect(metadata).toEqual({ name: 'bootstrap-token-abcdef', namespace: 'kube-system' });
  expect(type).toBe('bootstrap.kubernetes.io/token');
  expect(Buffer.from(data['expiration']!, 'base64').toString()).toBe('2030-01-01T00:00:00Z');
  expect(data).not.toHaveProperty('description');
});

test('an authority is known by its key', async () => {
  const [one, other] = await Promise.all([createAuthority('a', Date.now()), createAuthority('a', Date.now())]);
  expect(authorityHash(one.certificate)).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(authorityHash(one.certificate)).not.toBe(authorityHash(other.certificate));
});

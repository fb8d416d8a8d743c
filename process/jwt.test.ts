import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { jsonWebKeySet, readJsonWebKeySet, signJwt, verificationKey, verifyJwt } from './jwt.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each(['P-256', 'P-384', 'P-521'])('signs with %s, and knows it again from what is published', (namedCurve) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  const published = readJsonWebKeySet(JSON.parse(JSON.stringify(jsonWebKeySet([verificationKey(privateKey)]))));
  expect(verifyJwt(signJwt({ a: 1 }, privateKey), published)).toEqual({ a: 1 });
});

test.each(['PS256', 'PS384', 'PS512', 'RS384', 'RS512'])('checks %s of others', (alg) => {
  const text = `${encode({ alg })}.${encode({ a: 1 })}`;
  const padding = alg.startsWith('PS') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  const signature = sign(`sha${alg.slice(2)}`, Buffer.from(text), { key: rsa.privateKey, ...padding }).toString('base64url');
  const keys = readJsonWebKeySet({ keys: [rsa.publicKey.export({ format: 'jwk' })] });
  expect(verifyJwt(`${text}.${signature}`, keys)).toEqual({ a: 1 });
  expect(() => verifyJwt(`${text}.${signature.slice(0, -4)}AAAA`, keys)).toThrow('error in cryptographic primitive');
});

test('no algorithm, a shared secret, or a key for something else are not taken', () => {
  const keys = readJsonWebKeySet({ keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), alg: 'RS512' }, { kty: 'oct', k: 'AAAA' }, { ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc' }] });
  expect(keys).toHaveLength(1);
  const body = encode({ a: 1 });
  expect(() => verifyJwt(`${encode({ alg: 'none' })}.${body}.`, keys)).toThrow('unexpected signature algorithm "none"');
  const mac = `${encode({ alg: 'HS256' })}.${body}`;
  expect(() => verifyJwt(`${mac}.${createHmac('sha256', rsa.publicKey.export({ type: 'spki', format: 'pem' })).update(mac).digest('base64url')}`, keys)).toThrow('unexpected signature algorithm "HS256"');
  const token = `${encode({ alg: 'RS256' })}.${body}`;
  expect(() => verifyJwt(`${token}.${sign('sha256', Buffer.from(token), rsa.privateKey).toString('base64url')}`, keys)).toThrow('error in cryptographic primitive');
  expect(() => readJsonWebKeySet({})).toThrow('failed to decode keys');
  expect(() => readJsonWebKeySet({ keys: [{ kty: 'EC', crv: 'P-256' }] })).toThrow('failed to decode keys');
});

import type { V1Secret } from '../../api/generated/types.ts';
import { millisecondsLeft, signingToken } from './bootstrapToken.ts';
import { detachedSignature, signedData } from './clusterInfo.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const secret = (fields: Record<string, string>, name = 'bootstrap-token-abcdef'): V1Secret => ({
  apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'kube-system', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  type: 'bootstrap.kubernetes.io/token', data: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});
const FIELDS = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true' };

test('a token signs while it counts, under its own name, if it may', () => {
  expect(signingToken(secret(FIELDS), NOW)).toEqual({ id: 'abcdef', secret: '0123456789abcdef' });
  expect(signingToken(secret({ ...FIELDS, expiration: '2026-01-01T00:00:01Z' }), NOW)).toBeDefined();
  expect(signingToken(secret({ ...FIELDS, expiration: '2026-01-01T00:00:00Z' }), NOW)).toBeUndefined();
  expect(signingToken(secret({ ...FIELDS, 'usage-bootstrap-signing': 'false' }), NOW)).toBeUndefined();
  expect(signingToken(secret(FIELDS, 'bootstrap-token-zzzzzz'), NOW)).toBeUndefined();
});

test('an end that cannot be read has passed', () => {
  expect(millisecondsLeft(secret({ expiration: 'tomorrow' }), NOW)).toBe(0);
  expect(millisecondsLeft(secret({}), NOW)).toBe(Infinity);
  expect(millisecondsLeft(secret({ expiration: '2026-01-01T01:00:00+01:00' }), NOW - 5)).toBe(5);
});

test('signatures are those of the tokens there are', () => {
  const token = { id: 'abcdef', secret: '0123456789abcdef' };
  const signed = signedData({ kubeconfig: 'x', 'jws-kubeconfig-gone00': 'old', note: 'kept' }, [token])!;
  expect(Object.keys(signed).sort()).toEqual(['jws-kubeconfig-abcdef', 'kubeconfig', 'note']);
  expect(signedData(signed, [token])).toBeUndefined();
  expect(signedData({ ...signed, kubeconfig: 'y' }, [token])?.['jws-kubeconfig-abcdef']).not.toBe(signed['jws-kubeconfig-abcdef']);
  expect(signedData({}, [token])).toBeUndefined();
});

// The vector of Kubernetes' own test of the signer (pkg/controller/bootstrap/jws_test.go).
test('the signature is the one that Kubernetes computes', () => {
  expect(detachedSignature('Hello from the other side. I must have called a thousand times.', { id: 'joshua', secret: 'my voice is my passcode' })).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8',
  );
});

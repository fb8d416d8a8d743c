import type { V1Lease } from '../../api/generated/types.ts';
import { identityLease, isEnded, serverIdentity } from './identityLease.ts';

const stored = (draft: ReturnType<typeof identityLease>): V1Lease => ({ ...draft, metadata: { name: 'x', namespace: 'kube-system', uid: 'u', resourceVersion: '1', creationTimestamp: '', ...draft.metadata } });

test('a server has one name on one host', () => {
  expect(serverIdentity('a')).toMatch(/^apiserver-[a-z2-7]{26}$/);
  expect(serverIdentity('a')).toBe(serverIdentity('a'));
  expect(serverIdentity('a')).not.toBe(serverIdentity('b'));
});

test('a renewal keeps when it was acquired; another holder acquires it anew', () => {
  const first = stored(identityLease('a', 'me', 0));
  expect(first.metadata.labels).toEqual({ 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': 'a' });
  expect(identityLease('a', 'me', 10_000, first).spec).toEqual({ holderIdentity: 'me', leaseDurationSeconds: 3600, acquireTime: '1970-01-01T00:00:00.000000Z', renewTime: '1970-01-01T00:00:10.000000Z' });
  expect(identityLease('a', 'other', 10_000, first).spec?.acquireTime).toBe('1970-01-01T00:00:10.000000Z');
});

test('it ends an hour after the last renewal; leases of others are none of ours', () => {
  const mine = stored(identityLease('a', 'me', 0));
  expect(isEnded(mine, 3_599_000)).toBe(false);
  expect(isEnded(mine, 3_600_000)).toBe(true);
  expect(isEnded({ ...mine, metadata: { ...mine.metadata, labels: {} } }, 1e9)).toBe(false);
});

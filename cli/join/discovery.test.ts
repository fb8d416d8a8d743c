import { createHmac } from 'node:crypto';
import type { V1ConfigMap } from '../../api/generated/types.ts';
import { createAuthority } from '../../process/certificates.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import { check } from './discovery.ts';
import { authorityHash, newToken } from './joinToken.ts';

const token = newToken();
const encode = (text: string): string => Buffer.from(text).toString('base64url');

async function clusterInfo(): Promise<{ info: V1ConfigMap; signature: string; hash: string; authority: string }> {
  const { certificate: authority } = await createAuthority('kubernetes', Date.now());
  const content = kubeconfigText({ user: '', server: 'https://192.0.2.11:6443', authority, credentials: { token: '' } });
  const header = encode(JSON.stringify({ alg: 'HS256', kid: token.id }));
  const signature = `${header}..${createHmac('sha256', token.secret).update(`${header}.${encode(content)}`).digest('base64url')}`;
  const metadata = { name: 'cluster-info', namespace: 'kube-public', uid: 'u', resourceVersion: '1', creationTimestamp: '2030-01-01T00:00:00Z' };
  return { info: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { kubeconfig: content } }, signature, hash: authorityHash(authority), authority };
}

test('a cluster is believed when the token has signed it and its authority has the hash', async () => {
  const { info, signature, hash, authority } = await clusterInfo();
  const cluster = check(info, signature, token, [`sha256:${'0'.repeat(64)}`, hash], '192.0.2.11:6443');
  expect(cluster.server).toBe('https://192.0.2.11:6443');
  expect(cluster.authority.trim()).toBe(authority.trim());
});

test('else it is not, and the reason is said', async () => {
  const { info, signature, hash } = await clusterInfo();
  const refusal = (change: { info?: V1ConfigMap; signature?: string | undefined; hash?: string; secret?: string }): unknown => {
    const given = 'signature' in change ? change.signature : signature;
    return () => check(change.info ?? info, given, { ...token, secret: change.secret ?? token.secret }, [change.hash ?? hash], 'x:1');
  };
  expect(refusal({ signature: undefined })).toThrow('does not know this token');
  expect(refusal({ secret: '0'.repeat(16) })).toThrow('not signed with this token');
  expect(refusal({ signature: signature.replace('..', '.e30.') })).toThrow('not signed with this token');
  expect(refusal({ info: { ...info, data: { kubeconfig: `${info.data!['kubeconfig']} ` } } })).toThrow('not signed with this token');
  expect(refusal({ hash: `sha256:${'0'.repeat(64)}` })).toThrow('this is not the cluster that the line was made for');
});

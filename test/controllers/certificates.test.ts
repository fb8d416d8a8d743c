import { createHmac, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { V1CertificateSigningRequest } from '../../api/generated/types.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { CertificateSigningRequests, ConfigMaps, Nodes, Secrets } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const TOKEN = { id: 'abcdef', secret: '0123456789abcdef' };
let plane: ControlPlane;
const clients: RestClient[] = [];
beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false });
  await plane.client.create(Secrets, tokenSecret(TOKEN));
});
afterAll(async () => {
  for (const client of clients) client.close();
  await plane.close();
});

function tokenSecret({ id, secret }: typeof TOKEN, expiration?: string) {
  const data = { 'token-id': id, 'token-secret': secret, 'usage-bootstrap-signing': 'true', 'usage-bootstrap-authentication': 'true', 'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token', ...(expiration === undefined ? {} : { expiration }) };
  return {
    apiVersion: 'v1', kind: 'Secret', metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' }, type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
}

function connect(identity: Partial<ClientConfig>): RestClient {
  const { servers, ca } = plane.clientConfig;
  const client = new RestClient({ servers, ...(ca === undefined ? {} : { ca }), ...identity }, { component: 'test', clock: systemClock });
  clients.push(client);
  return client;
}

interface Ask {
  readonly name: string;
  readonly signer: string;
  readonly subject: x509.JsonName;
  readonly usages: string[];
  readonly names?: x509.JsonGeneralName[];
  readonly expirationSeconds?: number;
}

/** Asks as `client`; gives the private key. */
async function ask(client: RestClient, { name, signer, subject, usages, names = [], expirationSeconds }: Ask): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm: ALGORITHM, extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)] });
  await client.create(CertificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name },
    spec: { request: Buffer.from(request.toString('pem')).toString('base64'), signerName: signer, usages, ...(expirationSeconds === undefined ? {} : { expirationSeconds }) },
  });
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

const issued = (name: string) =>
  eventually(`${name} is issued`, async () => {
    const { status } = await plane.client.get(CertificateSigningRequests, name);
    return status?.certificate === undefined ? undefined : Buffer.from(status.certificate, 'base64').toString();
  });
const conditionsOf = ({ status }: V1CertificateSigningRequest) => (status?.conditions ?? []).map(({ type, reason, message }) => ({ type, reason, message }));

test('a machine with a token becomes a node, which gets what its components need', async () => {
  const joining = connect({ token: `${TOKEN.id}.${TOKEN.secret}` });
  const key = await ask(joining, { name: 'join', signer: 'kubernetes.io/kube-apiserver-client-kubelet', subject: [{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }], usages: ['client auth', 'digital signature'], expirationSeconds: 7200 });
  const certificate = await issued('join');
  expect(conditionsOf(await plane.client.get(CertificateSigningRequests, 'join'))).toEqual([{ type: 'Approved', reason: 'AutoApproved', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' }]);
  const parsed = new X509Certificate(certificate);
  expect(parsed.verify(createPublicKey(plane.clientConfig.ca!))).toBe(true);
  // Two hours, of which a busy machine may have used some, and not the year that others last.
  expect(Math.abs(Date.parse(parsed.validTo) - Date.now() - 7_200_000)).toBeLessThan(1_800_000);

  const node = connect({ certificate, key });
  await node.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  // It asks before it has told its address: the answer follows when it has.
  const serving: Omit<Ask, 'name'> = { signer: 'kubernetes.io/kubelet-serving', subject: [{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }], usages: ['digital signature', 'server auth'] };
  await ask(node, { ...serving, name: 'serving', names: [{ type: 'dns', value: 'n1' }, { type: 'ip', value: '192.0.2.11' }] });
  await ask(node, { ...serving, name: 'serving-for-another', names: [{ type: 'dns', value: 'n2' }] });
  await node.patch(Nodes, 'n1', undefined, 'application/merge-patch+json', { status: { addresses: [{ type: 'Hostname', address: 'n1' }, { type: 'InternalIP', address: '192.0.2.11' }] } }, 'status');
  expect(new X509Certificate(await issued('serving')).subjectAltName).toBe('DNS:n1, IP Address:192.0.2.11');

  for (const user of ['system:kube-proxy', 'gantry:dns', 'gantry:node-network']) {
    await ask(node, { name: user.replace(':', '-'), signer: 'kubernetes.io/kube-apiserver-client', subject: [{ CN: [user] }], usages: ['client auth', 'digital signature'] });
    expect(new X509Certificate(await issued(user.replace(':', '-'))).subject).toBe(`CN=${user}`);
  }
  await ask(node, { name: 'admin', signer: 'kubernetes.io/kube-apiserver-client', subject: [{ O: ['kubeadm:cluster-admins'] }, { CN: ['kubernetes-admin'] }], usages: ['client auth', 'digital signature'] });
  // It renews its own, too.
  await ask(node, { name: 'renewal', signer: 'kubernetes.io/kube-apiserver-client-kubelet', subject: [{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }], usages: ['client auth', 'digital signature'] });
  await issued('renewal');
  expect(conditionsOf(await plane.client.get(CertificateSigningRequests, 'renewal'))[0]?.message).toBe('Auto approving self kubelet client certificate after SubjectAccessReview.');
  for (const refused of ['admin', 'serving-for-another']) expect((await plane.client.get(CertificateSigningRequests, refused)).status ?? {}).toEqual({});
});

test('what a person approves is signed, if it is fit for its signer', async () => {
  const subject: x509.JsonName = [{ O: ['developers'] }, { CN: ['jane'] }];
  await ask(plane.client, { name: 'jane', signer: 'kubernetes.io/kube-apiserver-client', subject, usages: ['client auth'] });
  await ask(plane.client, { name: 'odd', signer: 'kubernetes.io/kube-apiserver-client', subject, usages: ['client auth', 'server auth'] });
  await plane.run('certificate approve jane odd');
  expect(new X509Certificate(await issued('jane')).subject).toBe('O=developers\nCN=jane');
  const odd = await eventually('the odd one failed', async () => {
    const request = await plane.client.get(CertificateSigningRequests, 'odd');
    return conditionsOf(request).length > 1 ? request : undefined;
  });
  expect(conditionsOf(odd)[1]).toEqual({ type: 'Failed', reason: 'SignerValidationFailure', message: 'invalid usage for client certificate: server auth' });
  expect(odd.status?.certificate).toBeUndefined();
});

test('cluster-info is signed by each token as long as the token counts', async () => {
  const kubeconfig = 'apiVersion: v1\nkind: Config\n';
  await plane.client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cluster-info', namespace: 'kube-public' }, data: { kubeconfig } });
  const dataWhen = (what: string, fits: (keys: readonly string[]) => boolean) =>
    eventually(what, async () => {
      const { data = {} } = await plane.client.get(ConfigMaps, 'cluster-info', 'kube-public');
      return fits(Object.keys(data).sort()) ? data : undefined;
    });
  const data = await dataWhen('the signature', (keys) => keys.includes('jws-kubeconfig-abcdef'));
  const [header, payload, signature] = data['jws-kubeconfig-abcdef']!.split('.');
  expect(payload).toBe('');
  expect(createHmac('sha256', TOKEN.secret).update(`${header}.${Buffer.from(kubeconfig).toString('base64url')}`).digest('base64url')).toBe(signature);

  const expiringIn = (milliseconds: number) => tokenSecret({ id: 'short0', secret: 'fedcba9876543210' }, new Date(Date.now() + milliseconds).toISOString().replace(/\.\d+Z$/, 'Z'));
  await plane.client.create(Secrets, expiringIn(3_600_000));
  await dataWhen('the second signature', (keys) => keys.join() === 'jws-kubeconfig-abcdef,jws-kubeconfig-short0,kubeconfig');
  // Its end comes nearer only when it has been signed with, so that both are seen.
  const { metadata, data: soon } = expiringIn(3000);
  await plane.client.patch(Secrets, metadata.name, metadata.namespace, 'application/merge-patch+json', { data: soon });
  await dataWhen('the second signature has gone', (keys) => keys.join() === 'jws-kubeconfig-abcdef,kubeconfig');
  const names = async () => (await plane.client.list(Secrets, { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' })).items.map((token) => token.metadata.name).join();
  await eventually('the second token has gone', async () => ((await names()) === 'bootstrap-token-abcdef' ? true : undefined));
});

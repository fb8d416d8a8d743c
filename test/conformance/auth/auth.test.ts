import { createPublicKey, verify } from 'node:crypto';
import https from 'node:https';
import { createSigningKey } from '../../../process/certificates.ts';
import { newSigningRequest } from '../../../process/newSigningRequest.ts';
import { type Answer, send } from '../../rig/apiserver.ts';
import { nextThat, STRATEGIC } from '../apimachinery/caller.ts';
import { until } from '../apimachinery/definitions.ts';
import { usePlane } from '../apimachinery/plane.ts';

const used = usePlane();
const ok = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer['json']> => used().caller.ok(method, path, body, headers);
const core = (namespace: string, rest: string): string => `/api/v1/namespaces/${namespace}/${rest}`;
const as = (user: string, groups: string, more: Record<string, string> = {}): Record<string, string> => ({ 'impersonate-user': user, 'impersonate-group': groups, ...more });
const part = (text: string | undefined): Answer['json'] => JSON.parse(Buffer.from(text ?? '', 'base64url').toString());

/** A request by somebody without the administrator's certificate. */
async function stranger(path: string, options: { readonly token?: string; readonly certificate?: string; readonly key?: string; readonly method?: string; readonly body?: unknown }): Promise<Answer> {
  const { servers, ca } = used().plane.clientConfig;
  const agent = new https.Agent({ ca, ...(options.certificate && options.key ? { cert: options.certificate, key: options.key } : {}) });
  try {
    return await send(agent, Number(new URL(servers[0] ?? '').port), options.method ?? 'GET', path, options.body, options.token ? { authorization: `Bearer ${options.token}` } : {});
  } finally {
    agent.destroy();
  }
}

describe('[sig-auth] Certificates API [Privileged:ClusterAdmin]', () => {
  test('should support building a client with a CSR', async () => {
    const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const { privateKey } = createSigningKey();
    const request = await newSigningRequest(privateKey, { commonName: 'tester-csr', organizations: [], names: [] });
    const body = { metadata: { generateName: 'tester-csr-' }, spec: { request: Buffer.from(request).toString('base64'), usages: ['digital signature', 'key encipherment', 'client auth'], signerName: 'kubernetes.io/kube-apiserver-client', expirationSeconds: 3_600 } };
    await ok('POST', `${rbac}/clusterroles`, { metadata: { name: 'tester-csr' }, rules: [{ verbs: ['create'], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'] }] });
    await ok('POST', `${rbac}/clusterrolebindings`, { metadata: { name: 'tester-csr' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tester-csr' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'tester-csr' }] });
    const created = await ok('POST', path, body);
    const { name } = created.metadata;
    created.status = { conditions: [{ type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }] };
    await ok('PUT', `${path}/${name}/approval`, created);
    await until('it is signed', async () => (await ok('GET', `${path}/${name}`)).status.certificate !== undefined);
    const certificate = Buffer.from((await ok('GET', `${path}/${name}`)).status.certificate, 'base64').toString();
    expect(certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    const answer = await stranger(path, { certificate, key: privateKey, method: 'POST', body });
    expect([answer.status, answer.json.spec.username]).toEqual([201, 'tester-csr']);
  });
});

describe('[sig-auth] ServiceAccounts', () => {
  test('should run through the lifecycle of a ServiceAccount', async () => {
    const namespace = await used().namespace();
    const label = 'test-serviceaccount-static';
    const created = await ok('POST', core(namespace, 'serviceaccounts'), { metadata: { name: 'testserviceaccount', labels: { [label]: 'true' } } });
    expect((await ok('GET', core(namespace, 'serviceaccounts/testserviceaccount'))).metadata.uid).toBe(created.metadata.uid);
    const watch = used().caller.watch(`${core(namespace, 'serviceaccounts')}?watch=true&labelSelector=${label}%3Dtrue&timeoutSeconds=180`);
    await nextThat(watch, ({ type }) => type === 'ADDED');
    await ok('PATCH', core(namespace, 'serviceaccounts/testserviceaccount'), { automountServiceAccountToken: false }, STRATEGIC);
    await nextThat(watch, ({ type }) => type === 'MODIFIED');
    const { items } = await ok('GET', `/api/v1/serviceaccounts?labelSelector=${label}%3Dtrue`);
    expect(items).toEqual([expect.objectContaining({ metadata: expect.objectContaining({ name: 'testserviceaccount', namespace }), automountServiceAccountToken: false })]);
    await ok('DELETE', core(namespace, 'serviceaccounts'));
    await nextThat(watch, ({ type }) => type === 'DELETED');
    watch.stop();
  });

  test('should update a ServiceAccount', async () => {
    const namespace = await used().namespace();
    const created = await ok('POST', core(namespace, 'serviceaccounts'), { metadata: { name: 'e2e-sa' }, automountServiceAccountToken: false });
    expect(created.automountServiceAccountToken).toBe(false);
    expect((await ok('PUT', core(namespace, 'serviceaccounts/e2e-sa'), { ...created, automountServiceAccountToken: true })).automountServiceAccountToken).toBe(true);
  });

  test('should guarantee kube-root-ca.crt exist in any namespace', async () => {
    const namespace = await used().namespace();
    const path = core(namespace, 'configmaps/kube-root-ca.crt');
    const there = async (): Promise<boolean> => ((await used().caller.request('GET', path)).json.data?.['ca.crt'] ?? '').startsWith('-----BEGIN CERTIFICATE-----');
    await until('it is there', there);
    await ok('DELETE', path, { gracePeriodSeconds: 0 });
    await until('it is there again', there);
    await ok('PUT', path, { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': '' } });
    await until('it is as it was', there);
  });

  // What the API server gives the pod; the files in it are the kubelet's.
  test('should allow opting out of API token automount', async () => {
    const namespace = await used().namespace();
    for (const [name, automountServiceAccountToken] of [['mount', true], ['nomount', false]] as const) await ok('POST', core(namespace, 'serviceaccounts'), { metadata: { name }, automountServiceAccountToken });
    const seen: Record<string, boolean> = {};
    for (const account of ['default', 'mount', 'nomount']) {
      for (const own of [undefined, true, false]) {
        const { spec } = await ok('POST', core(namespace, 'pods'), { metadata: { generateName: 'pod-service-account-' }, spec: { serviceAccountName: account, ...(own === undefined ? {} : { automountServiceAccountToken: own }), containers: [{ name: 'token-test', image: 'pause' }] } });
        const mounts = spec.containers[0].volumeMounts ?? [];
        seen[`${account} ${own}`] = mounts.some(({ mountPath }: { mountPath: string }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount');
      }
    }
    expect(seen).toEqual({ 'default undefined': true, 'default true': true, 'default false': false, 'mount undefined': true, 'mount true': true, 'mount false': false, 'nomount undefined': false, 'nomount true': true, 'nomount false': false });
  });

  test('ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer', async () => {
    const namespace = await used().namespace();
    const audience = 'oidc-discovery-test';
    const request = (audiences: readonly string[]) => ok('POST', core(namespace, 'serviceaccounts/default/token'), { spec: { audiences, expirationSeconds: 600 } });
    const { token } = (await request([audience])).status;
    const bearer = (await request([])).status.token;
    const own = part(bearer.split('.')[1]).iss;
    const configuration = await stranger('/.well-known/openid-configuration', { token: bearer });
    expect([configuration.status, configuration.json.issuer, configuration.json.response_types_supported, configuration.json.subject_types_supported, configuration.json.id_token_signing_alg_values_supported]).toEqual([200, own, ['id_token'], ['public'], [expect.stringMatching(/^(RS|ES)256$/)]]);
    const keys = await stranger(new URL(configuration.json.jwks_uri).pathname, { token: bearer });
    const [header, payload, signature] = token.split('.');
    const key = JSON.parse(keys.text).keys.find(({ kid }: { kid: string }) => kid === part(header).kid);
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(part(payload)).toMatchObject({ iss: own, aud: [audience], sub: `system:serviceaccount:${namespace}:default` });
    expect((await stranger('/.well-known/openid-configuration', {})).status).toBe(403);
  });

  test('no secret-based service account token should be auto-generated', async () => {
    const namespace = await used().namespace();
    expect((await ok('GET', core(namespace, 'serviceaccounts/default'))).secrets).toBeUndefined();
    expect((await ok('GET', core(namespace, 'secrets'))).items).toEqual([]);
  });
});

describe('[sig-auth] SubjectReview', () => {
  test('should support SubjectReview API operations', async () => {
    const namespace = await used().namespace();
    const { metadata } = await ok('POST', core(namespace, 'serviceaccounts'), { metadata: { name: 'e2e' } });
    const user = `system:serviceaccount:${namespace}:e2e`;
    const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
    const resourceAttributes = { verb: 'list', resource: 'configmaps', namespace, version: 'v1' };
    const review = async (path: string, name: string): Promise<boolean> => (await ok('POST', path, { metadata: path.includes('local') ? { namespace } : {}, spec: { resourceAttributes, user: name, groups, uid: metadata.uid } })).status.allowed;
    const subject = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const local = `/apis/authorization.k8s.io/v1/namespaces/${namespace}/localsubjectaccessreviews`;
    const listed = async (): Promise<boolean> => {
      const { status } = await used().caller.request('GET', core(namespace, 'configmaps'), undefined, { ...as(user, groups[0]!), 'impersonate-uid': metadata.uid });
      expect([200, 403]).toContain(status);
      return status === 200;
    };
    expect([await listed(), await review(subject, user), await review(local, 'e2e')]).toEqual([false, false, false]);
    const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
    await ok('POST', bindings, { metadata: { name: 'view' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace }] });
    // A read sees what was written before; from then on so does who decides.
    await ok('GET', `${bindings}/view`);
    expect([await listed(), await review(subject, user), await review(local, user)]).toEqual([true, true, true]);
  });
});

test('[sig-auth] SelfSubjectReview should support SelfSubjectReview API operations', async () => {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  expect((await ok('GET', '/apis/authentication.k8s.io/v1')).resources).toContainEqual(expect.objectContaining({ name: 'selfsubjectreviews', kind: 'SelfSubjectReview', verbs: ['create'] }));
  expect((await ok('POST', path, {})).status.userInfo).toMatchObject({ username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] });
  const impersonated = await ok('POST', path, {}, { 'impersonate-user': 'jane-doe', 'impersonate-uid': 'uniq-id', 'impersonate-group': 'system:authenticated', 'impersonate-extra-known-languages': 'python' });
  expect(impersonated.status.userInfo).toEqual({ username: 'jane-doe', uid: 'uniq-id', groups: ['system:authenticated'], extra: { 'known-languages': ['python'] } });
});

describe('[sig-auth] [Feature:NodeAuthorizer]', () => {
  const node = as('system:node:n1', 'system:nodes');
  const forbidden = async (method: string, path: string, body?: unknown): Promise<void> => {
    const { status, json } = await used().caller.request(method, path, body, node);
    expect([path, status, json.reason]).toEqual([path, 403, 'Forbidden']);
  };
  test.each([
    ['Getting a non-existent secret should exit with the Forbidden error, not a NotFound error', 'secrets', false],
    ['Getting an existing secret should exit with the Forbidden error', 'secrets', true],
    ['Getting a non-existent configmap should exit with the Forbidden error, not a NotFound error', 'configmaps', false],
    ['Getting an existing configmap should exit with the Forbidden error', 'configmaps', true],
  ])('%s', async (_, resource, exists) => {
    const namespace = await used().namespace();
    if (exists) await ok('POST', core(namespace, resource), { metadata: { name: 'node-auth' } });
    await forbidden('GET', core(namespace, `${resource}/node-auth`));
  });
  test.each([
    ['Getting a secret for a workload the node has access to should succeed', 'secrets', { secret: { secretName: 'node-auth' } }],
    ['Getting a configmap for a workload the node has access to should succeed', 'configmaps', { configMap: { name: 'node-auth' } }],
  ])('%s', async (_, resource, volume) => {
    const namespace = await used().namespace();
    await ok('POST', core(namespace, resource), { metadata: { name: 'node-auth' } });
    await forbidden('GET', core(namespace, `${resource}/node-auth`));
    await ok('POST', core(namespace, 'pods'), { metadata: { name: 'pod-node-auth' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'pause' }], volumes: [{ name: 'node-auth', ...volume }] } });
    await until('the node may read it', async () => (await used().caller.request('GET', core(namespace, `${resource}/node-auth`), undefined, node)).status === 200);
  });
  test("A node shouldn't be able to create another node", () => forbidden('POST', '/api/v1/nodes', { metadata: { name: 'foo' } }));
  test("A node shouldn't be able to delete another node", () => forbidden('DELETE', '/api/v1/nodes/n2'));
});

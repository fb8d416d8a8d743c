import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEgress } from '../../apiserver/egress/egressSelector.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../process/certificates.ts';
import { jsonWebKeySet, signJwt, verificationKey } from '../../process/jwt.ts';
import { startConnectProxy, type ConnectProxy } from '../rig/connectProxy.ts';
import { startEtcd } from '../rig/etcd.ts';
import { startJsonServer, type JsonServer } from '../rig/jsonServer.ts';
import { eventually } from '../rig/processes.ts';
import { startWholeServer, type WholeServer } from '../rig/wholeServer.ts';

const folder = mkdtempSync(join(tmpdir(), 'gantry-egress-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

let etcd: Awaited<ReturnType<typeof startEtcd>>;
let server: WholeServer;
let authority: KeyPair;
let webhook: JsonServer;
let issuer: JsonServer;
let idToken = '';
const proxies: Record<string, ConnectProxy> = {};

beforeAll(async () => {
  etcd = await startEtcd();
  authority = await createAuthority('corner', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'corner-server', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const client = await issueCertificate(authority, { commonName: 'apiserver', usages: ['client'] }, Date.now());
  webhook = await startJsonServer(pair, ({ body }) => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: body?.request.uid ?? 'none', allowed: true, warnings: ['asked'] } }));
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  issuer = await startJsonServer(pair, ({ path }) => (path === '/keys' ? jsonWebKeySet([verificationKey(key)]) : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }));
  idToken = signJwt({ iss: issuer.url, aud: 'app', exp: Math.floor(Date.now() / 1000) + 600, sub: 'jane' }, key);
  proxies['etcd'] = await startConnectProxy();
  proxies['cluster'] = await startConnectProxy({ path: join(folder, 'cluster.sock'), route: () => new URL(webhook.url).host });
  proxies['controlplane'] = await startConnectProxy({ tls: { pair, authority: authority.certificate }, route: (target) => (target.startsWith('192.0.2.') ? 403 : target) });
  const tls = `{caBundle: ${file('ca.crt', authority.certificate)}, clientCert: ${file('client.crt', client.certificate)}, clientKey: ${file('client.key', client.key)}}`;
  const egress = openEgress(file('egress.yaml', `
apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: etcd
  connection: {proxyProtocol: HTTPConnect, transport: {tcp: {url: "http://127.0.0.1:${proxies['etcd'].port}"}}}
- name: cluster
  connection: {proxyProtocol: HTTPConnect, transport: {uds: {udsName: ${join(folder, 'cluster.sock')}}}}
- name: controlplane
  connection: {proxyProtocol: HTTPConnect, transport: {tcp: {url: "https://127.0.0.1:${proxies['controlplane'].port}", tlsConfig: ${tls}}}}
`));
  const authenticationConfigFile = file('authentication.yaml', `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer: {url: "${issuer.url}", audiences: [app], certificateAuthority: ${JSON.stringify(authority.certificate)}, egressSelectorType: controlplane}
  claimMappings: {username: {claim: sub, prefix: "oidc:"}}
`);
  server = await startWholeServer({ egress, authenticationConfigFile, etcd: { endpoints: etcd.endpoints } });
});

afterAll(async () => {
  await server?.close();
  for (const each of [webhook, issuer, ...Object.values(proxies)]) await each?.close();
  await etcd?.close();
  rmSync(folder, { recursive: true, force: true });
});

const hook = (name: string, clientConfig: object, label: string): object => ({
  metadata: { name },
  webhooks: [{ name: `${name}.example.com`, admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Fail', clientConfig: { caBundle: Buffer.from(authority.certificate).toString('base64'), ...clientConfig }, objectSelector: { matchLabels: { by: label } }, rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }] }],
});
const configMap = (by: string): ReturnType<WholeServer['admin']> => server.admin('POST', '/api/v1/namespaces/default/configmaps', { metadata: { generateName: 'c-', labels: { by } } });

test('etcd is reached through its proxy, and so is nothing else', () => {
  const places = new Set(proxies['etcd']!.targets);
  expect([...places]).toEqual(etcd.endpoints.map((each) => new URL(each).host));
});

test('webhooks by URL are reached through the control plane\'s proxy, by TLS with this server\'s certificate', async () => {
  const hooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  expect((await server.admin('POST', hooks, hook('by-url', { url: `${webhook.url}/x` }, 'url'))).status).toBe(201);
  const answer = await eventually('it is asked', 60_000, async () => {
    const made = await configMap('url');
    return made.headers['warning'] === undefined ? undefined : made;
  });
  expect(answer.headers['warning']).toContain('asked');
  expect(proxies['controlplane']!.targets).toContain(new URL(webhook.url).host);
  expect((await server.admin('POST', hooks, hook('refused', { url: 'https://192.0.2.7/x' }, 'refused'))).status).toBe(201);
  const refused = await eventually('it is asked', 60_000, async () => {
    const made = await configMap('refused');
    return made.status === 201 ? undefined : made;
  });
  expect(refused.json.message).toContain('code 403');
});

test('pods, nodes and Services are reached through the cluster\'s proxy', async () => {
  const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  await server.admin('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  expect((await server.admin('POST', '/api/v1/namespaces/default/pods', pod)).status).toBe(201);
  await server.admin('PATCH', '/api/v1/namespaces/default/pods/web/status', { status: { podIP: '192.0.2.9', podIPs: [{ ip: '192.0.2.9' }] } }, { 'content-type': 'application/merge-patch+json' });
  // From now on memory has the address, by which the pod is found.
  await server.admin('GET', '/api/v1/namespaces/default/pods/web');
  // Only the proxy knows where that is; it leads everything to the one server that there is.
  const answer = await server.admin('POST', '/api/v1/namespaces/default/pods/https:web:8443/proxy/x', { request: { uid: 'u' } });
  expect(answer).toMatchObject({ status: 200, json: { response: { uid: 'u' } } });
  // By another way through the server, which passes bytes on; this one answers as if it had not been asked for another protocol.
  const upgrade = await server.admin('GET', '/api/v1/namespaces/default/pods/https:web:8443/proxy/x', undefined, { connection: 'Upgrade', upgrade: 'websocket' });
  expect(upgrade.text).toContain('"uid":"none"');
  expect(proxies['cluster']!.targets).toEqual(['192.0.2.9:8443', '192.0.2.9:8443']);
});

test('issuers of tokens are reached by the way that they name', async () => {
  const { status, json } = await server.as(idToken, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
  expect([status, json.status?.userInfo?.username]).toEqual([201, 'oidc:jane']);
  expect(proxies['controlplane']!.targets).toContain(new URL(issuer.url).host);
});

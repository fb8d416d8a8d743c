import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { createAuthority, createSigningKey, issueCertificate, type KeyPair } from '../../process/certificates.ts';
import { jsonWebKeySet, signJwt, verificationKey } from '../../process/jwt.ts';
import { newSigningRequest } from '../../process/newSigningRequest.ts';
import { type Answer, send } from '../rig/apiserver.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';
import { type JsonServer, startJsonServer } from '../rig/jsonServer.ts';

/** Who clients are and what they may do, on a whole API server with real counterparts: issuers, webhooks and a proxy on loopback. */
const folder = mkdtempSync(join(tmpdir(), 'gantry-access-'));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const CONFIG = 'apiVersion: apiserver.config.k8s.io/v1';

let plane: ControlPlane;
let authority: KeyPair;
let proxyAuthority: KeyPair;
let issuer: JsonServer;
let tokenWebhook: JsonServer;
let authorizationWebhook: JsonServer;
let issuerKey = newKey();
const agents: https.Agent[] = [];

/** A kubeconfig by which the API server reaches a webhook. */
const webhookConfig = (url: string): string =>
  JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'w', contexts: [{ name: 'w', context: { cluster: 'w', user: 'w' } }],
    clusters: [{ name: 'w', cluster: { server: url, 'certificate-authority-data': Buffer.from(authority.certificate).toString('base64') } }], users: [{ name: 'w', user: { token: 'from-the-api-server' } }],
  });

const issuerConfig = (prefix: string, anonymous = '{enabled: true, conditions: [{path: /livez}, {path: /readyz}]}'): string => `
${CONFIG}
kind: AuthenticationConfiguration
anonymous: ${anonymous}
jwt:
- issuer:
    url: ${issuer.url}
    audiences: [app]
    certificateAuthority: ${JSON.stringify(authority.certificate)}
  claimMappings:
    username: {expression: "'${prefix}' + claims.sub"}
    groups: {claim: roles, prefix: ""}
  userValidationRules:
  - {expression: "!user.username.startsWith('system:')", message: reserved}
`;

const authorizers = (condition: string): string => `
${CONFIG}
kind: AuthorizationConfiguration
authorizers:
- {type: Node, name: node}
- {type: RBAC, name: rbac}
- type: Webhook
  name: corner
  webhook:
    timeout: 30s
    subjectAccessReviewVersion: v1
    matchConditionSubjectAccessReviewVersion: v1
    failurePolicy: NoOpinion
    connectionInfo: {type: KubeConfigFile, kubeConfigFile: ${join(folder, 'authorization-webhook')}}
    matchConditions:
    - expression: ${JSON.stringify(condition)}
`;

/** Secrets of `web` may be read by whoever the webhook likes, one by one; it is `broken` for those of its own. */
const decide = ({ user, resourceAttributes }: { user: string; resourceAttributes?: Record<string, string> }): object | number => {
  if (user === 'broken') return 404;
  if (user === 'outcast') return { status: { allowed: false, denied: true, reason: 'not you' } };
  return { status: { allowed: user === 'welcome' && resourceAttributes?.['verb'] === 'get', reason: 'the corner says so' } };
};

beforeAll(async () => {
  authority = await createAuthority('corner', Date.now());
  proxyAuthority = await createAuthority('front-proxy-ca', Date.now());
  const serving = await issueCertificate(authority, { commonName: 'corner-server', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  issuer = await startJsonServer(serving, ({ path, headers }) => {
    if (path === '/groups') return headers.authorization === 'Bearer groups-please' ? signJwt({ iss: `${issuer.url}/other`, aud: 'app', exp: Math.floor(Date.now() / 1000) + 600, roles: ['far', 'away'] }, issuerKey) : 401;
    if (path === '/other/.well-known/openid-configuration') return { issuer: `${issuer.url}/other`, jwks_uri: `${issuer.url}/keys` };
    if (path === '/.well-known/openid-configuration') return { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
    return path === '/keys' ? jsonWebKeySet([verificationKey(issuerKey)]) : 404;
  });
  tokenWebhook = await startJsonServer(serving, ({ body }) => {
    const { token } = body.spec as { token: string };
    if (token.startsWith('known-')) return { status: { authenticated: true, user: { username: token.slice(6), uid: '7', groups: ['asked'], extra: { why: ['because'] } } } };
    return { status: { authenticated: false, error: 'never heard of it' } };
  });
  authorizationWebhook = await startJsonServer(serving, ({ body }) => decide(body.spec as Parameters<typeof decide>[0]));
  file('authorization-webhook', webhookConfig(authorizationWebhook.url));
  plane = await startControlPlane({
    scheduler: false,
    controllers: ['serviceaccount-controller', 'serviceaccount-token-controller', 'certificatesigningrequest-signing-controller', 'clusterrole-aggregation-controller'],
    api: {
      readKubeconfig: loadKubeconfig,
      authenticationConfigFile: file('authentication.yaml', issuerConfig('oidc:')),
      tokenWebhook: { configFile: file('token-webhook', webhookConfig(tokenWebhook.url)), version: 'v1', cacheTTL: 600_000 },
      authorization: { configFile: file('authorization.yaml', authorizers("has(request.resourceAttributes) && request.resourceAttributes.namespace == 'web'")) },
      requestHeaderAuthority: proxyAuthority.certificate,
      requestHeader: { allowedNames: ['front-proxy-client'], usernameHeaders: ['X-Remote-User'], uidHeaders: ['X-Remote-Uid'], groupHeaders: ['X-Remote-Group'], extraHeaderPrefixes: ['X-Remote-Extra-'] },
    },
  });
  await plane.run('create namespace web');
  await plane.run('wait --for=create serviceaccount/default -n web --timeout=90s');
});

afterAll(async () => {
  for (const agent of agents) agent.destroy();
  await plane?.close();
  for (const server of [issuer, tokenWebhook, authorizationWebhook]) await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const port = (): number => Number(new URL(plane.clientConfig.servers[0]!).port);

/** A request with these headers, and a certificate if one is given. */
function request(method: string, path: string, headers: Record<string, string> = {}, body?: unknown, pair?: KeyPair): Promise<Answer> {
  const agent = new https.Agent({ ca: plane.clientConfig.ca, ...(pair ? { cert: pair.certificate, key: pair.key } : {}) });
  agents.push(agent);
  return send(agent, port(), method, path, body, headers);
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
/** Who the server takes the request for; a status where it takes it for nobody. */
async function who(headers: Record<string, string>, pair?: KeyPair): Promise<Record<string, unknown> | number> {
  const { status, json } = await request('POST', WHO, headers, { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }, pair);
  return status === 201 ? (json.status.userInfo as Record<string, unknown>) : status;
}

const idToken = (claims: object = {}, key = issuerKey): string => signJwt({ iss: issuer.url, aud: 'app', exp: Math.floor(Date.now() / 1000) + 600, sub: 'jane', roles: ['dev'], ...claims }, key);
async function review(token: string): Promise<Record<string, unknown>> {
  const { certificate = '', key = '' } = plane.clientConfig;
  const { json } = await request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {}, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }, { certificate, key });
  return json.status as Record<string, unknown>;
}

describe('OpenID Connect', () => {
  test('tokens of the issuer are known, and what is wrong with others is told to who asks', async () => {
    await expect(who(bearer(idToken()))).resolves.toEqual({ username: 'oidc:jane', groups: ['dev', 'system:authenticated'] });
    await expect(who(bearer(idToken({ aud: 'other' })))).resolves.toBe(401);
    expect(await review(idToken({ aud: 'other' }))).toEqual({ user: {}, error: '[invalid bearer token, oidc: verify token: oidc: expected audience "app" got ["other"], never heard of it]' });
    expect(await review(idToken())).toMatchObject({ authenticated: true, user: { username: 'oidc:jane' } });
  });

  test('groups that are elsewhere are fetched from there, as a token of another issuer', async () => {
    const elsewhere = (endpoint: string, token = 'groups-please'): string => idToken({ roles: undefined, _claim_names: { roles: 'src1' }, _claim_sources: { src1: { endpoint, access_token: token } } });
    await expect(who(bearer(elsewhere(`${issuer.url}/groups`)))).resolves.toEqual({ username: 'oidc:jane', groups: ['far', 'away', 'system:authenticated'] });
    expect(await review(elsewhere(`${issuer.url}/groups`, 'other'))).toMatchObject({ error: expect.stringContaining('oidc: could not expand distributed claims: while getting distributed claim "roles": error while getting distributed claim JWT: 401') });
    expect(await review(elsewhere('http://127.0.0.1/groups'))).toMatchObject({ error: expect.stringContaining('is no https URL') });
  });

  test('keys are fetched once, and again when a token is of a new one', async () => {
    const fetched = (): number => issuer.calls.filter(({ path }) => path === '/keys').length;
    await who(bearer(idToken()));
    const before = fetched();
    await who(bearer(idToken({ sub: 'joe' })));
    expect(fetched()).toBe(before);
    const old = issuerKey;
    issuerKey = newKey();
    await expect(eventually('the new key is known', async () => {
      const known = await who(bearer(idToken()));
      return typeof known === 'number' ? undefined : known['username'];
    })).resolves.toBe('oidc:jane');
    await expect(who(bearer(idToken({}, old)))).resolves.toBe(401);
    const { certificate = '', key = '' } = plane.clientConfig;
    const figures = (await request('GET', '/metrics', {}, undefined, { certificate, key })).text;
    const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const last = 'apiserver_authentication_jwt_authenticator_jwks_fetch_last_';
    expect(figures).toMatch(new RegExp(`${last}timestamp_seconds\\{result="success",jwt_issuer_hash="${sha256(issuer.url)}",apiserver_id_hash="sha256:[0-9a-f]{64}"\\} \\d{10}\\b`));
    expect(figures).toMatch(new RegExp(`${last}key_set_info\\{jwt_issuer_hash="${sha256(issuer.url)}",apiserver_id_hash="[^"]+",hash="${sha256(JSON.stringify(jsonWebKeySet([verificationKey(issuerKey)])))}"\\} 1`));
  });

  test('only what is configured may be asked by nobody', async () => {
    expect((await request('GET', '/livez')).status).toBe(200);
    const refused = await request('GET', '/version');
    expect(refused.json).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
  });
});

test('a webhook is asked about tokens that nobody else knows, and its answers are remembered', async () => {
  const user = { username: 'ann', uid: '7', groups: ['asked', 'system:authenticated'], extra: { why: ['because'] } };
  await expect(who(bearer('known-ann'))).resolves.toEqual(user);
  await expect(who(bearer('known-ann'))).resolves.toEqual(user);
  const asked = tokenWebhook.calls.filter(({ body }) => body.spec.token === 'known-ann');
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ headers: { authorization: 'Bearer from-the-api-server' }, body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { audiences: ['https://kubernetes.default.svc.cluster.local'] } } });
  await expect(who(bearer('unknown'))).resolves.toBe(401);
});

describe('an authenticating proxy', () => {
  const headers = { 'x-remote-user': 'eve', 'x-remote-uid': '9', 'x-remote-group': 'far', 'x-remote-extra-acme.com%2fteam': 'red' };
  const proxy = (commonName: string, by = proxyAuthority): Promise<KeyPair> => issueCertificate(by, { commonName, usages: ['client'] }, Date.now());

  test('is believed', async () => {
    await expect(who(headers, await proxy('front-proxy-client'))).resolves.toEqual({ username: 'eve', uid: '9', groups: ['far', 'system:authenticated'], extra: { 'acme.com/team': ['red'] } });
  });

  test('not under another name, of another authority, or without a certificate; and it is no client itself', async () => {
    await expect(who(headers, await proxy('somebody'))).resolves.toBe(401);
    await expect(who(headers, await proxy('front-proxy-client', authority))).resolves.toBe(401);
    await expect(who(headers)).resolves.toBe(401);
    await expect(who({}, await proxy('front-proxy-client'))).resolves.toBe(401);
    // A client's certificate does not make its holder a proxy.
    const { certificate = '', key = '' } = plane.clientConfig;
    await expect(who(headers, { certificate, key })).resolves.toMatchObject({ username: 'kubernetes-admin' });
  });
});

describe('an authorization webhook', () => {
  const get = (user: string, namespace = 'web'): Promise<Answer> => request('GET', `/api/v1/namespaces/${namespace}/secrets/s`, bearer(`known-${user}`));

  test('allows, denies with its reason, and is asked only where its condition holds', async () => {
    expect((await get('welcome')).json).toMatchObject({ code: 404, message: 'secrets "s" not found' });
    expect((await get('outcast')).json).toMatchObject({ code: 403, message: 'secrets "s" is forbidden: User "outcast" cannot get resource "secrets" in API group "" in the namespace "web": not you' });
    const before = authorizationWebhook.calls.length;
    expect((await get('welcome', 'default')).json).toMatchObject({ code: 403, message: 'secrets "s" is forbidden: User "welcome" cannot get resource "secrets" in API group "" in the namespace "default"' });
    expect(authorizationWebhook.calls).toHaveLength(before);
  });

  test('is told the selectors; one that fails is an error, for reviews, too', async () => {
    await request('GET', '/api/v1/namespaces/web/pods?labelSelector=app%3Dx&fieldSelector=spec.nodeName%3Dn1', bearer('known-curious'));
    expect(authorizationWebhook.calls.at(-1)?.body.spec).toMatchObject({
      user: 'curious', groups: ['asked', 'system:authenticated'],
      resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n1'] }] }, labelSelector: { requirements: [{ key: 'app', operator: 'In', values: ['x'] }] } },
    });
    expect(await get('broken')).toMatchObject({ status: 500, json: { reason: 'InternalError', message: expect.stringContaining('the server answered with the status code 404') } });
    const asked = await request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', bearer('known-broken'), { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { namespace: 'web', verb: 'get', resource: 'pods' } } });
    expect(asked.json.status).toMatchObject({ allowed: false, evaluationError: expect.stringContaining('status code 404') });
  });

  test('cannot list rights', async () => {
    const { stderr, stdout } = await plane.kubectl(['auth', 'can-i', '--list', '-n', 'web', '--as=jane']);
    expect(stderr).toContain('Warning: the list may be incomplete: webhook authorizer does not support user rule resolution');
    expect(stdout).toMatch(/selfsubjectreviews\.authentication\.k8s\.io +\[\] +\[\] +\[create\]/);
  });
});

test('files that change are read again; one that cannot be used changes nothing', async () => {
  file('authorization.yaml', authorizers('request.nonsense'));
  file('authentication.yaml', issuerConfig('new:'));
  await expect(eventually('the new prefix is used', async () => {
    const known = await who(bearer(idToken()));
    return typeof known !== 'number' && known['username'] === 'new:jane' ? true : undefined;
  })).resolves.toBe(true);
  expect((await request('GET', '/api/v1/namespaces/web/secrets/r', bearer('known-welcome'))).status).toBe(404);
  file('authorization.yaml', authorizers("has(request.resourceAttributes) && request.resourceAttributes.namespace == 'default'"));
  await expect(eventually('the new condition is used', async () => ((await request('GET', '/api/v1/namespaces/default/secrets/r', bearer('known-welcome'))).status === 404 ? true : undefined))).resolves.toBe(true);
  expect((await request('GET', '/api/v1/namespaces/web/secrets/r', bearer('known-welcome'))).status).toBe(403);
});

describe('kubectl auth', () => {
  test('whoami and can-i, also in the name of somebody else', async () => {
    const info = async (words: string): Promise<unknown> => JSON.parse(await plane.run(`auth whoami -o json ${words}`)).status.userInfo as unknown;
    expect(await info('')).toMatchObject({ username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'], extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] } });
    expect(await info('--as=jane --as-group=dev --as-uid=u1')).toEqual({ username: 'jane', uid: 'u1', groups: ['dev', 'system:authenticated'] });
    expect(await plane.run('auth can-i create pods --as=system:serviceaccount:web:default').catch((error: Error) => error.message)).toContain('no');
    await plane.run('create role reader -n web --verb=get,list --resource=pods');
    await plane.run('create rolebinding reader -n web --role=reader --serviceaccount=web:default');
    await eventually('the role counts', async () => ((await plane.kubectl('auth can-i list pods -n web --as=system:serviceaccount:web:default'.split(' '))).stdout === 'yes\n' ? true : undefined));
  });

  test('acting as somebody takes a right of its own, for all or for one thing only', async () => {
    await plane.run('apply -f -', JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'deputy' }, rules: [{ apiGroups: ['authentication.k8s.io'], resources: ['users'], resourceNames: ['boss'], verbs: ['impersonate:user-info'] }, { apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on:user-info:list'] }] }));
    await plane.run('create clusterrolebinding deputy --clusterrole=deputy --user=ann');
    await plane.run('create clusterrolebinding boss --clusterrole=view --user=boss');
    const as = (path: string, user = 'boss'): Promise<Answer> => request('GET', path, { ...bearer('known-ann'), 'impersonate-user': user });
    // The roles count once the authorizer has seen them, and what `view` allows is gathered by a control loop.
    await eventually('the boss may list pods', async () => ((await as('/api/v1/namespaces/web/pods')).status === 200 ? true : undefined));
    expect((await as('/api/v1/namespaces/web/services')).json).toMatchObject({ code: 403, message: 'services is forbidden: User "ann" cannot impersonate-on:user-info:list resource "services" in API group "" in the namespace "web"' });
    expect((await as('/api/v1/namespaces/web/pods', 'other')).json).toMatchObject({ code: 403, message: 'users.authentication.k8s.io "other" is forbidden: User "ann" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope' });
  });

  test('reconcile makes roles as a file says', async () => {
    const role = (verbs: string[]): string => JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'reconciled', namespace: 'web' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs }] });
    await plane.run('auth reconcile -f -', role(['get']));
    await plane.run('auth reconcile -f -', role(['list']));
    expect(await plane.run('get role reconciled -n web -o jsonpath={.rules[*].verbs}')).toBe('["get"] ["list"]');
  });
});

describe('tokens in Secrets', () => {
  test('are filled in, good while the Secret is there, and gone with their account', async () => {
    await plane.run('create serviceaccount robot -n web');
    await plane.run('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'robot', namespace: 'web', annotations: { 'kubernetes.io/service-account.name': 'robot' } }, type: 'kubernetes.io/service-account-token' }));
    const token = await eventually('the token is there', async () => (await plane.run('get secret robot -n web -o jsonpath={.data.token}')) || undefined);
    const text = Buffer.from(token, 'base64').toString();
    const today = (): string => new Date().toISOString().slice(0, 10);
    const before = today();
    await expect(who(bearer(text))).resolves.toMatchObject({ username: 'system:serviceaccount:web:robot', groups: ['system:serviceaccounts', 'system:serviceaccounts:web', 'system:authenticated'] });
    const { metadata, data } = JSON.parse(await plane.run('get secret robot -n web -o json'));
    expect([before, today()]).toContain(metadata.labels['kubernetes.io/legacy-token-last-used']);
    expect(Buffer.from(data.namespace, 'base64').toString()).toBe('web');
    expect(await plane.run('get configmap kube-apiserver-legacy-service-account-token-tracking -n kube-system -o jsonpath={.data.since}')).toMatch(/^\d{4}-\d\d-\d\d$/);
    await plane.run('delete serviceaccount robot -n web');
    await eventually('the Secret is gone', async () => ((await plane.kubectl(['get', 'secret', 'robot', '-n', 'web'])).code === 0 ? undefined : true));
    await expect(who(bearer(text))).resolves.toBe(401);
  });

  test('kubectl create token: bound to a Secret, and for a time', async () => {
    await plane.run('create secret generic anchor -n web');
    const token = await plane.run('create token default -n web --bound-object-kind=Secret --bound-object-name=anchor --duration=10m');
    await expect(who(bearer(token))).resolves.toMatchObject({ username: 'system:serviceaccount:web:default', extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] } });
    await plane.run('delete secret anchor -n web');
    await expect(who(bearer(token))).resolves.toBe(401);
    expect(await review(token)).toMatchObject({ error: expect.stringContaining('service account token has been invalidated') });
  });
});

describe('certificates', () => {
  const ask = async (name: string, signerName: string, commonName: string, usages = ['client auth'], organizations: string[] = []): Promise<string> => {
    const key = createSigningKey().privateKey;
    const pem = await newSigningRequest(key, { commonName, organizations, names: [] });
    await plane.run('create -f -', JSON.stringify({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec: { request: Buffer.from(pem).toString('base64'), signerName, usages, expirationSeconds: 3600 } }));
    return key;
  };

  test('one that is approved is signed for its time, and makes its holder known', async () => {
    const key = await ask('ada', 'kubernetes.io/kube-apiserver-client', 'ada', ['client auth'], ['makers']);
    await plane.run('certificate approve ada');
    const encoded = await eventually('it is signed', async () => (await plane.run('get csr ada -o jsonpath={.status.certificate}')) || undefined);
    const certificate = Buffer.from(encoded, 'base64').toString();
    await expect(who({}, { certificate, key })).resolves.toMatchObject({ username: 'ada', groups: ['makers', 'system:authenticated'] });
  });

  test('one that is denied is not; one that breaks its signer\'s rules fails', async () => {
    await ask('no', 'kubernetes.io/kube-apiserver-client', 'no');
    await plane.run('certificate deny no');
    expect((await plane.run('get csr no')).split('\n')[1]).toMatch(/ Denied$/);
    await ask('bad', 'kubernetes.io/kube-apiserver-client', 'bad', ['server auth']);
    await plane.run('certificate approve bad');
    const message = await eventually('it has failed', async () => (await plane.run('get csr bad -o jsonpath={.status.conditions[?(@.type=="Failed")].message}')) || undefined);
    expect(message).toBe('invalid usage for client certificate: server auth');
    expect((await plane.run('get csr bad')).split('\n')[1]).toMatch(/ Approved,Failed$/);
    await expect(ask('root', 'kubernetes.io/kube-apiserver-client', 'root', ['client auth'], ['system:masters'])).rejects.toThrow('use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed');
    await expect(ask('old', 'kubernetes.io/legacy-unknown', 'old')).rejects.toThrow('the legacy signerName is not allowed via this API version');
  });
});

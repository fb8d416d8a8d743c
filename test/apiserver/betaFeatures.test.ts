import https from 'node:https';
import { eventually } from '../rig/processes.ts';
import type { WholeServer } from '../rig/wholeServer.ts';
import { startWholeServer } from '../rig/wholeServer.ts';

/** Smaller features that are beta and on by default in Kubernetes 1.36, on one whole server. */
let api: WholeServer;

beforeAll(async () => {
  api = await startWholeServer({
    flags: { 'secure-port': '6443', 'authorization-mode': '[Node,RBAC]' },
    tokenAuthFile: 'watcher-token,watcher,1,"system:monitoring"\njane-token,jane,2,"dev"',
  });
});
afterAll(() => api?.close());

describe('/statusz and /flagz', () => {
  test('are pages for people, also for who may take anything', async () => {
    const statusz = await api.admin('GET', '/statusz');
    expect(statusz.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(statusz.text).toMatch(/^\napiserver statusz\nWarning: This endpoint is not meant to be machine parseable, .*\n\nStarted: \w{3} \w{3} [ \d]\d [\d:]{8} UTC \d{4}\nUp: 0 hr \d\d min \d\d sec\nGo version: node\S+\nBinary version: 1\.36\.0\nEmulation version: 1\.36\nPaths: \/flagz \/healthz \/livez \/metrics \/readyz \/statusz \/version\n$/);
    const flagz = await api.admin('GET', '/flagz', undefined, { accept: 'application/json;v=foo;g=config.k8s.io;as=Flagz,*/*' });
    expect(flagz.text).toMatch(/^\napiserver flagz\nWarning: .*\nauthorization-mode=\[Node,RBAC\]\nsecure-port=6443\n$/);
  });

  test('are objects for who names them, and nothing else', async () => {
    const accept = (as: string, type = 'application/json'): Record<string, string> => ({ accept: `${type};v=v1beta1;g=config.k8s.io;as=${as}` });
    const { json } = await api.admin('GET', '/statusz', undefined, accept('Statusz'));
    expect(json).toMatchObject({ kind: 'Statusz', apiVersion: 'config.k8s.io/v1beta1', metadata: { name: 'apiserver' }, startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/), uptimeSeconds: expect.any(Number), binaryVersion: '1.36.0', emulationVersion: '1.36' });
    expect(json.paths).toContain('/readyz');
    expect((await api.admin('GET', '/flagz', undefined, accept('Flagz'))).json).toEqual({ kind: 'Flagz', apiVersion: 'config.k8s.io/v1beta1', metadata: { name: 'apiserver' }, flags: { 'secure-port': '6443', 'authorization-mode': '[Node,RBAC]' } });
    const yaml = await api.admin('GET', '/flagz', undefined, accept('Flagz', 'application/yaml'));
    expect(yaml.headers['content-type']).toBe('application/yaml');
    expect(yaml.text).toContain('kind: Flagz\n');
    for (const wrong of ['application/json', 'application/xml', 'application/json;v=v1beta1;g=config.k8s.io']) {
      expect((await api.admin('GET', '/flagz', undefined, { accept: wrong })).json).toMatchObject({ code: 406, reason: 'NotAcceptable', message: 'only the following media types are accepted: application/json, application/yaml, text/plain' });
    }
  });

  test('are listed, and open to who watches over the cluster', async () => {
    expect((await api.admin('GET', '/')).json.paths).toEqual(expect.arrayContaining(['/flagz', '/statusz']));
    for (const path of ['/statusz', '/flagz', '/metrics']) {
      expect((await api.as('watcher-token', 'GET', path)).status).toBe(200);
      expect((await api.as('jane-token', 'GET', path)).status).toBe(403);
    }
  });
});

test('generations that were observed are kept in the status of a definition, and only a changed specification counts one on', async () => {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  const spec = { group: 'beta.example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane' }, versions };
  const created = await api.admin('POST', path, { metadata: { name: 'cranes.beta.example.com' }, spec, status: { observedGeneration: 7 } });
  expect(created.json).toMatchObject({ metadata: { generation: 1 }, status: { storedVersions: ['v1'] } });
  expect(created.json.status).not.toHaveProperty('observedGeneration');
  const one = `${path}/cranes.beta.example.com`;
  const accepted = await eventually('its names are accepted', 60_000, async () => {
    const { json } = await api.admin('GET', one);
    return json.status.conditions?.length === 2 ? json : undefined;
  });
  const conditions = accepted.status.conditions.map((each: object) => ({ ...each, observedGeneration: 1 }));
  const observed = await api.admin('PUT', `${one}/status`, { ...accepted, status: { ...accepted.status, observedGeneration: 1, conditions } });
  expect(observed.json).toMatchObject({ metadata: { generation: 1 }, status: { observedGeneration: 1, conditions: [{ observedGeneration: 1 }, { observedGeneration: 1 }] } });
  const merge = { 'content-type': 'application/merge-patch+json' };
  expect((await api.admin('PATCH', one, { metadata: { labels: { a: 'b' } } }, merge)).json.metadata.generation).toBe(1);
  expect((await api.admin('PATCH', one, { spec: { names: { shortNames: ['cr'] } } }, merge)).json.metadata.generation).toBe(2);
  const again = await eventually('the short name is accepted', 60_000, async () => {
    const { json } = await api.admin('GET', one);
    return json.status.acceptedNames.shortNames ? json : undefined;
  });
  expect(again.status).toMatchObject({ observedGeneration: 1, conditions: [{ observedGeneration: 1 }, { observedGeneration: 1 }] });
});

describe('a WebSocket to a pod', () => {
  const get = (token: string, path: string): Promise<number> => upgradeStatus(api, token, path);
  const paths = ['exec?command=ls&stdout=1', 'attach?stdout=1', 'portforward'].map((path) => `/api/v1/namespaces/default/pods/none/${path}`);

  beforeAll(async () => {
    const rule = (verbs: string[]): object => ({ apiGroups: [''], resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy'], verbs });
    for (const [name, user, verbs] of [['read', 'watcher', ['get']], ['write', 'jane', ['get', 'create']]] as const) {
      await api.admin('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', { metadata: { name }, rules: [rule([...verbs])] });
      await api.admin('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', { metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name }, subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }] });
    }
    await eventually('the bindings count', 60_000, async () => ((await get('jane-token', paths[0]!)) === 404 ? true : undefined));
  });

  test('needs the verb create besides get', async () => {
    for (const path of paths) {
      // Who may, learns that there is no such pod.
      expect([await get('watcher-token', path), await get('jane-token', path)]).toEqual([403, 404]);
    }
    const refused = await api.as('watcher-token', 'GET', paths[0]!);
    expect(refused.json).toMatchObject({ code: 403, reason: 'Forbidden', message: 'pods "none" is forbidden: ', details: { name: 'none', kind: 'pods' } });
    // A proxy is asked for nothing more.
    expect(await get('watcher-token', '/api/v1/namespaces/default/pods/none/proxy/')).toBe(404);
  });
});

test('a token is asked for by the uid of its ServiceAccount, or of what it is bound to', async () => {
  const { json: account } = await eventually('the account is made', 60_000, async () => {
    const answer = await api.admin('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
    return answer.status === 201 ? answer : undefined;
  });
  const { json: secret } = await api.admin('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 'bound' } });
  const ask = (metadata: object, spec: object = {}): ReturnType<WholeServer['admin']> => api.admin('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec });
  const { uid } = account.metadata;
  expect((await ask({ uid })).json.metadata).toMatchObject({ name: 'robot', namespace: 'default', uid });
  expect((await ask({})).json.metadata.uid).toBe(uid);
  expect((await ask({ uid: 'old' })).json).toMatchObject({
    code: 409, reason: 'Conflict', details: { group: 'authentication.k8s.io', kind: 'TokenRequest', name: 'robot' },
    message: `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (old) does not match the UID of the service account (${uid})`,
  });
  expect((await ask({ name: 'other' })).json).toMatchObject({ code: 422, message: 'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified' });
  const bound = (more: object): object => ({ boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'bound', ...more } });
  expect((await ask({}, bound({ uid: secret.metadata.uid }))).status).toBe(201);
  expect((await ask({}, bound({ uid: '' }))).status).toBe(201);
  expect((await ask({}, bound({ uid: 'old' }))).json).toMatchObject({ code: 409, message: 'Operation cannot be fulfilled on Secret "bound": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated' });
  expect((await ask({}, bound({ kind: 'ConfigMap' }))).json).toMatchObject({ code: 400, message: 'cannot bind token to object of type /v1, Kind=ConfigMap' });
});

test('names of Services may begin with a digit, and Ingresses name them', async () => {
  const create = (path: string, name: string, spec: object): ReturnType<WholeServer['admin']> => api.admin('POST', path, { metadata: { name }, spec });
  const ports = [{ port: 80 }];
  expect((await create('/api/v1/namespaces/default/services', '1-web', { ports })).status).toBe(201);
  expect((await create('/api/v1/namespaces/default/services', '1.web', { ports })).json).toMatchObject({ code: 422, message: 'Service "1.web" is invalid: metadata.name: Invalid value: "1.web": must not contain dots' });
  const backend = (name: string): object => ({ defaultBackend: { service: { name, port: { number: 80 } } } });
  expect((await create('/apis/networking.k8s.io/v1/namespaces/default/ingresses', 'web', backend('1-web'))).status).toBe(201);
  expect((await create('/apis/networking.k8s.io/v1/namespaces/default/ingresses', 'wrong', backend('-web'))).status).toBe(422);
});

test('/livez lists what is done after the start, each check may be left out or asked by itself', async () => {
  const names = async (path: string): Promise<string[]> => [...(await api.admin('GET', `${path}?verbose`)).text.matchAll(/^\[\+\](\S+) ok$/gm)].map(([, name]) => name!);
  const live = await names('/livez');
  expect(live.slice(0, 3)).toEqual(['ping', 'log', 'poststarthook/start-apiserver-admission-initializer']);
  const ready = await names('/readyz');
  expect(ready.filter((name) => !live.includes(name))).toEqual(['etcd', 'etcd-readiness', 'informer-sync', 'shutdown']);
  expect((await names('/healthz')).filter((name) => !live.includes(name))).toEqual(['etcd']);
  const excluded = await api.admin('GET', `/livez?verbose&${live.map((name) => `exclude=${encodeURIComponent(name)}`).join('&')}`);
  expect(excluded.text).toBe(`${live.map((name) => `[+]${name} excluded: ok\n`).join('')}livez check passed\n`);
  for (const name of live) expect((await api.admin('GET', `/livez/${name}`)).text).toBe('ok');
});

/** The status with which a server answers who asks for a WebSocket and does not get it. */
function upgradeStatus({ port, stranger }: WholeServer, token: string, path: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==', 'sec-websocket-protocol': 'v5.channel.k8s.io' };
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port, path, headers, agent: new https.Agent({ ...stranger.options, keepAlive: false }) }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error(`${path} was upgraded`));
    });
    request.on('error', reject);
    request.end();
  });
}

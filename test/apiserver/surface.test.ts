import type { TestApi } from '../rig/apiserver.ts';
import { send, startHandlers } from '../rig/apiserver.ts';
import https from 'node:https';
import { eventually } from '../rig/processes.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers({}, { requestTimeoutMilliseconds: 5_000, readyCheckMilliseconds: 2_000 });
});
afterAll(() => api.close());

test('discovery names what is served', async () => {
  expect((await api.request('GET', '/api')).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  const groups = (await api.request('GET', '/apis')).json;
  const autoscaling = groups.groups.find(({ name }: { name: string }) => name === 'autoscaling');
  expect(autoscaling).toMatchObject({ preferredVersion: { groupVersion: 'autoscaling/v2' }, versions: [{ version: 'v2' }, { version: 'v1' }] });
  const core = (await api.request('GET', '/api/v1')).json;
  const resource = (name: string) => core.resources.find((each: { name: string }) => each.name === name);
  expect(resource('pods')).toMatchObject({ kind: 'Pod', singularName: 'pod', namespaced: true, shortNames: ['po'], verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'], storageVersionHash: 'xPOwRZ+Yhw8=' });
  expect(resource('pods/eviction')).toMatchObject({ kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] });
  expect((await api.request('GET', '/apis/apps')).json).toMatchObject({ kind: 'APIGroup', name: 'apps' });
  expect((await api.request('GET', '/apis/apps/v1')).json).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
  expect((await api.request('GET', '/')).json.paths).toEqual(expect.arrayContaining(['/api/v1', '/apis/apps/v1', '/healthz', '/metrics', '/version']));
  expect((await api.request('GET', '/version')).json).toMatchObject({ major: '1', minor: '36', gitVersion: expect.stringMatching(/^v1\.36\.0\+gantry/) });
});

test('aggregated discovery, when asked for', async () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
  const { headers, json } = await api.request('GET', '/apis', undefined, { accept });
  expect(headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  const apps = json.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'apps');
  const deployments = apps.versions[0].resources.find(({ resource }: { resource: string }) => resource === 'deployments');
  expect(deployments).toMatchObject({ scope: 'Namespaced', responseKind: { kind: 'Deployment' }, subresources: [{ subresource: 'scale', responseKind: { group: 'autoscaling' } }, { subresource: 'status' }] });
});

test('aggregated discovery in protobuf', async () => {
  const { headers, text } = await api.request('GET', '/api', undefined, { accept: 'application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' });
  expect(headers['content-type']).toBe('application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  expect(text.startsWith('k8s\0')).toBe(true);
  expect(text).toContain('ephemeralcontainers');
});

test.each(['/apis/none/v1/things', '/apis/none', '/nowhere', '/livez/none'])('GET %s is a 404 of nobody', async (path) => {
  const { status, headers, text } = await api.request('GET', path);
  expect([status, headers['content-type'], text]).toEqual([404, 'text/plain; charset=utf-8', '404 page not found\n']);
});

test('below a group that is built in, the router answers', async () => {
  expect((await api.request('GET', '/apis/apps/v9')).json).toMatchObject({ kind: 'Status', code: 404, message: 'the server could not find the requested resource' });
});

test('a refusal has the form that was asked for, and people read it indented', async () => {
  const refused = async (headers: Record<string, string>): Promise<unknown[]> => {
    const answer = await api.request('GET', '/api/v1/namespaces/none', undefined, headers);
    return [answer.status, answer.headers['content-type'], answer.text.slice(0, 12)];
  };
  expect(await refused({ 'user-agent': 'curl/8.5.0' })).toEqual([404, 'application/json', '{\n  "kind": ']);
  expect(await refused({ accept: 'application/yaml' })).toEqual([404, 'application/yaml', 'apiVersion: ']);
  expect(await refused({ accept: 'application/vnd.kubernetes.protobuf' })).toEqual([404, 'application/vnd.kubernetes.protobuf', expect.stringMatching(/^k8s\0/)]);
  expect(await refused({ accept: 'text/html' })).toEqual([406, 'application/json', '{\n  "kind": ']);
});

test.each([
  ['GET', '/api/v1/nothings', 404],
  ['GET', '/api/v9/things', 404],
  ['POST', '/version', 405],
  ['DELETE', '/apis/apps/v1', 405],
  ['GET', '/api/v1/namespaces/default/nodes', 404],
  ['GET', '/api/v1/namespaces/default/pods/x/nothing', 404],
  ['POST', '/api/v1/namespaces/default/configmaps/x', 405],
  ['POST', '/api/v1/pods', 405],
  ['DELETE', '/api/v1/namespaces', 405],
])('%s %s is a %d with a Status', async (method, path, code) => {
  const answer = await api.request(method, path, method === 'POST' ? { metadata: { name: 'x' } } : undefined);
  expect(answer.json).toMatchObject({ kind: 'Status', code });
});

test('health, in whole and one by one', async () => {
  expect((await api.request('GET', '/livez')).text).toBe('ok');
  // For this, etcd has two seconds.
  await eventually('/readyz is ok', 60_000, async () => ((await api.request('GET', '/readyz?verbose')).text.includes('[+]etcd ok\n') ? true : undefined));
  await eventually('/readyz/etcd is ok', 60_000, async () => ((await api.request('GET', '/readyz/etcd')).text === 'ok' ? true : undefined));
  expect((await api.request('GET', '/readyz/nothing')).status).toBe(404);
});

test('metrics bear the names of Kubernetes', async () => {
  const { text } = await api.request('GET', '/metrics');
  expect(text).toMatch(/apiserver_request_total\{verb="GET",.*code="200"\} \d/);
  expect(text).toContain('apiserver_request_duration_seconds_bucket');
  expect(text).toContain('apiserver_current_inflight_requests{request_kind="readOnly"}');
});

test('who has no certificate is nobody, and told what he may not do', async () => {
  const agent = new https.Agent({ rejectUnauthorized: false });
  const { json } = await send(agent, api.serving.port, 'GET', '/api/v1/namespaces/default/pods/web');
  expect(json).toMatchObject({ code: 403, reason: 'Forbidden', message: 'pods "web" is forbidden: User "system:anonymous" cannot get resource "pods" in API group "" in the namespace "default"' });
  agent.destroy();
});

test('etcd away: stale reads go on, consistent reads and writes are 503, readyz fails and livez does not; then all is well again', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  await api.request('POST', path, { metadata: { name: 'before' } });
  // Also in memory, of which stale reads are answered.
  await eventually('it can be read', 60_000, async () => ((await api.request('GET', `${path}/before`)).status === 200 ? true : undefined));
  await api.etcd.member.pause();
  try {
    const [stale, read, write, live, ready] = await Promise.all([
      api.request('GET', `${path}/before?resourceVersion=0`),
      api.request('GET', `${path}/before`),
      api.request('POST', path, { metadata: { name: 'during' } }),
      api.request('GET', '/livez'),
      api.request('GET', '/readyz'),
    ]);
    expect([stale.status, read.status, write.status, live.status, ready.status]).toEqual([200, 503, 503, 200, 500]);
    expect(read.headers['retry-after']).toBe('1');
    expect(ready.text).toContain('[-]etcd failed: reason withheld');
  } finally {
    api.etcd.member.resume();
  }
  await eventually('a consistent read is answered', 60_000, async () => ((await api.request('GET', `${path}/before`)).status === 200 ? true : undefined));
});

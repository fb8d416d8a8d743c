import type { Answer } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';
import { startWholeServer, type WholeServer } from '../rig/wholeServer.ts';

const CORE = '/api/v1/namespaces/default';
let servers: readonly WholeServer[];

// Two API servers on one etcd, and no controllers: the quotas are counted by hand.
beforeAll(async () => {
  const first = await startWholeServer({ hostname: 'a' });
  servers = [first, await startWholeServer({ hostname: 'b', etcd: { endpoints: first.etcdEndpoints } })];
  await request('POST', `${CORE}/serviceaccounts`, { metadata: { name: 'default' } });
});

// The first one's etcd ends with it.
afterAll(async () => {
  for (const server of servers.toReversed()) await server.close();
});

const request = (method: string, path: string, body?: unknown, server = 0, headers: Record<string, string> = {}): Promise<Answer> => servers[server]!.admin(method, path, body, headers);

/** Makes a quota and says what is used of it, as its controller would; waits until both servers know. */
async function makeQuota(name: string, hard: Record<string, string>, spec: object = {}, used: Record<string, string> = Object.fromEntries(Object.keys(hard).map((each) => [each, '0']))): Promise<void> {
  await request('POST', `${CORE}/resourcequotas`, { metadata: { name }, spec: { hard, ...spec } });
  const path = `${CORE}/resourcequotas/${name}/status`;
  const { json } = await request('GET', `${CORE}/resourcequotas/${name}`);
  expect((await request('PUT', path, { ...json, status: { hard, used } })).status).toBe(200);
  for (const server of [0, 1]) await eventually('the server knows the quota', 30_000, async () => ((await request('GET', `${CORE}/resourcequotas/${name}`, undefined, server)).json.status.hard ? true : undefined));
}

const used = async (name: string): Promise<Record<string, string>> => (await request('GET', `${CORE}/resourcequotas/${name}`)).json.status.used;
const removeQuota = (name: string): Promise<Answer> => request('DELETE', `${CORE}/resourcequotas/${name}`);
const pod = (name: string, spec: object = {}): object => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'app' }], ...spec } });

test('a quota that nobody has counted yet limits nothing', async () => {
  await request('POST', `${CORE}/resourcequotas`, { metadata: { name: 'new' }, spec: { hard: { secrets: '0' } } });
  expect((await request('POST', `${CORE}/secrets`, { metadata: { name: 'early' } })).status).toBe(201);
  await removeQuota('new');
  await makeQuota('half', { secrets: '5', 'count/secrets': '5' }, {}, { secrets: '1' });
  expect((await request('POST', `${CORE}/secrets`, { metadata: { name: 'late' } })).json).toMatchObject({ code: 403, message: 'secrets "late" is forbidden: status unknown for quota: half, resources: count/secrets,secrets' });
  await removeQuota('half');
});

test('a burst at two servers takes exactly what there is', async () => {
  await makeQuota('few', { configmaps: '20', 'count/configmaps': '25' });
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => request('POST', `${CORE}/configmaps`, { metadata: { name: `c${index}` } }, index % 2)));
  const codes = answers.map(({ status }) => status);
  expect(codes.filter((code) => code === 201)).toHaveLength(20);
  expect(codes.filter((code) => code === 403)).toHaveLength(40);
  expect(answers.find(({ status }) => status === 403)?.json.message).toMatch(/^configmaps "c\d+" is forbidden: exceeded quota: few, requested: configmaps=1, used: configmaps=20, limited: configmaps=20$/);
  expect(await used('few')).toEqual({ configmaps: '20', 'count/configmaps': '20' });
  await removeQuota('few');
});

test('what is not stored in the end, and what is only tried, is not charged', async () => {
  await makeQuota('some', { secrets: '2' });
  expect((await request('POST', `${CORE}/secrets`, { metadata: { name: 'early' } })).status).toBe(409);
  expect((await request('POST', `${CORE}/secrets?dryRun=All`, { metadata: { name: 'dry' } })).status).toBe(201);
  expect(await used('some')).toEqual({ secrets: '0' });
  await removeQuota('some');
});

test('pods count by what they ask for, with their overhead, in the scopes that they are in', async () => {
  await makeQuota('compute', { pods: '5', 'requests.cpu': '1', 'limits.memory': '1Gi' });
  await makeQuota('effortless', { pods: '1' }, { scopes: ['BestEffort'] });
  const asking = (cpu: string): object => ({ containers: [{ name: 'c', image: 'app', resources: { requests: { cpu }, limits: { memory: '100Mi' } } }] });
  expect((await request('POST', `${CORE}/pods`, pod('silent'))).json.message).toBe('pods "silent" is forbidden: failed quota: compute: must specify limits.memory for: c; requests.cpu for: c');
  expect((await request('POST', `${CORE}/pods`, pod('a', asking('600m')))).status).toBe(201);
  expect((await request('POST', `${CORE}/pods`, pod('b', asking('600m')))).json.message).toBe('pods "b" is forbidden: exceeded quota: compute, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1');
  const resize = (cpu: string): Promise<Answer> =>
    request('PATCH', `${CORE}/pods/a/resize`, JSON.stringify({ spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } }), 0, { 'content-type': 'application/strategic-merge-patch+json' });
  expect((await resize('900m')).status).toBe(200);
  expect((await resize('1100m')).json.message).toBe('pods "a" is forbidden: exceeded quota: compute, requested: requests.cpu=200m, used: requests.cpu=900m, limited: requests.cpu=1');
  expect(await used('compute')).toEqual({ pods: '1', 'requests.cpu': '900m', 'limits.memory': '100Mi' });
  expect(await used('effortless')).toEqual({ pods: '0' });
  await removeQuota('compute');
  await removeQuota('effortless');
});

test('services, claims and kinds of any group count', async () => {
  await makeQuota('mixed', { 'services.nodeports': '1', 'gold.storageclass.storage.k8s.io/requests.storage': '2Gi', 'count/deployments.apps': '0', 'count/widgets.example.com': '1' });
  const service = (type: string): object => ({ metadata: { name: 's' }, spec: { type, ports: [{ port: 80 }] } });
  expect((await request('POST', `${CORE}/services`, service('ClusterIP'))).status).toBe(201);
  const patched = await request('PATCH', `${CORE}/services/s`, '{"spec":{"type":"NodePort"}}', 0, { 'content-type': 'application/merge-patch+json' });
  expect(patched.status).toBe(200);
  expect((await request('POST', `${CORE}/services`, { metadata: { name: 't' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } })).json.message).toContain('exceeded quota: mixed, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1');
  const claim = { metadata: { name: 'c' }, spec: { storageClassName: 'gold', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '3Gi' } } } };
  expect((await request('POST', `${CORE}/persistentvolumeclaims`, claim)).json.message).toBe(
    'persistentvolumeclaims "c" is forbidden: exceeded quota: mixed, requested: gold.storageclass.storage.k8s.io/requests.storage=3Gi, used: gold.storageclass.storage.k8s.io/requests.storage=0, limited: gold.storageclass.storage.k8s.io/requests.storage=2Gi',
  );
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'app' }] } };
  expect((await request('POST', '/apis/apps/v1/namespaces/default/deployments', { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } })).json.message).toBe(
    'deployments.apps "d" is forbidden: exceeded quota: mixed, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
  );
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  await request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { metadata: { name: 'widgets.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names, versions } });
  const widget = (name: string): Promise<Answer> => request('POST', '/apis/example.com/v1/namespaces/default/widgets', { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } });
  await eventually('widgets are served', 30_000, async () => ((await widget('w')).status === 201 ? true : undefined));
  expect((await widget('x')).json.message).toBe('widgets.example.com "x" is forbidden: exceeded quota: mixed, requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1');
});

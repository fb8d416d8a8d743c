import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { type Caller, callerOf, MERGE } from './caller.ts';
import { defined, makeDefinition } from './definitions.ts';

/** What upstream's `test/integration/apiserver` asks for; each test has the name of upstream's. What isn't here is judged by the tests in `test/apiserver`. */
let api: WholeServer;
let caller: Caller;
beforeAll(async () => {
  api = await startWholeServer();
  caller = callerOf(api);
  await caller.ok('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
afterAll(() => api.close());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const REPLICA_SETS = '/apis/apps/v1/namespaces/default/replicasets';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
const template = { metadata: { labels: { name: 'test' } }, spec: { containers: [{ name: 'fake-name', image: 'fakeimage' }] } };

test('TestDedupOwnerReferences', async () => {
  const owner = (uid: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, controller: false });
  const warning = (when: string, uids: string): string => `299 - ".metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}"`;
  const uidsOf = ({ metadata }: { metadata: { ownerReferences: { uid: string }[] } }): string[] => metadata.ownerReferences.map(({ uid }) => uid);
  const name = 'fake-configmap';
  const created = await caller.request('POST', CONFIG_MAPS, { metadata: { name, ownerReferences: [owner('uid1'), owner('uid1'), owner('uid2'), owner('uid2')] } });
  expect([created.status, uidsOf(created.json), created.headers['warning']]).toEqual([201, ['uid1', 'uid2'], warning('', 'uid1, uid2')]);
  const updated = await caller.request('PUT', `${CONFIG_MAPS}/${name}`, { ...created.json, metadata: { ...created.json.metadata, ownerReferences: [owner('uid1'), owner('uid1')] } });
  expect([updated.status, uidsOf(updated.json), updated.headers['warning']]).toEqual([200, ['uid1'], warning('', 'uid1')]);
  const patched = await caller.request('PATCH', `${CONFIG_MAPS}/${name}`, { metadata: { ownerReferences: [owner('uid3'), owner('uid3')] } }, MERGE);
  expect([patched.status, uidsOf(patched.json), patched.headers['warning']]).toEqual([200, ['uid3'], warning(' after mutating admission happens', 'uid3')]);
});

test('Test202StatusCode', async () => {
  const deleted = async (finalizers: string[], options?: object): Promise<number> => {
    const { metadata } = await caller.ok('POST', REPLICA_SETS, { metadata: { generateName: 'apiserver-test', finalizers }, spec: { selector: { matchLabels: { name: 'test' } }, template } });
    return (await caller.request('DELETE', `${REPLICA_SETS}/${metadata.name}`, options)).status;
  };
  const cascade = { kind: 'DeleteOptions', apiVersion: 'v1', orphanDependents: false };
  const held = ['kube.io/dummy-finalizer'];
  expect([await deleted([]), await deleted(held), await deleted([], cascade), await deleted(held, cascade)]).toEqual([200, 200, 200, 202]);
});

test('TestCacheControl', async () => {
  for (const path of ['/', '/healthz', '/openapi/v2', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/api/v1/namespaces', '/apis/apps/v1/deployments']) {
    expect([path, (await caller.request('GET', path)).headers['cache-control']]).toEqual([path, expect.stringContaining('private')]);
  }
});

test.each(['deployments', 'replicasets', 'statefulsets', 'replicationcontrollers', 'a custom resource'])('TestGetScaleSubresourceAsTableForAllBuiltins: %s', async (plural) => {
  const made = plural === 'a custom resource' ? await makeDefinition(caller, { versions: [defined('v1', undefined, { subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } } })] }) : undefined;
  const isOld = plural === 'replicationcontrollers';
  const path = made?.at('v1') ?? `${isOld ? '/api/v1' : '/apis/apps/v1'}/namespaces/default/${plural}`;
  const spec = made ? { replicas: 2 } : { replicas: 2, selector: isOld ? { name: 'test' } : { matchLabels: { name: 'test' } }, template, ...(plural === 'statefulsets' ? { serviceName: 'none' } : {}) };
  await caller.ok('POST', path, { ...(made ? { apiVersion: `${made.group}/v1`, kind: made.kind } : {}), metadata: { name: 'table' }, spec });
  const { kind, columnDefinitions, rows } = await caller.ok('GET', `${path}/table/scale`, undefined, TABLE);
  expect([kind, columnDefinitions.map(({ name }: { name: string }) => name), rows[0].cells.slice(0, 3)]).toEqual(['Table', ['Name', 'Desired', 'Available', 'Age'], ['table', 2, 0]]);
  expect((await caller.ok('GET', `${path}/table/status`, undefined, TABLE)).rows[0].cells[0]).toBe('table');
  await made?.remove();
});

test('TestNameInFieldSelector', async () => {
  for (const namespace of ['ns1', 'ns2']) {
    await caller.ok('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    for (const name of ['foo', 'bar']) await caller.ok('POST', `/api/v1/namespaces/${namespace}/secrets`, { metadata: { name } });
  }
  const found = async (namespace: string, selector: string): Promise<string[]> =>
    (await caller.ok('GET', `/api/v1/${namespace && `namespaces/${namespace}/`}secrets?fieldSelector=${encodeURIComponent(selector)}`)).items.map(({ metadata }: { metadata: { namespace: string; name: string } }) => `${metadata.namespace}/${metadata.name}`);
  expect(await found('', 'metadata.name=foo')).toEqual(['ns1/foo', 'ns2/foo']);
  expect(await found('ns1', 'metadata.name=foo')).toEqual(['ns1/foo']);
  expect(await found('', 'metadata.namespace=ns1')).toEqual(expect.arrayContaining(['ns1/foo', 'ns1/bar']));
  expect(await found('', 'metadata.name=foo,metadata.namespace=ns1')).toEqual(['ns1/foo']);
  expect(await found('ns2', 'metadata.name=foo,metadata.namespace=ns1')).toEqual([]);
  expect(await found('', 'metadata.name=foo,metadata.name=bar')).toEqual([]);
});

test('TestOpenAPIV3ProtoRoundtrip', async () => {
  const { headers, text, status } = await caller.request('GET', '/openapi/v3/apis/apps/v1', undefined, { accept: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf' });
  expect([status, headers['content-type'], text.includes('/apis/apps/v1/namespaces/{namespace}/deployments')]).toEqual([200, 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf', true]);
});

test('TestListResourceVersion0', async () => {
  for (let index = 0; index < 10; index += 1) await caller.ok('POST', REPLICA_SETS, { metadata: { name: `rv0-${index}`, labels: { rv0: 'yes' } }, spec: { replicas: 0, selector: { matchLabels: { name: 'test' } }, template } });
  // Kubernetes gives all at once then; a pager takes either.
  const names: string[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const { items, metadata } = await caller.ok('GET', `${REPLICA_SETS}?limit=3&labelSelector=rv0%3Dyes${next === '' ? '&resourceVersion=0' : `&continue=${encodeURIComponent(next)}`}`);
    names.push(...items.map((item: { metadata: { name: string } }) => item.metadata.name));
    next = metadata.continue;
  }
  expect(names).toEqual(Array.from({ length: 10 }, (_, index) => `rv0-${index}`));
});

import { createHash } from 'node:crypto';
import https from 'node:https';
import { gunzipSync } from 'node:zlib';
import { configMap } from '../../api/kinds/core/configMap.ts';
import { openEnvelope } from '../../apiserver/codec/protobuf/envelope.ts';
import { objectKey } from '../../apiserver/storage/types.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
});
afterAll(() => api.close());

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
const METADATA = 'as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const METADATA_LIST = 'as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
const STREAMING = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

let namespaces = 0;
/** A namespace of the test's own; no admission asks whether it exists. */
const fresh = (): string => `/api/v1/namespaces/f${(namespaces += 1)}/configmaps`;
const make = async (path: string, name: string, more: object = {}) => (await api.request('POST', path, { metadata: { name }, ...more })).json;
const get = (path: string, headers: Record<string, string> = {}) => api.request('GET', path, undefined, headers);

/** The bytes of an answer as they came. */
function bytesOf(path: string, headers: Record<string, string>, enough: (bytes: Buffer) => boolean = () => false): Promise<{ readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const request = https.get({ agent: api.agent, host: '127.0.0.1', port: api.serving.port, path, headers }, (response) => {
      let body: Buffer = Buffer.alloc(0);
      const done = (): void => resolve({ headers: response.headers, body });
      response.on('data', (piece: Buffer) => {
        body = Buffer.concat([body, piece]);
        if (!enough(body)) return;
        done();
        request.destroy();
      });
      response.on('end', done);
      response.on('error', done);
    });
    request.on('error', reject);
  });
}

/** Whether the line that ends a streaming list's state is there, as a whole. */
const hasEnd = (body: Buffer): boolean => /BOOKMARK.*\n$/.test(body.toString());

/** The frames of a watch in protobuf: each has its length in four bytes before it. */
function frames(body: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= body.length; ) {
    const length = body.readUInt32BE(at);
    if (at + 4 + length > body.length) break;
    found.push(body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

describe('metadata alone', () => {
  test('of one object and of lists, in JSON and in protobuf', async () => {
    const path = fresh();
    await make(path, 'a', { data: { secret: 'x'.repeat(100) } });
    const one = await get(`${path}/a`, { accept: `application/json;${METADATA}` });
    expect([one.json.kind, one.json.apiVersion, one.json.metadata.name, one.json.data]).toEqual(['PartialObjectMetadata', 'meta.k8s.io/v1', 'a', undefined]);
    const list = await bytesOf(path, { accept: `application/vnd.kubernetes.protobuf;${METADATA_LIST}` });
    expect(list.headers['content-type']).toBe('application/vnd.kubernetes.protobuf');
    const envelope = openEnvelope(list.body);
    expect([envelope.apiVersion, envelope.kind]).toEqual(['meta.k8s.io/v1', 'PartialObjectMetadataList']);
    expect(envelope.raw.includes('xxx')).toBe(false);
    // Its list's metadata is field 1, an item field 2, with the item's metadata as field 1.
    expect([envelope.raw[0], envelope.raw[2 + envelope.raw[1]!]]).toEqual([0x0a, 0x12]);
    expect(envelope.raw.includes(one.json.metadata.uid)).toBe(true);
  });

  test('is not taken for what it is not', async () => {
    const path = fresh();
    await make(path, 'a');
    expect((await get(path, { accept: `application/json;${METADATA}` })).json).toMatchObject({ code: 406, reason: 'NotAcceptable', message: 'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)' });
    expect((await get(`${path}/a`, { accept: `application/json;${METADATA_LIST}` })).json.message).toBe('you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)');
  });

  test('of custom resources in protobuf, which they do not have themselves', async () => {
    const names = { plural: 'gears', singular: 'gear', kind: 'Gear' };
    await api.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { metadata: { name: 'gears.forms.example.com' }, spec: { group: 'forms.example.com', scope: 'Cluster', names, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } });
    const path = '/apis/forms.example.com/v1/gears';
    await eventually('gears are served', 60_000, async () => ((await get(path)).status === 200 ? true : undefined));
    await api.request('POST', path, { apiVersion: 'forms.example.com/v1', kind: 'Gear', metadata: { name: 'g' } });
    const list = await bytesOf(path, { accept: `application/vnd.kubernetes.protobuf;${METADATA_LIST},application/json;${METADATA_LIST},application/json` });
    expect(openEnvelope(list.body).kind).toBe('PartialObjectMetadataList');
    expect((await bytesOf(path, { accept: 'application/vnd.kubernetes.protobuf,application/json' })).headers['content-type']).toBe('application/json');
    expect((await get(path, { accept: `application/json;${METADATA}` })).json.message).toBe('you requested PartialObjectMetadata, but the requested object is a list (*unstructured.UnstructuredList)');
  });

  test('on a streaming list, whose end is told in the same form', async () => {
    const path = fresh();
    await make(path, 'a');
    const lines = (await bytesOf(`${path}?${STREAMING}`, { accept: `application/json;${METADATA}` }, hasEnd)).body.toString().trim().split('\n').map((line) => JSON.parse(line));
    expect(lines.map(({ type, object }) => [type, object.kind, object.metadata.annotations])).toEqual([['ADDED', 'PartialObjectMetadata', undefined], ['BOOKMARK', 'PartialObjectMetadata', { 'k8s.io/initial-events-end': 'true' }]]);
    const { body, headers } = await bytesOf(`${path}?${STREAMING}`, { accept: `application/vnd.kubernetes.protobuf;${METADATA}` }, (bytes) => frames(bytes).length === 2);
    expect(headers['content-type']).toBe('application/vnd.kubernetes.protobuf;stream=watch');
    const [added, mark] = frames(body);
    expect([added!.includes('ADDED'), added!.includes('PartialObjectMetadata'), mark!.includes('BOOKMARK'), mark!.includes('k8s.io/initial-events-end')]).toEqual([true, true, true, true]);
  });
});

describe('tables', () => {
  test('say how much of an object a row is to carry', async () => {
    const path = fresh();
    await make(path, 'a', { data: { b: 'c' } });
    const rowWith = async (query: string) => (await get(`${path}${query}`, TABLE)).json.rows[0];
    expect((await rowWith('')).object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect((await rowWith('?includeObject=Object')).object).toMatchObject({ kind: 'ConfigMap', data: { b: 'c' } });
    expect(await rowWith('?includeObject=None')).toEqual({ cells: ['a', 1, expect.any(String)], object: null });
    expect((await get(`${path}?includeObject=Some`, TABLE)).json).toMatchObject({ code: 400, message: `Unable to convert to Table as requested: includeObject: Invalid value: "Some": must be 'Metadata', 'Object', 'None', or empty` });
  });
  test('name their columns once in a watch, and mark its end', async () => {
    const path = fresh();
    await make(path, 'a');
    await make(path, 'b');
    const lines = (await bytesOf(`${path}?${STREAMING}`, TABLE, hasEnd)).body.toString().trim().split('\n').map((line) => JSON.parse(line));
    expect(lines.map(({ type, object }) => [type, object.kind, object.columnDefinitions === null])).toEqual([['ADDED', 'Table', false], ['ADDED', 'Table', true], ['BOOKMARK', 'Table', true]]);
    expect(lines[2].object.rows[0].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect((await get(path, { accept: 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io' })).status).toBe(406);
  });
});

describe('watches', () => {
  test('of the old paths, and of one object', async () => {
    const path = fresh();
    await make(path, 'a');
    await make(path, 'b');
    for (const old of [`${path.replace('/api/v1/', '/api/v1/watch/')}/b`, `${path}?watch=1&fieldSelector=metadata.name%3Db`]) {
      const { body } = await bytesOf(old, {}, (bytes) => bytes.includes('\n'));
      expect(JSON.parse(body.toString())).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    }
  });
  test.each([
    ['sendInitialEvents=true', 'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    ['sendInitialEvents=true&resourceVersionMatch=Exact', '[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]'],
    ['resourceVersionMatch=NotOlderThan', 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'],
  ])('%s', async (query, message) => {
    expect((await get(`${fresh()}?watch=true&${query}`)).text).toContain(JSON.stringify(`ListOptions.meta.k8s.io "" is invalid: ${message}`).slice(1, -1));
  });
  test('a streaming list without bookmarks has no end that is told', async () => {
    const path = fresh();
    await make(path, 'a');
    const { body } = await bytesOf(`${path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1`, {});
    expect(body.toString().trim().split('\n').map((line) => JSON.parse(line).type)).toEqual(['ADDED']);
  });
});

test.each([
  ['/api/v1/pods', 'spec.x', 'field label not supported: spec.x'],
  ['/apis/apps/v1/deployments', 'spec.x', '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ['/apis/apps/v1/statefulsets', 'spec.x', 'field label not supported for appsv1.StatefulSet: spec.x'],
  ['/apis/batch/v1/jobs', 'spec.x', 'field label "spec.x" not supported for Job'],
])('%s cannot be selected by %s', async (path, field, message) => expect((await get(`${path}?fieldSelector=${field}%3Dy`)).json).toMatchObject({ code: 400, message }));

test('every kind can be selected by name, and by namespace', async () => {
  for (const { definition, verbs } of api.serving.registry.all) {
    if (!verbs.has('list')) continue;
    const path = `${definition.group === '' ? '/api' : `/apis/${definition.group}`}/${definition.version}/${definition.plural}`;
    // Those that are of the cluster and have fields of their own, or are custom, know no namespace.
    const byNamespace = definition.namespaced || !(definition.selectableFields || definition.custom) ? ',metadata.namespace%21%3Dx' : '';
    expect([path, (await get(`${path}?fieldSelector=metadata.name%3Dnone${byNamespace}&labelSelector=a%21%3Db`)).status]).toEqual([path, 200]);
  }
});

test('a page whose state is compacted goes on with what there is, if the client wants that', async () => {
  const path = fresh();
  for (const name of ['a', 'b', 'c']) await make(path, name);
  const first = (await get(`${path}?limit=1`)).json;
  await make(path, 'd');
  await api.request('DELETE', `${path}/b`);
  const revision = await api.serving.engine.storage.currentRevision();
  expect((await fetch(`${api.etcd.endpoints[0]}/v3/kv/compaction`, { method: 'POST', body: JSON.stringify({ revision }) })).status).toBe(200);
  const gone = (await get(`${path}?limit=1&continue=${first.metadata.continue}`)).json;
  expect(gone).toMatchObject({ code: 410, reason: 'Expired', message: expect.stringMatching(/^The provided continue parameter is too old to display a consistent list result\. You can start a new list without the continue parameter, or use the continue token/) });
  const rest = (await get(`${path}?continue=${gone.metadata.continue}`)).json;
  expect(rest.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['c', 'd']);
  expect((await get(`${path}?resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`)).json).toMatchObject({ code: 410, reason: 'Expired', message: 'The resourceVersion for the provided list is too old.' });
});

describe('of thousands', () => {
  const COUNT = 10_000;
  const TOGETHER = 100;
  const path = '/api/v1/namespaces/many/configmaps';
  const resource = { group: configMap.group, resource: configMap.plural };

  beforeAll(async () => {
    const { storage, cache } = api.serving.engine;
    for (let from = 0; from < COUNT; from += TOGETHER) {
      const objects = Array.from({ length: TOGETHER }, (_, index) => `m-${String(from + index).padStart(5, '0')}`);
      await storage.transact([], objects.map((name) => ({
        kind: 'put', key: objectKey(resource, 'many', name),
        object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'many', uid: createHash('md5').update(name).digest('hex'), creationTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '', labels: { half: from < COUNT / 2 ? 'first' : 'second' } } },
      })));
    }
    await cache.consistent();
  });

  test('a list is compressed for who takes that', async () => {
    const { headers, body } = await bytesOf(path, { 'accept-encoding': 'gzip' });
    expect([headers['content-encoding'], headers['vary']]).toEqual(['gzip', 'Accept-Encoding']);
    const plain = await bytesOf(path, {});
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(gunzipSync(body).equals(plain.body)).toBe(true);
    expect(body.length).toBeLessThan(plain.body.length / 5);
    expect((await bytesOf(`${path}?limit=10`, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
  });

  test('a collection is deleted by pages, by selection and as a whole, and keeps nobody waiting', async () => {
    const page = (await api.request('DELETE', `${path}?limit=100`)).json;
    expect([page.items.length, page.metadata.remainingItemCount]).toEqual([100, COUNT - 100]);
    const half = (await api.request('DELETE', `${path}?labelSelector=half%3Dfirst`)).json;
    expect(half.items).toHaveLength(COUNT / 2 - 100);
    const whole = api.request('DELETE', path);
    let asked = 0;
    for (let done = false; !done; ) {
      expect((await get(fresh())).status).toBe(200);
      asked += 1;
      done = await Promise.race([whole.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), 20))]);
    }
    expect((await whole).json.items).toHaveLength(COUNT / 2);
    expect(asked).toBeGreaterThan(5);
    expect((await get(path)).json.items).toEqual([]);
  });
});

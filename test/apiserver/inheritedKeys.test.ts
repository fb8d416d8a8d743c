import { startHandlers, type Answer, type TestApi } from '../rig/apiserver.ts';

/** Keys that every object of JavaScript inherits are keys as any other: all ways of writing keep them, all forms of reading give them. */
const KEYS = Object.getOwnPropertyNames(Object.prototype);
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const filled = (value: string): Record<string, string> => Object.fromEntries(KEYS.map((key) => [key, value]));
const inOrder = (pairs: [string, string][]): [string, string][] => pairs.sort(([a], [b]) => (a < b ? -1 : 1));
/** The keys of data; what jest compares must not be objects with such keys. */
const dataOf = ({ status, text }: Answer): unknown => [status, status < 300 ? inOrder(Object.entries((JSON.parse(text) as { data?: Record<string, string> }).data ?? {})) : text];
const entries = (value: string): [string, string][] => inOrder(Object.entries(filled(value)));

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
});
afterAll(() => api.close());

const send = (method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> => api.request(method, `${CONFIG_MAPS}${path}`, body, body === undefined ? {} : { 'content-type': type });

test('a create and an update of each', async () => {
  for (const [at, key] of KEYS.entries()) {
    const made = await send('POST', '', `{"metadata":{"name":"k${at}"}}`);
    // The one key is all that changes.
    const changed = await send('PUT', `/k${at}`, { ...made.json, data: Object.fromEntries([[key, '']]) });
    expect(dataOf(changed)).toEqual([200, [[key, '']]]);
    expect(changed.json?.metadata.resourceVersion).not.toBe(made.json?.metadata.resourceVersion);
    expect(dataOf(await send('GET', `/k${at}`))).toEqual([200, [[key, '']]]);
  }
});

test.each([
  ['application/merge-patch+json', JSON.stringify({ data: filled('b') })],
  ['application/strategic-merge-patch+json', JSON.stringify({ data: filled('b') })],
  ['application/json-patch+json', JSON.stringify(KEYS.map((key) => ({ op: 'add', path: `/data/${key}`, value: 'b' })))],
])('a patch: %s', async (type, patch) => {
  const name = `/p${type.length}`;
  await send('POST', '', { metadata: { name: name.slice(1) }, data: { a: 'a' } });
  await send('PATCH', name, '{"data":{"a":null,"b":""}}', 'application/merge-patch+json');
  expect(dataOf(await send('PATCH', name, patch, type))).toEqual([200, inOrder([...entries('b'), ['b', '']])]);
  const gone = JSON.stringify({ data: Object.fromEntries(KEYS.map((key) => [key, null])) });
  expect(dataOf(await send('PATCH', name, gone, 'application/merge-patch+json'))).toEqual([200, [['b', '']]]);
});

test('an apply, its owner, and an apply of less', async () => {
  const apply = (data: object): Promise<Answer> => send('PATCH', '/applied?fieldManager=me', JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data }), 'application/apply-patch+yaml');
  const applied = await apply(filled('a'));
  expect(dataOf(applied)).toEqual([201, entries('a')]);
  expect(Object.keys(applied.json?.metadata.managedFields[0].fieldsV1['f:data']).sort()).toEqual(KEYS.map((key) => `f:${key}`).sort());
  expect(dataOf(await apply(filled('b')))).toEqual([200, entries('b')]);
  expect(dataOf(await apply({ a: 'a' }))).toEqual([200, [['a', 'a']]]);
});

test('YAML and protobuf, there and back', async () => {
  await send('POST', '', { metadata: { name: 'forms' }, data: filled('a') });
  for (const form of ['application/yaml', 'application/vnd.kubernetes.protobuf']) {
    const read = await api.request('GET', `${CONFIG_MAPS}/forms`, undefined, { accept: form });
    expect(read.status).toBe(200);
    expect(dataOf(await send('PUT', '/forms', read.bytes, form))).toEqual([200, entries('a')]);
  }
});

test('labels: a selector finds only what has the key', async () => {
  await send('POST', '', { metadata: { name: 'labelled', labels: { constructor: 'x', toString: 'y' } } });
  const named = async (selector: string): Promise<string[]> => ((await send('GET', `?labelSelector=${encodeURIComponent(selector)}`)).json?.items ?? []).map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  expect(await named('constructor')).toEqual(['labelled']);
  expect(await named('toString in (y),valueOf!=z')).toEqual(['labelled']);
  expect(await named('hasOwnProperty')).toEqual([]);
});

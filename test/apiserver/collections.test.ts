import type { TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers({}, { windowEvents: 50 });
});
afterAll(() => api.close());

let namespaces = 0;
/** A namespace of the test's own; no admission asks whether it exists. */
const fresh = (): string => `/api/v1/namespaces/n${(namespaces += 1)}/configmaps`;
const make = async (path: string, name: string, labels: Record<string, string> = {}) => (await api.request('POST', path, { metadata: { name, labels } })).json;
// oxlint-disable-next-line typescript/no-explicit-any
const names = (list: any): string[] => list.items.map((item: { metadata: { name: string } }) => item.metadata.name);
const merge = { 'content-type': 'application/merge-patch+json' };

describe('list', () => {
  test('by label, by field, over all namespaces', async () => {
    const path = fresh();
    await make(path, 'a', { tier: 'x' });
    await make(path, 'b', { tier: 'y' });
    const { json } = await api.request('GET', path);
    expect([json.kind, json.apiVersion, names(json)]).toEqual(['ConfigMapList', 'v1', ['a', 'b']]);
    expect(names((await api.request('GET', `${path}?labelSelector=tier+in+(y,z)`)).json)).toEqual(['b']);
    expect(names((await api.request('GET', `${path}?fieldSelector=metadata.name%3Da`)).json)).toEqual(['a']);
    expect(names((await api.request('GET', '/api/v1/configmaps?labelSelector=tier%3Dx')).json)).toContain('a');
    expect((await api.request('GET', `${path}?fieldSelector=data%3Dx`)).json).toMatchObject({ code: 400, message: `"data" is not a known field selector: only "metadata.name", "metadata.namespace"` });
    expect((await api.request('GET', `${path}?labelSelector=)`)).status).toBe(400);
  });

  test('in pages, which show one state however it changes meanwhile', async () => {
    const path = fresh();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await make(path, name);
    const { json: first } = await api.request('GET', `${path}?limit=2`);
    expect([names(first), first.metadata.remainingItemCount]).toEqual([['a', 'b'], 3]);
    const { json: second } = await api.request('GET', `${path}?limit=2&continue=${first.metadata.continue}`);
    expect(names(second)).toEqual(['c', 'd']);
    await make(path, 'aa');
    await api.request('DELETE', `${path}/e`);
    const { json: third } = await api.request('GET', `${path}?limit=2&continue=${second.metadata.continue}`);
    expect([names(third), third.metadata.resourceVersion, third.metadata.continue]).toEqual([['e'], first.metadata.resourceVersion, undefined]);
    expect((await api.request('GET', `${path}?continue=nonsense`)).status).toBe(400);
  });

  test('at a resourceVersion', async () => {
    const path = fresh();
    const { metadata } = await make(path, 'a');
    await make(path, 'b');
    // From now on memory has both.
    await api.request('GET', path);
    const at = async (query: string) => (await api.request('GET', `${path}?${query}`)).json;
    expect(names(await at(`resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`))).toEqual(['a']);
    expect(names(await at(`resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`))).toEqual(['a', 'b']);
    expect(names(await at('resourceVersion=0'))).toContain('a');
    expect(await at('resourceVersion=99999999')).toMatchObject({ code: 504, message: expect.stringContaining('Too large resource version: 99999999') });
    expect((await at('resourceVersionMatch=Exact')).message).toContain('resourceVersionMatch is forbidden unless resourceVersion is provided');
  });

  test('as a table, as metadata alone', async () => {
    const path = fresh();
    await make(path, 'a');
    const table = await api.request('GET', path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' });
    expect(table.json).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows: [{ cells: expect.arrayContaining(['a']), object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }] });
    expect(table.json.columnDefinitions[0]).toMatchObject({ name: 'Name', type: 'string', format: 'name', priority: 0 });
    const partial = await api.request('GET', path, undefined, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' });
    expect(partial.json).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }] });
    expect((await api.request('GET', path, undefined, { accept: 'text/html' })).status).toBe(406);
  });
});

describe('watch', () => {
  test('from now: the present state, then what happens', async () => {
    const path = fresh();
    await make(path, 'a');
    const watch = api.watch(`${path}?watch=true`);
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'a' } } });
    await make(path, 'b');
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    await api.request('PATCH', `${path}/b`, { data: { x: 'y' } }, merge);
    expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { data: { x: 'y' } } });
    const { json } = await api.request('DELETE', `${path}/b`);
    const deleted = await watch.next();
    expect([deleted.type, json.status]).toEqual(['DELETED', 'Success']);
    watch.stop();
  });

  test('from a resourceVersion: only what came behind it', async () => {
    const path = fresh();
    const a = await make(path, 'a');
    await make(path, 'b');
    const watch = api.watch(`${path}?watch=true&resourceVersion=${a.metadata.resourceVersion}`);
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    watch.stop();
  });

  test('of a selection: what enters is added, what leaves is deleted', async () => {
    const path = fresh();
    const a = await make(path, 'a');
    const watch = api.watch(`${path}?watch=true&labelSelector=on%3Dyes&resourceVersion=${a.metadata.resourceVersion}`);
    const label = async (on: string | null) => (await api.request('PATCH', `${path}/a`, { metadata: { labels: { on } } }, merge)).json.metadata.resourceVersion;
    await label('yes');
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { labels: { on: 'yes' } } } });
    const left = await label(null);
    expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { metadata: { resourceVersion: left, labels: { on: 'yes' } } } });
    watch.stop();
  });

  test('as a streaming list: the state, then a bookmark that ends it', async () => {
    const path = fresh();
    await make(path, 'a');
    const watch = api.watch(`${path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`);
    expect((await watch.next()).type).toBe('ADDED');
    expect(await watch.next()).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } });
    watch.stop();
    expect((await api.request('GET', `${path}?watch=true&sendInitialEvents=true`)).text).toContain('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  });

  test('ends at its timeout, with a bookmark', async () => {
    const watch = api.watch(`${fresh()}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true`);
    expect((await watch.next()).type).toBe('BOOKMARK');
    await watch.ended;
  });

  test('from before what is remembered: 410', async () => {
    const path = fresh();
    const { metadata } = await make(path, 'old');
    for (let index = 0; index < 60; index += 1) await make(path, `newer-${index}`);
    // From now on memory has them all.
    await api.request('GET', path);
    const watch = api.watch(`${path}?watch=true&resourceVersion=${metadata.resourceVersion}`);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    watch.stop();
  });
});

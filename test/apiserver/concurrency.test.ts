import type { Answer, TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';

/** Many clients at once, through one API server: what each was told holds for all. */
let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
});
afterAll(() => api.close());

const MERGE = { 'content-type': 'application/merge-patch+json' };
const CLIENTS = Array.from({ length: 20 }, (_, index) => index);
let namespaces = 0;
const fresh = (): string => `/api/v1/namespaces/c${(namespaces += 1)}/configmaps`;
const version = (object: { metadata: { resourceVersion: string } }): number => Number(object.metadata.resourceVersion);
const statuses = (answers: readonly Answer[]): Record<number, number> => Object.fromEntries(Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, each]) => [status, each?.length ?? 0]));

test('a counter that twenty clients raise by read and put loses nothing', async () => {
  const path = `${fresh()}/counter`;
  await api.request('POST', path.slice(0, -'/counter'.length), { metadata: { name: 'counter' }, data: { n: '0' } });
  let conflicts = 0;
  const raise = async (): Promise<void> => {
    for (let done = 0; done < 5; ) {
      const { json } = await api.request('GET', path);
      const put = await api.request('PUT', path, { ...json, data: { n: String(Number(json.data.n) + 1) } });
      if (put.status === 200) done += 1;
      else conflicts += 1;
      expect([200, 409]).toContain(put.status);
    }
  };
  await Promise.all(CLIENTS.map(raise));
  expect((await api.request('GET', path)).json.data.n).toBe('100');
  expect(conflicts).toBeGreaterThan(0);
});

test('a patch whose test guards what it replaces loses nothing either', async () => {
  const collection = fresh();
  await api.request('POST', collection, { metadata: { name: 'counter' }, data: { n: '0' } });
  const raise = async (): Promise<void> => {
    for (let done = false; !done; ) {
      const { json } = await api.request('GET', `${collection}/counter`);
      const patch = [{ op: 'test', path: '/data/n', value: json.data.n }, { op: 'replace', path: '/data/n', value: String(Number(json.data.n) + 1) }];
      done = (await api.request('PATCH', `${collection}/counter`, patch, { 'content-type': 'application/json-patch+json' })).status === 200;
    }
  };
  await Promise.all(CLIENTS.map(raise));
  expect((await api.request('GET', `${collection}/counter`)).json.data.n).toBe('20');
});

test('of twenty who create one name, one does; the others are told that it exists; its deleters likewise', async () => {
  const collection = fresh();
  for (let round = 0; round < 5; round += 1) {
    expect(statuses(await Promise.all(CLIENTS.map((client) => api.request('POST', collection, { metadata: { name: 'one' }, data: { client: String(client) } }))))).toEqual({ 201: 1, 409: 19 });
    expect(statuses(await Promise.all(CLIENTS.map(() => api.request('DELETE', `${collection}/one`))))).toEqual({ 200: 1, 404: 19 });
  }
});

test('two hundred generated names are two hundred objects', async () => {
  const collection = fresh();
  const made = (await Promise.all(Array.from({ length: 200 }, () => api.request('POST', collection, { metadata: { generateName: 'g-' } })))).map(({ json }) => json.metadata?.name as string);
  expect(new Set(made).size).toBe(200);
  expect((await api.request('GET', collection)).json.items).toHaveLength(200);
});

test('deletes and patches of what finalizers hold: it goes once, with the last of them', async () => {
  const collection = fresh();
  for (let round = 0; round < 5; round += 1) {
    const name = `held-${round}`;
    const finalizers = CLIENTS.map((client) => `example.com/f${client}`);
    const { json } = await api.request('POST', collection, { metadata: { name, finalizers } });
    const watch = api.watch(`${collection}?watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${version(json)}`);
    const release = async (finalizer: string): Promise<Answer> => {
      for (;;) {
        const { status, json: now } = await api.request('GET', `${collection}/${name}`);
        if (status === 404) throw new Error('gone while a finalizer held it');
        const metadata = { resourceVersion: now.metadata.resourceVersion, finalizers: now.metadata.finalizers.filter((each: string) => each !== finalizer) };
        const answer = await api.request('PATCH', `${collection}/${name}`, { metadata }, MERGE);
        if (answer.status !== 409) return answer;
      }
    };
    const deleted = CLIENTS.slice(0, 5).map(() => api.request('DELETE', `${collection}/${name}`));
    const answers = await Promise.all([...deleted, ...finalizers.slice(1).map(release)]);
    expect(statuses(answers)).toEqual({ 200: 24 });
    expect((await api.request('GET', `${collection}/${name}`)).json.metadata).toMatchObject({ deletionTimestamp: expect.any(String), finalizers: [finalizers[0]] });
    expect((await release(finalizers[0]!)).status).toBe(200);
    expect((await api.request('GET', `${collection}/${name}`)).status).toBe(404);
    const seen: string[] = [];
    while (seen.at(-1) !== 'DELETED') seen.push((await watch.next()).type);
    watch.stop();
    expect(new Set(seen.slice(0, -1))).toEqual(new Set(['MODIFIED']));
  }
});

test('a collection is deleted while it grows: what it lists as gone is gone, and what came later is there', async () => {
  const collection = fresh();
  const make = (name: string): Promise<Answer> => api.request('POST', collection, { metadata: { name } });
  await Promise.all(Array.from({ length: 30 }, (_, index) => make(`early-${index}`)));
  const [removed, ...made] = await Promise.all([api.request('DELETE', collection), ...Array.from({ length: 40 }, (_, index) => make(`late-${index}`))]);
  expect(removed?.status).toBe(200);
  const gone = new Set(removed?.json.items.map(({ metadata }: { metadata: { uid: string } }) => metadata.uid));
  const left = (await api.request('GET', collection)).json.items.map(({ metadata }: { metadata: { uid: string } }) => metadata.uid);
  expect(left.filter((uid: string) => gone.has(uid))).toEqual([]);
  expect(gone.size + left.length).toBe(30 + made.length);
});

interface Seen {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
}

/** All events of a watch up to one of a last object. */
async function eventsUntil(path: string, name: string): Promise<Seen[]> {
  const watch = api.watch(path);
  const seen: Seen[] = [];
  do seen.push(await watch.next());
  while (seen.at(-1)?.object.metadata.name !== name);
  watch.stop();
  return seen;
}

test('a watch from any version sees exactly what came behind it, once, in order; a selection sees it come and go', async () => {
  const collection = fresh();
  const { json: first } = await api.request('POST', collection, { metadata: { name: 'first' } });
  const reference = eventsUntil(`${collection}?watch=true&resourceVersion=${version(first)}`, 'last');
  const listed: number[] = [version(first)];
  const write = async (client: number): Promise<void> => {
    const name = `w${client}`;
    let before = 0;
    for (let round = 0; round < 4; round += 1) {
      const answers = [
        await api.request('POST', collection, { metadata: { name, labels: { on: 'no' } } }),
        await api.request('PATCH', `${collection}/${name}`, { metadata: { labels: { on: 'yes' } } }, MERGE),
        await api.request('PATCH', `${collection}/${name}`, { metadata: { labels: { on: round % 2 === 0 ? 'no' : 'yes' } }, data: { round: String(round) } }, MERGE),
      ];
      for (const { json } of answers) {
        expect(version(json)).toBeGreaterThan(before);
        before = version(json);
      }
      const { json: list } = await api.request('GET', `${collection}?limit=7`);
      expect(version(list)).toBeGreaterThanOrEqual(before);
      listed.push(version(list));
      await api.request('DELETE', `${collection}/${name}`);
    }
  };
  await Promise.all(CLIENTS.slice(0, 8).map(write));
  await api.request('POST', collection, { metadata: { name: 'last', labels: { on: 'yes' } } });
  const all = (await reference).map(({ type, object }) => ({ type, name: object.metadata.name, version: version(object) }));
  expect(all.map((each) => each.version)).toEqual(all.map((each) => each.version).toSorted((a, b) => a - b));
  expect(new Set(all.map((each) => each.version)).size).toBe(8 * 4 * 4 + 1);
  for (const from of listed) {
    const seen = await eventsUntil(`${collection}?watch=true&resourceVersion=${from}`, 'last');
    expect(seen.map(({ type, object }) => ({ type, name: object.metadata.name, version: version(object) }))).toEqual(all.filter((each) => each.version > from));
  }
  const selected = await eventsUntil(`${collection}?watch=true&resourceVersion=${version(first)}&labelSelector=on%3Dyes`, 'last');
  for (const client of CLIENTS.slice(0, 8)) {
    const types = selected.filter(({ object }) => object.metadata.name === `w${client}`).map(({ type }) => type);
    expect(types).toEqual(['ADDED', 'DELETED', 'ADDED', 'MODIFIED', 'DELETED', 'ADDED', 'DELETED', 'ADDED', 'MODIFIED', 'DELETED']);
  }
});

test('a list by pages of seven is one state, however much is written meanwhile', async () => {
  const collection = fresh();
  await Promise.all(Array.from({ length: 40 }, (_, index) => api.request('POST', collection, { metadata: { name: `o${String(index).padStart(2, '0')}` }, data: { n: '0' } })));
  const over = new AbortController();
  const write = async (client: number): Promise<void> => {
    for (let round = 0; !over.signal.aborted; round += 1) {
      await api.request('PATCH', `${collection}/o${String((client * 7 + round) % 40).padStart(2, '0')}`, { data: { n: String(round) } }, MERGE);
      await api.request(round % 2 === 0 ? 'POST' : 'DELETE', round % 2 === 0 ? collection : `${collection}/x${client}`, round % 2 === 0 ? { metadata: { name: `x${client}` } } : undefined);
    }
  };
  const writers = CLIENTS.slice(0, 4).map(write);
  try {
    for (let round = 0; round < 6; round += 1) {
      const items: object[] = [];
      let listVersion: number | undefined;
      for (let token = ''; ; ) {
        const { status, json } = await api.request('GET', `${collection}?limit=7${token === '' ? '' : `&continue=${token}`}`);
        expect(status).toBe(200);
        listVersion ??= version(json);
        expect(version(json)).toBe(listVersion);
        items.push(...json.items);
        token = json.metadata.continue ?? '';
        if (token === '') break;
      }
      const exact = await api.request('GET', `${collection}?resourceVersion=${listVersion}&resourceVersionMatch=Exact`);
      expect(items).toEqual(exact.json.items);
    }
  } finally {
    over.abort();
    await Promise.all(writers);
  }
});

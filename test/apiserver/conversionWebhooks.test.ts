import type { WatchReader } from '../rig/apiserver.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';
import { startWebhookServer, type Review, type WebhookServer } from '../rig/webhookServer.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const at = (version: string, rest = ''): string => `/apis/example.com/${version}/namespaces/default/cranes${rest}`;
const LABEL = { 'content-type': 'application/merge-patch+json' };

let api: TestApi;
let hooks: WebhookServer;

/** In `v1` a crane has a `size`; in `v2` it has `load.tons`. */
function convert({ request }: Review): object {
  const convertedObjects = request.objects.map((object: Review) => {
    const { size, load, ...spec } = object.spec ?? {};
    const tons = load?.tons ?? size;
    return { ...object, apiVersion: request.desiredAPIVersion, spec: request.desiredAPIVersion.endsWith('/v2') ? { ...spec, load: { tons } } : { ...spec, size: tons } };
  });
  return answered(request.uid, { convertedObjects });
}

const answered = (uid: string, more: object): object => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: { uid, result: { status: 'Success' }, ...more } });

function definition(storage: 'v1' | 'v2'): object {
  const version = (name: string, properties: object): object => ({
    name,
    served: true,
    storage: name === storage,
    subresources: { status: {} },
    selectableFields: [{ jsonPath: name === 'v1' ? '.spec.size' : '.spec.load.tons' }],
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { ...properties, colour: { type: 'string' } } }, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } },
  });
  const conversion = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: hooks.url('/convert'), caBundle: hooks.caBundle } } };
  const versions = [version('v1', { size: { type: 'integer' } }), version('v2', { load: { type: 'object', properties: { tons: { type: 'integer' } } } })];
  return { metadata: { name: 'cranes.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', singular: 'crane', kind: 'Crane' }, versions, conversion } };
}

async function served(version: string): Promise<void> {
  await eventually('the cranes are served', 60_000, async () => ((await api.request('GET', at(version))).status === 200 ? true : undefined));
}

const crane = (name: string, spec: object): object => ({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name }, spec });
const questions = (): number => hooks.seen('/convert').length;

beforeAll(async () => {
  hooks = await startWebhookServer();
  hooks.on('/convert', convert);
  api = await startHandlers();
  await api.request('POST', DEFINITIONS, definition('v1'));
  await served('v2');
});

afterAll(async () => {
  await api.close();
  await hooks.close();
});

beforeEach(() => hooks.on('/convert', convert));

it('serves objects in every version, and asks nobody about those that are stored in it', async () => {
  expect((await api.request('POST', at('v1'), crane('a', { size: 5, colour: 'red' }))).status).toBe(201);
  expect(questions()).toBe(0);
  expect((await api.request('GET', at('v2', '/a'))).json).toMatchObject({ apiVersion: 'example.com/v2', spec: { load: { tons: 5 }, colour: 'red' } });
  expect(hooks.seen('/convert')[0]).toMatchObject({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request: { uid: expect.any(String), desiredAPIVersion: 'example.com/v2', objects: [{ apiVersion: 'example.com/v1', metadata: { name: 'a' }, spec: { size: 5 } }] } });
  expect(hooks.lastQuery()).toBe('timeout=30s');
  // Once for each version of an object, however often it is read.
  const before = questions();
  await Promise.all(Array.from({ length: 20 }, () => api.request('GET', at('v2', '/a'))));
  expect(questions()).toBe(before);
});

it('takes writes in every version', async () => {
  const made = await api.request('POST', at('v2'), { ...crane('b', { load: { tons: 7 } }), apiVersion: 'example.com/v2' });
  expect([made.status, made.json.message, made.json.spec]).toEqual([201, undefined, { load: { tons: 7 } }]);
  expect((await api.request('GET', at('v1', '/b'))).json.spec).toEqual({ size: 7 });
  expect((await api.request('PATCH', at('v2', '/b'), { spec: { load: { tons: 8 } } }, LABEL)).json.spec).toEqual({ load: { tons: 8 } });
  expect((await api.request('GET', at('v1', '/b'))).json.spec).toEqual({ size: 8 });
  expect((await api.request('PATCH', at('v2', '/b/status'), { status: { ok: true } }, LABEL)).json).toMatchObject({ apiVersion: 'example.com/v2', spec: { load: { tons: 8 } }, status: { ok: true } });
  expect((await api.request('POST', `${at('v2')}?dryRun=All`, { ...crane('dry', { load: { tons: 1 } }), apiVersion: 'example.com/v2' })).json.spec).toEqual({ load: { tons: 1 } });
});

it('keeps the owners of fields in whatever version they wrote', async () => {
  const apply = (version: string, manager: string, spec: object) => api.request('PATCH', `${at(version, '/c')}?fieldManager=${manager}`, { ...crane('c', spec), apiVersion: `example.com/${version}` }, { 'content-type': 'application/apply-patch+yaml' });
  expect((await apply('v1', 'one', { size: 1 })).status).toBe(201);
  const conflict = await apply('v2', 'two', { load: { tons: 2 } });
  expect([conflict.status, conflict.json.message]).toEqual([409, 'Apply failed with 1 conflict: conflict with "one": .spec.size']);
  expect((await apply('v2', 'two', { colour: 'blue' })).json.spec).toEqual({ load: { tons: 1 }, colour: 'blue' });
  const updated = await api.request('PATCH', `${at('v2', '/c')}?fieldManager=three`, { spec: { load: { tons: 3 } } }, LABEL);
  expect(updated.json.metadata.managedFields.map((each: Review) => `${each.manager} ${each.apiVersion}`).toSorted()).toEqual(['three example.com/v2', 'two example.com/v2']);
});

it('shows the webhook whole objects when a status is written beside owners in another version', async () => {
  await api.request('POST', `${at('v2')}?fieldManager=one`, { ...crane('s', { load: { tons: 2 } }), apiVersion: 'example.com/v2' });
  const before = questions();
  const written = await api.request('PATCH', `${at('v1', '/s/status')}?fieldManager=two`, { status: { ok: true } }, LABEL);
  expect([written.status, written.json.status]).toEqual([200, { ok: true }]);
  expect(written.json.metadata.managedFields.map((each: Review) => `${each.manager} ${each.apiVersion} ${each.subresource ?? ''}`).toSorted()).toEqual(['one example.com/v2 ', 'two example.com/v1 status']);
  const shown = hooks.seen('/convert').slice(before).flatMap(({ request }) => request.objects);
  expect(shown.length).toBeGreaterThan(0);
  for (const object of shown) expect(object).toMatchObject({ metadata: { name: 's', uid: written.json.metadata.uid } });
  for (const object of shown) expect(object.spec.size ?? object.spec.load).toBeDefined();
});

it('lists and selects in the version that is asked for, some objects at a time', async () => {
  for (let from = 0; from < 260; from += 20) {
    const made = await Promise.all(Array.from({ length: 20 }, (_, index) => api.request('POST', at('v1'), crane(`l-${from + index}`, { size: 1000 + from + index }))));
    expect(made.map(({ status, json }) => `${status} ${json.message ?? ''}`)).toEqual(made.map(() => '201 '));
  }
  const before = hooks.seen('/convert').length;
  const list = await api.request('GET', at('v2'));
  expect(list.json.items.filter((each: Review) => each.spec.load.tons >= 1000)).toHaveLength(260);
  // What was written last in the other version may have been converted already.
  const asked = hooks.seen('/convert').slice(before).map(({ request }) => request.objects.length);
  expect([asked.length, Math.max(...asked)]).toEqual([3, 100]);
  const selected = await api.request('GET', `${at('v2')}?fieldSelector=spec.load.tons%3D1100`);
  expect(selected.json.items.map((each: Review) => each.metadata.name)).toEqual(['l-100']);
  expect((await api.request('DELETE', `${at('v2')}?fieldSelector=spec.load.tons%3D1100`)).json.items).toHaveLength(1);
  expect((await api.request('GET', at('v2', '/l-100'))).status).toBe(404);
});

it('converts an event once for all who watch', async () => {
  const { resourceVersion } = (await api.request('GET', at('v1'))).json.metadata;
  const watches: WatchReader[] = Array.from({ length: 10 }, () => api.watch(`${at('v2')}?watch=true&resourceVersion=${resourceVersion}`));
  await api.request('POST', at('v1'), crane('w', { size: 4 }));
  const before = questions();
  for (const watch of watches) expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { apiVersion: 'example.com/v2', metadata: { name: 'w' }, spec: { load: { tons: 4 } } } });
  expect(questions() - before).toBeLessThanOrEqual(1);
  await api.request('DELETE', at('v1', '/w'));
  for (const watch of watches) expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { spec: { load: { tons: 4 } } } });
  for (const watch of watches) watch.stop();
});

describe('what comes back', () => {
  let count = 0;
  const refusal = async (reply: (review: Review) => unknown): Promise<string> => {
    const name = `r-${(count += 1)}`;
    await api.request('POST', at('v1'), crane(name, { size: 1 }));
    hooks.on('/convert', reply);
    const answer = await api.request('GET', at('v2', `/${name}`));
    expect([answer.status, answer.json.reason]).toEqual([500, undefined]);
    return answer.json.message;
  };
  const about = 'conversion webhook for example.com/v1, Kind=Crane';
  const changed = (change: (object: Review) => object) => (review: Review) => {
    const [object] = (convert(review) as Review).response.convertedObjects;
    return answered(review.request.uid, { convertedObjects: [change(object)] });
  };

  it('is looked at', async () => {
    expect(await refusal(({ request }) => answered(request.uid, { result: { status: 'Failure', message: 'cannot lift that' } }))).toBe(`${about} failed: cannot lift that`);
    expect(await refusal(({ request }) => answered(request.uid, { result: { status: 'Odd' } }))).toBe(`${about} failed: response.result.status was 'Odd', not 'Success'`);
    expect(await refusal(() => answered('x', {}))).toMatch(/ failed: expected response\.uid="[0-9a-f-]{36}", got "x"$/);
    expect(await refusal(({ request }) => answered(request.uid, { convertedObjects: [] }))).toBe(`${about} returned 0 objects, expected 1`);
    expect(await refusal(changed((object) => ({ ...object, apiVersion: 'example.com/v1' })))).toBe(`${about} returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)`);
    expect(await refusal(changed((object) => ({ ...object, metadata: { ...object.metadata, name: 'other' } })))).toMatch(/ returned invalid object: must have the same name: r-6 != other$/);
    expect(await refusal(changed((object) => ({ ...object, metadata: { ...object.metadata, labels: { a: 1 } } })))).toBe(`${about} returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object`);
    expect(await refusal(() => ({ status: 404, body: 'nothing here' }))).toBe(`${about} failed: the server could not find the requested resource`);
  });

  it('may have other labels and annotations, and nothing else in its metadata', async () => {
    await api.request('POST', at('v1'), crane('meta', { size: 1 }));
    hooks.on('/convert', changed((object) => ({ ...object, metadata: { ...object.metadata, labels: { new: 'y' }, finalizers: ['example.com/x'] } })));
    const { metadata } = (await api.request('GET', at('v2', '/meta'))).json;
    expect([metadata.labels, metadata.finalizers]).toEqual([{ new: 'y' }, undefined]);
  });
});

it('moves objects to a new storage version with their next write', async () => {
  await api.request('DELETE', at('v1'));
  await api.request('POST', at('v1'), crane('old', { size: 9 }));
  const { resourceVersion } = (await api.request('GET', `${DEFINITIONS}/cranes.example.com`)).json.metadata;
  const put = await api.request('PUT', `${DEFINITIONS}/cranes.example.com`, { ...definition('v2'), metadata: { name: 'cranes.example.com', resourceVersion } });
  expect(put.status).toBe(200);
  await served('v2');
  const before = questions();
  expect((await api.request('GET', at('v1', '/old'))).json.spec).toEqual({ size: 9 });
  expect(questions()).toBe(before);
  const { json } = await api.request('GET', at('v2', '/old'));
  expect(json.spec).toEqual({ load: { tons: 9 } });
  const moved = await api.request('PUT', at('v2', '/old'), json);
  expect([moved.status, moved.json.metadata.resourceVersion === json.metadata.resourceVersion]).toEqual([200, false]);
  const then = questions();
  expect((await api.request('GET', at('v2', '/old'))).json.spec).toEqual({ load: { tons: 9 } });
  expect(questions()).toBe(then);
});

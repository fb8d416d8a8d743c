import { startHandlers, type Answer, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CRANES = '/apis/example.com/v1/namespaces/default/cranes';

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
  const spec = {
    type: 'object',
    properties: {
      size: { type: 'integer' },
      hooks: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, load: { type: 'integer' } } } },
      tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      plan: { type: 'array', items: { type: 'string' } },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status: { type: 'object', properties: { ready: { type: 'boolean' } } } } } };
  await api.request('POST', CRDS, {
    metadata: { name: 'cranes.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane' }, versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema }] },
  });
  await eventually('the kind is served', 60_000, async () => ((await api.request('GET', CRANES)).status === 200 ? true : undefined));
});
afterAll(async () => api.close());

const apply = (manager: string, spec: unknown, more = ''): Promise<Answer> =>
  api.request('PATCH', `${CRANES}/a?fieldManager=${manager}${more}`, JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'a' }, spec }), { 'content-type': 'application/apply-patch+yaml' });

test('an apply of a custom object merges by its schema, and tells conflicts', async () => {
  expect(await apply('one', { size: 1, hooks: [{ name: 'x', load: 1 }], tags: ['a'], plan: ['p'], free: { any: { thing: 1 } } })).toMatchObject({ status: 201, json: { metadata: { managedFields: [{ manager: 'one', operation: 'Apply', apiVersion: 'example.com/v1' }] } } });
  expect((await apply('two', { hooks: [{ name: 'y', load: 2 }], tags: ['b'], free: { other: true } })).json.spec).toEqual({ size: 1, hooks: [{ name: 'x', load: 1 }, { name: 'y', load: 2 }], tags: ['a', 'b'], plan: ['p'], free: { any: { thing: 1 }, other: true } });
  const conflict = await apply('two', { size: 2, plan: ['q'] });
  expect(conflict.status).toBe(409);
  expect(conflict.json.message).toBe('Apply failed with 2 conflicts: conflicts with "one":\n- .spec.plan\n- .spec.size');
  expect((await apply('two', { size: 2 }, '&force=true')).json.spec).toEqual({ size: 2, hooks: [{ name: 'x', load: 1 }], tags: ['a'], plan: ['p'], free: { any: { thing: 1 } } });
  expect(await apply('two', { size: 'big' })).toMatchObject({ status: 500 });
  expect((await apply('two', { sise: 2 })).json.message).toContain('.spec.sise: field not declared in schema');
  const status = await api.request('PATCH', `${CRANES}/a/status?fieldManager=three`, JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'a' }, spec: { size: 9 }, status: { ready: true } }), { 'content-type': 'application/apply-patch+yaml' });
  expect(status.json).toMatchObject({ spec: { size: 2 }, status: { ready: true } });
  const three = status.json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'three');
  expect(three).toMatchObject({ operation: 'Apply', subresource: 'status', fieldsV1: { 'f:status': { 'f:ready': {} } } });
  expect(three.fieldsV1['f:spec']).toBeUndefined();
});

test('nothing is applied to what the schema does not allow any more', async () => {
  const object = { apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'old' }, spec: { size: 1 } };
  const applied = (manager: string): Promise<Answer> => api.request('PATCH', `${CRANES}/old?fieldManager=${manager}`, JSON.stringify(object), { 'content-type': 'application/apply-patch+yaml' });
  expect(await applied('one')).toMatchObject({ status: 201 });
  await api.request('PATCH', `${CRDS}/cranes.example.com`, [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/type', value: 'string' }], { 'content-type': 'application/json-patch+json' });
  Object.assign(object.spec, { size: 'large' });
  await eventually('the schema is in force', 30_000, async () => ((await applied('two')).json.message.startsWith('failed to create typed live') ? true : undefined));
  expect((await applied('two')).json).toMatchObject({ code: 500, message: 'failed to create typed live object (default/old; example.com/v1, Kind=Crane): .spec.size: expected string, got &value.valueUnstructured{Value:1}' });
});

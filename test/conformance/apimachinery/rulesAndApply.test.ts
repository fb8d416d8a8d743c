import { randomUUID } from 'node:crypto';
import { parse } from 'yaml';
import type { Answer } from '../../rig/apiserver.ts';
import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { APPLY, type Caller, callerOf, MERGE } from './caller.ts';
import { defined, DEFINITIONS, type MadeDefinition, makeDefinition, until } from './definitions.ts';

let api: WholeServer;
let caller: Caller;
beforeAll(async () => {
  api = await startWholeServer();
  caller = callerOf(api);
});
afterAll(() => api.close());

const object = (made: MadeDefinition, spec: object, more: object = {}): object => ({ apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name: 'cr-1', ...more }, spec });

describe('[sig-api-machinery] CustomResourceValidationRules [Privileged:ClusterAdmin]', () => {
  const integers = (maxItems: number): object => ({ type: 'array', maxItems, items: { type: 'integer' } });
  const SCHEMA = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        'x-kubernetes-validations': [{ rule: 'self.x + self.y > 0' }, { rule: 'self.firstArray.isSorted() && self.secondArray.isSorted() && ((self.firstArray.sum() + self.secondArray.sum()) % 2 == 0)' }, { rule: 'self.largeArray.all(x, self.largeArray.all(y, y == x))' }],
        properties: { x: { type: 'integer' }, y: { type: 'integer' }, firstArray: integers(1_000), secondArray: integers(1_000), largeArray: integers(725) },
      },
      status: { type: 'object', 'x-kubernetes-validations': [{ rule: "self.health == 'ok' || self.health == 'unhealthy'" }], properties: { health: { type: 'string' } } },
    },
  };
  const define = (schema: object): Promise<MadeDefinition> => makeDefinition(caller, { versions: [defined('v1', schema)] });
  const refusal = async (schema: object): Promise<string> => {
    const { status, json } = await caller.request('POST', DEFINITIONS, { metadata: { name: 'noxus.mygroup.example.com' }, spec: { group: 'mygroup.example.com', scope: 'Namespaced', names: { plural: 'noxus', singular: 'noxu', kind: 'Noxu' }, versions: [defined('v1', schema)] } });
    expect(status).toBe(422);
    return json.message;
  };
  const spec = (more: object): object => ({ type: 'object', properties: { spec: { type: 'object', ...more } } });

  test('MUST NOT fail validation for create of a custom resource that satisfies the x-kubernetes-validations rules', async () => {
    const made = await define(SCHEMA);
    await caller.ok('POST', made.at('v1'), object(made, { x: 1, y: 0, firstArray: [3, 4], secondArray: [5, 10], largeArray: [2, 2] }));
    await made.remove();
  });
  test('MUST fail validation for create of a custom resource that does not satisfy the x-kubernetes-validations rules', async () => {
    const made = await define(SCHEMA);
    expect((await caller.request('POST', made.at('v1'), object(made, { x: 0, y: 0, firstArray: [], secondArray: [], largeArray: [] }))).json.message).toContain('failed rule');
    await made.remove();
  });
  test('MUST fail create of a custom resource definition that contains a x-kubernetes-validations rule that refers to a property that do not exist', async () => {
    expect(await refusal(spec({ 'x-kubernetes-validations': [{ rule: 'self.z == 100' }], properties: { x: { type: 'integer' } } }))).toContain("undefined field 'z'");
  });
  test('MUST fail create of a custom resource definition that contains an x-kubernetes-validations rule that contains a syntax error', async () => {
    expect(await refusal(spec({ 'x-kubernetes-validations': [{ rule: 'self = 42' }] }))).toContain('Syntax error');
  });
  test('MUST fail create of a custom resource definition that contains an x-kubernetes-validations rule that exceeds the estimated cost limit', async () => {
    const inner = { type: 'array', items: { type: 'string' }, 'x-kubernetes-validations': [{ rule: "self.all(s, s == 'string constant')" }] };
    expect(await refusal(spec({ properties: { x: { type: 'array', items: inner } } }))).toContain('exceeds budget');
  });
  test('MUST fail create of a custom resource that exceeds the runtime cost limit for x-kubernetes-validations rule execution', async () => {
    const made = await define(SCHEMA);
    const { json } = await caller.request('POST', made.at('v1'), object(made, { x: 1, y: 0, firstArray: [], secondArray: [], largeArray: Array.from({ length: 725 }, () => 20) }));
    expect(json.message).toContain('call cost exceeds limit');
    await made.remove();
  });
  test('MUST fail update of a custom resource that does not satisfy a x-kubernetes-validations transition rule', async () => {
    const made = await define(spec({ properties: { num: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] } } }));
    const { metadata } = await caller.ok('POST', made.at('v1'), object(made, { num: 10 }));
    expect((await caller.request('PUT', made.at('v1', 'cr-1'), object(made, { num: 9 }, { resourceVersion: metadata.resourceVersion }))).json.message).toContain('failed rule');
    await made.remove();
  });
});

describe('[sig-api-machinery] CRDValidationRatcheting [Privileged:ClusterAdmin]', () => {
  let made: MadeDefinition;
  beforeEach(async () => {
    made = await makeDefinition(caller, { versions: [defined('v1')] });
  });
  afterEach(() => made.remove());

  const applyObject = (fields: object, labels: object = {}, name = 'test-resource'): Promise<Answer> =>
    caller.request('PATCH', `${made.at('v1', name)}?fieldManager=manager`, { apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name, labels }, ...fields }, APPLY);
  const isApplied = async (fields: object, labels: object = {}): Promise<void> => {
    const { status, json } = await applyObject(fields, labels);
    expect([status < 300, json.message]).toEqual([true, undefined]);
  };
  const isRefused = async (paths: readonly string[], fields: object, labels: object = {}): Promise<void> => {
    const { status, json } = await applyObject(fields, labels);
    expect([status, paths.filter((path) => !json.message.includes(path))]).toEqual([422, []]);
  };

  /** Changes the schema, and waits until an object meets it: by an enumeration that only this one has. */
  async function changeSchema(properties: object): Promise<void> {
    const unique = randomUUID();
    const sentinel = '__update_schema_sentinel_field__';
    await caller.ok('PATCH', made.path, [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: { type: 'object', properties: { ...properties, [sentinel]: { type: 'string', enum: [unique] } } } }], { 'content-type': 'application/json-patch+json' });
    await until('the schema is in force', async () => (await applyObject({ [sentinel]: 'other' }, {}, 'sentinel-resource')).json.message?.includes(unique) === true);
  }

  /** The same field at the root, in a struct, in items of a list with keys, and in values of a map. */
  const everywhere = (field: object, more: object = {}, bounds = false): object => ({
    field,
    ...more,
    struct: { type: 'object', properties: { field, ...more } },
    list: { type: 'array', ...(bounds ? { maxItems: 5 } : {}), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'], items: { type: 'object', required: ['key'], properties: { key: { type: 'string' }, field, ...more } } },
    map: { type: 'object', ...(bounds ? { maxProperties: 5 } : {}), additionalProperties: { type: 'object', properties: { field, ...more } } },
  });
  const filled = (field: string, more: object = {}): object => ({ field, ...more, struct: { field, ...more }, list: ['foo', 'bar'].map((key) => ({ key, field, ...more })), map: { foo: { field, ...more }, bar: { field, ...more } } });
  const PATHS = ['field', 'struct.field', 'list[0].field', 'list[1].field', 'map[foo].field', 'map[bar].field'];
  const DOTTED = [...PATHS.slice(0, 4), 'map.foo.field', 'map.bar.field'];
  const arrays = (items: object): object => ({ atomicArray: { type: 'array', items }, setArray: { type: 'array', 'x-kubernetes-list-type': 'set', items } });
  const lists = (...items: string[]): object => ({ setArray: items, atomicArray: items });
  const LABELS = { foo: 'bar' };

  test('MUST NOT fail to update a resource due to JSONSchema errors on unchanged correlatable fields', async () => {
    await isApplied(filled('foo'));
    await changeSchema(everywhere({ type: 'string', enum: ['notfoo'] }));
    await isApplied(filled('foo'), LABELS);
  });
  test('MUST fail to update a resource due to JSONSchema errors on unchanged uncorrelatable fields', async () => {
    await isApplied(lists('foo', 'bar', 'baz'));
    await changeSchema(arrays({ type: 'string', enum: ['notfoo', 'notbar', 'notbaz'] }));
    await isRefused(['atomicArray', 'setArray'], lists('foo', 'bar', 'baz', 'notfoo'), LABELS);
  });
  test('MUST fail to update a resource due to JSONSchema errors on changed fields', async () => {
    await isApplied(filled('foo'));
    await changeSchema(everywhere({ type: 'string', enum: ['foo'] }));
    await isRefused(DOTTED, filled('notfoo'));
  });
  test('MUST NOT fail to update a resource due to CRD Validation Rule errors on unchanged correlatable fields', async () => {
    await isApplied(filled('notfoo'));
    await changeSchema(everywhere({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self == "foo"' }] }, { otherField: { type: 'string' } }));
    await isApplied(filled('notfoo', { otherField: 'doesntmatter' }));
  });
  test('MUST fail to update a resource due to CRD Validation Rule errors on unchanged uncorrelatable fields', async () => {
    await isApplied(lists('foo', 'bar', 'baz'));
    await changeSchema(arrays({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self != "foo"' }] }));
    await isRefused(['atomicArray', 'setArray'], lists('foo', 'bar', 'baz', 'notfoo'), LABELS);
  });
  test('MUST fail to update a resource due to CRD Validation Rule errors on changed fields', async () => {
    await isApplied(filled('foo'));
    await changeSchema(everywhere({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self == "foo"' }] }));
    await isRefused(PATHS, filled('notfoo'));
  });
  test('MUST NOT ratchet errors raised by transition rules', async () => {
    await isApplied(filled('foo'));
    await changeSchema(everywhere({ type: 'string', maxLength: 5, 'x-kubernetes-validations': [{ rule: 'self != oldSelf' }] }, {}, true));
    await isRefused(PATHS, filled('foo'), LABELS);
  });
  test('MUST evaluate a CRD Validation Rule with oldSelf = nil for new values when optionalOldSelf is true', async () => {
    await changeSchema(everywhere({ type: 'string', maxLength: 5, 'x-kubernetes-validations': [{ rule: '!oldSelf.hasValue() || self != oldSelf.value()', optionalOldSelf: true }] }, {}, true));
    await isApplied(filled('foo'));
    await isRefused(PATHS, filled('foo'), LABELS);
    await isApplied(filled('new'));
  });
});

describe('[sig-api-machinery] ServerSideApply', () => {
  const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
  const applied = (path: string, manager: string, body: unknown, more = ''): Promise<Answer> => caller.request('PATCH', `${path}?fieldManager=${manager}${more}`, body, APPLY);
  const fine = async (path: string, manager: string, body: unknown, more = ''): Promise<Answer['json']> => {
    const { status, json } = await applied(path, manager, body, more);
    expect([status < 300, json.message]).toEqual([true, undefined]);
    return json;
  };
  const deployment = (name: string, spec: object = {}, pod: object = {}, container: object = {}): object => ({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels: { app: 'nginx' } },
    spec: { ...spec, selector: { matchLabels: { app: 'nginx' } }, template: { metadata: { labels: { app: 'nginx' } }, spec: { ...pod, containers: [{ name: 'nginx', image: 'nginx', ...container }] } } },
  });
  beforeAll(() => caller.ok('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } }));

  test.each([
    ['pods', { kind: 'Pod', spec: { containers: [{ name: 'test-container', image: 'test-image' }] } }, '{"f:spec":{"f:containers":{"k:{\\"name\\":\\"test-container\\"}":{".":{},"f:image":{},"f:name":{}}}}}'],
    ['services', { kind: 'Service', spec: { ports: [{ port: 8080, protocol: 'UDP' }] } }, '{"f:spec":{"f:ports":{"k:{\\"port\\":8080,\\"protocol\\":\\"UDP\\"}":{".":{},"f:port":{},"f:protocol":{}}}}}'],
  ])('should create an applied object if it does not already exist: %s', async (resource, more, fields) => {
    const path = `/api/v1/namespaces/default/${resource}/applied`;
    const body = { apiVersion: 'v1', metadata: { name: 'applied' }, ...more };
    await fine(path, 'apply_test', body);
    await caller.ok('GET', path);
    const { metadata } = await fine(path, 'apply_test_2', body);
    const owners = metadata.managedFields.filter(({ manager }: { manager: string }) => manager.startsWith('apply_test'));
    expect(owners.map(({ fieldsV1 }: { fieldsV1: unknown }) => JSON.stringify(fieldsV1))).toEqual([fields, fields]);
  });

  test('should work for subresources', async () => {
    const path = '/api/v1/namespaces/default/pods/test-pod';
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'test-pod' } };
    const status = { ...body, status: { conditions: [{ type: 'MyStatus', status: 'True' }] } };
    const types = async (): Promise<string[]> => ((await caller.ok('GET', path)).status.conditions ?? []).map(({ type }: { type: string }) => type);
    await fine(path, 'apply_test', { ...body, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } });
    await fine(path, 'apply_test2', status);
    expect(await types()).not.toContain('MyStatus');
    await fine(`${path}/status`, 'apply_test2', status);
    expect(await types()).toContain('MyStatus');
  });

  test('should remove a field if it is owned but removed in the apply request', async () => {
    const path = `${DEPLOYMENTS}/deployment`;
    await fine(path, 'apply_test', deployment('deployment', { replicas: 3 }, {}, { ports: [{ containerPort: 80, protocol: 'TCP' }] }));
    await fine(path, 'apply_test', deployment('deployment', { replicas: 3 }));
    expect((await caller.ok('GET', path)).spec.template.spec.containers[0].ports).toBeUndefined();
  });

  test('should not remove a field if an owner unsets the field but other managers still have ownership of the field', async () => {
    const path = `${DEPLOYMENTS}/deployment-shared-unset`;
    for (const manager of ['shared_owner_1', 'shared_owner_2']) await fine(path, manager, deployment('deployment-shared-unset', { replicas: 3 }, { hostname: 'test-hostname' }));
    const { spec } = await fine(path, 'shared_owner_1', deployment('deployment-shared-unset'));
    expect([spec.replicas, spec.template.spec.hostname]).toEqual([3, 'test-hostname']);
  });

  test('should ignore conflict errors if force apply is used', async () => {
    const path = `${DEPLOYMENTS}/deployment-forced`;
    const body = deployment('deployment-forced', { replicas: 3 });
    await fine(path, 'apply_test', body);
    await caller.ok('PATCH', path, { spec: { replicas: 5 } }, MERGE);
    const { status, json } = await applied(path, 'apply_test', body);
    expect([status, json.reason, json.details.causes.length > 0]).toEqual([409, 'Conflict', true]);
    expect((await fine(path, 'apply_test', body, '&force=true')).spec.replicas).toBe(3);
  });

  test('should give up ownership of a field if forced applied by a controller', async () => {
    const path = `${DEPLOYMENTS}/deployment-shared-map-item-removal`;
    const name = 'deployment-shared-map-item-removal';
    const first = await fine(path, 'test_applier', deployment(name, { replicas: 3 }));
    first.spec.replicas = 4;
    await caller.ok('PUT', path, first);
    expect((await fine(path, 'test_applier', deployment(name))).spec.replicas).toBe(4);
  });

  test('should work for CRDs', async () => {
    const port = { type: 'object', required: ['containerPort', 'protocol'], properties: { containerPort: { type: 'integer', format: 'int32' }, name: { type: 'string' }, protocol: { type: 'string' } } };
    const schema = parse(`
type: object
properties:
  spec:
    type: object
    x-kubernetes-preserve-unknown-fields: true
    properties:
      cronSpec: {type: string}
      ports: {type: array, x-kubernetes-list-map-keys: [containerPort, protocol], x-kubernetes-list-type: map}
`);
    schema.properties.spec.properties.ports.items = port;
    const made = await makeDefinition(caller, { scope: 'Cluster', versions: [{ ...defined('v1beta1', schema), storage: true }, { ...defined('v1', schema), storage: false }] });
    const body = (version: string, finalizers = ''): string => `
apiVersion: ${made.group}/${version}
kind: ${made.kind}
metadata:
  name: mytest${finalizers}
spec:
  cronSpec: "* * * * */5"
  replicas: 1
  ports:
  - name: x
    containerPort: 80
    protocol: TCP`;
    const withFinalizer = body('v1beta1', '\n  finalizers:\n  - test-finalizer');
    const port80 = (name: string, containerPort: number): string => `apiVersion: ${made.group}/v1beta1\nkind: ${made.kind}\nmetadata:\n  name: mytest\nspec:\n  ports:\n  - name: "${name}"\n    containerPort: ${containerPort}\n    protocol: TCP`;
    const path = made.at('v1beta1', 'mytest');
    const { json: first, headers } = await applied(path, 'apply_test', withFinalizer);
    // Of built-in kinds it would be refused.
    expect(headers['warning']).toBe('299 - "metadata.finalizers: \\"test-finalizer\\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"');
    expect([first.metadata.finalizers, first.spec.replicas, first.spec.ports.length]).toEqual([['test-finalizer'], 1, 1]);
    const other = await fine(made.at('v1', 'mytest'), 'apply_test', body('v1'));
    expect([other.spec.replicas, other.spec.ports.length]).toEqual([1, 1]);
    expect((await caller.ok('PATCH', path, { metadata: { finalizers: ['test-finalizer', 'another-one'] } }, MERGE)).metadata.finalizers).toEqual(['test-finalizer', 'another-one']);
    expect((await fine(path, 'apply_test', withFinalizer)).metadata.finalizers).toEqual(['test-finalizer', 'another-one']);
    expect((await caller.ok('PATCH', path, { spec: { replicas: 5 } }, MERGE)).spec.replicas).toBe(5);
    const conflict = await applied(path, 'apply_test', withFinalizer);
    expect([conflict.status, conflict.json.details.causes.length]).toEqual([409, 1]);
    expect((await fine(path, 'apply_test', withFinalizer, '&force=true')).spec.replicas).toBe(1);
    const item = await applied(path, 'apply_test_2', port80('y', 80));
    expect([item.status, item.json.details.causes.length]).toEqual([409, 1]);
    expect((await fine(path, 'apply_test_2', port80('y', 8080))).spec.ports).toHaveLength(2);
    const absent = { apiVersion: `${made.group}/v1beta1`, kind: made.kind, metadata: { name: 'should-not-exist', finalizers: ['test-finalizer'] }, spec: { cronSpec: '* * * * */5', replicas: 1, ports: [{ name: 'x', containerPort: 80 }] }, protocol: 'TCP' };
    expect((await caller.request('PUT', `${made.at('v1beta1', 'should-not-exist')}?fieldManager=apply_test`, absent)).status).toBe(404);
    await caller.ok('PATCH', path, { metadata: { finalizers: [] } }, MERGE);
    await made.remove();

    const atomic = await makeDefinition(caller, { scope: 'Cluster', versions: [defined('v1', { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { atomicList: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: { type: 'string' } } } } } })] });
    const list = (item: string): object => ({ apiVersion: `${atomic.group}/v1`, kind: atomic.kind, metadata: { name: 'mytest' }, spec: { atomicList: [item] } });
    expect((await fine(atomic.at('v1', 'mytest'), 'apply_test', list('item1'))).spec.atomicList).toEqual(['item1']);
    expect((await fine(atomic.at('v1', 'mytest'), 'apply_test_2', list('item2'), '&force=true')).spec.atomicList).toEqual(['item2']);
    await atomic.remove();
  });
});

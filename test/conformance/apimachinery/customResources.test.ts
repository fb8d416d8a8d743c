import type { Answer } from '../../rig/apiserver.ts';
import { startWebhookServer, type Review, type WebhookServer } from '../../rig/webhookServer.ts';
import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { APPLY, type Caller, callerOf, MERGE, namesOf } from './caller.ts';
import { defined, DEFINITIONS, type MadeDefinition, makeDefinition, until } from './definitions.ts';

let api: WholeServer;
let caller: Caller;
let hooks: WebhookServer;
beforeAll(async () => {
  hooks = await startWebhookServer();
  hooks.on('/crdconvert', convert);
  api = await startWholeServer();
  caller = callerOf(api);
});
afterAll(async () => {
  await api.close();
  await hooks.close();
});

/** The webhook of Kubernetes' tests: v1 has `hostPort`, v2 `host` and `port`. */
function convert({ request }: Review): object {
  const { desiredAPIVersion, uid } = request;
  const convertedObjects = request.objects.map(({ hostPort, host, port, ...object }: Review) => {
    const [ownHost, ownPort] = hostPort === undefined ? [host, port] : hostPort.split(':');
    const fields = desiredAPIVersion.endsWith('/v2') ? { host: ownHost, ...(ownPort === undefined ? {} : { port: ownPort }) } : { hostPort: `${ownHost}:${ownPort ?? ''}` };
    return { ...object, ...fields, apiVersion: desiredAPIVersion };
  });
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: { uid, result: { status: 'Success' }, convertedObjects } };
}

const object = (made: MadeDefinition, name: string, more: object = {}, version = 'v1'): object => ({ apiVersion: `${made.group}/${version}`, kind: made.kind, metadata: { name }, ...more });

describe('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin]', () => {
  test('Simple CustomResourceDefinition creating/deleting custom resource definition objects works', async () => {
    const made = await makeDefinition(caller, { scope: 'Cluster' });
    await made.remove();
    expect((await caller.request('GET', made.path)).status).toBe(404);
  });

  test('Simple CustomResourceDefinition listing custom resource definition objects works', async () => {
    const labels = { 'e2e-list-test-uuid': 'definitions' };
    const made: MadeDefinition[] = [];
    for (let index = 0; index < 10; index += 1) made.push(await makeDefinition(caller, { labels }));
    const other = await makeDefinition(caller, {});
    const selected = `${DEFINITIONS}?labelSelector=e2e-list-test-uuid%3Ddefinitions`;
    expect(namesOf(await caller.ok('GET', selected)).toSorted()).toEqual(made.map(({ name }) => name).toSorted());
    await caller.ok('DELETE', selected);
    await until('they are gone', async () => (await caller.ok('GET', selected)).items.length === 0);
    expect((await caller.request('GET', other.path)).status).toBe(200);
    await other.remove();
  });

  test('Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works', async () => {
    const made = await makeDefinition(caller, {});
    const read = await caller.ok('GET', `${made.path}/status`);
    expect([read.kind, read.status.conditions.length > 0]).toEqual(['CustomResourceDefinition', true]);
    const condition = (message: string): object => ({ message, reason: 'E2E', status: 'True', type: 'StatusUpdate' });
    // Its own controllers may write at the same time.
    await until('the status is updated', async () => {
      const now = await caller.ok('GET', made.path);
      return (await caller.request('PUT', `${made.path}/status`, { ...now, status: { ...now.status, conditions: [...now.status.conditions, condition('updated')] } })).status === 200;
    });
    expect((await caller.ok('GET', made.path)).status.conditions).toContainEqual(expect.objectContaining(condition('updated')));
    const patched = await caller.ok('PATCH', `${made.path}/status`, { metadata: { annotations: { e2e: 'patched' } }, status: { conditions: [...read.status.conditions, condition('patched')] } }, MERGE);
    expect(patched.status.conditions).toContainEqual(expect.objectContaining(condition('patched')));
    expect((await caller.ok('GET', made.path)).status.conditions).toContainEqual(expect.objectContaining(condition('patched')));
    await made.remove();
  });

  test('custom resource defaulting for requests and from storage works', async () => {
    const versions = (properties: object): object[] => [defined('v1', { type: 'object', properties })];
    const made = await makeDefinition(caller, { scope: 'Cluster', versions: [defined('v1', { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } })] });
    await caller.ok('POST', made.at('v1'), object(made, 'stored'));
    expect((await caller.ok('GET', made.at('v1', 'stored'))).a).toBeUndefined();
    await caller.ok('PATCH', made.path, { spec: { versions: versions({ a: { type: 'string', default: 'A' }, b: { type: 'string' } }) } }, MERGE);
    await until('the default is there', async () => (await caller.ok('GET', made.at('v1', 'stored'))).a === 'A');
    const second = await caller.ok('POST', made.at('v1'), object(made, 'second'));
    expect([second.a, second.b]).toEqual(['A', undefined]);
    await caller.ok('PATCH', made.path, { spec: { versions: versions({ a: { type: 'string' }, b: { type: 'string', default: 'B' } }) } }, MERGE);
    await until('the other default is there', async () => (await caller.ok('GET', made.at('v1', 'second'))).b === 'B');
    expect([(await caller.ok('GET', made.at('v1', 'second'))).a, (await caller.ok('GET', made.at('v1', 'stored'))).a]).toEqual(['A', undefined]);
    await made.remove();
  });
});

test('[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] watch on custom resource definition objects', async () => {
  const made = await makeDefinition(caller, { scope: 'Cluster' });
  const watch = caller.watch(`${made.at('v1')}?watch=true&resourceVersion=${(await caller.ok('GET', made.at('v1'))).metadata.resourceVersion}`);
  for (const name of ['a', 'b']) {
    await caller.ok('POST', made.at('v1'), object(made, name));
    const event = await watch.next();
    expect([event.type, event.object.metadata.name, event.object.kind]).toEqual(['ADDED', name, made.kind]);
  }
  for (const name of ['a', 'b']) {
    await caller.ok('PATCH', made.at('v1', name), { metadata: { labels: { changed: 'yes' } } }, MERGE);
    const event = await watch.next();
    expect([event.type, event.object.metadata.name]).toEqual(['MODIFIED', name]);
  }
  for (const name of ['a', 'b']) {
    await caller.ok('DELETE', made.at('v1', name));
    const event = await watch.next();
    expect([event.type, event.object.metadata.name]).toEqual(['DELETED', name]);
  }
  watch.stop();
  await made.remove();
});

describe('[sig-api-machinery] conversion and selection', () => {
  const schema = (names: readonly string[]): object => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  const versionsOf = (storage: string): ReturnType<typeof defined>[] => [
    { ...defined('v1', schema(['hostPort']), { selectableFields: [{ jsonPath: '.hostPort' }] }), storage: storage === 'v1' },
    { ...defined('v2', schema(['host', 'port']), { selectableFields: [{ jsonPath: '.host' }, { jsonPath: '.port' }] }), storage: storage === 'v2' },
  ];
  const conversion = (): object => ({ strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1', 'v1beta1'], clientConfig: { url: hooks.url('/crdconvert'), caBundle: hooks.caBundle } } });

  test('CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert from CR v1 to CR v2', async () => {
    const made = await makeDefinition(caller, { versions: versionsOf('v1'), conversion: conversion() });
    await caller.ok('POST', made.at('v1'), object(made, 'cr-instance-1', { hostPort: 'localhost:8080' }));
    expect(await caller.ok('GET', made.at('v2', 'cr-instance-1'))).toMatchObject({ apiVersion: `${made.group}/v2`, host: 'localhost', port: '8080' });
    await made.remove();
  });

  test('CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert a non homogeneous list of CRs', async () => {
    const made = await makeDefinition(caller, { versions: versionsOf('v1'), conversion: conversion() });
    await caller.ok('POST', made.at('v1'), object(made, 'cr-instance-1', { hostPort: 'localhost:8080' }));
    await caller.ok('PATCH', made.path, { spec: { versions: versionsOf('v2') } }, MERGE);
    await until('v2 is stored', async () => (await caller.ok('GET', made.path)).status.storedVersions.includes('v2'));
    await caller.ok('POST', made.at('v2'), object(made, 'cr-instance-2', { host: 'localhost', port: '8080' }, 'v2'));
    const v2 = await caller.ok('GET', made.at('v2'));
    expect([v2.apiVersion, v2.items.map(({ apiVersion, host, port }: Answer['json']) => [apiVersion, host, port])]).toEqual([`${made.group}/v2`, [1, 2].map(() => [`${made.group}/v2`, 'localhost', '8080'])]);
    expect((await caller.ok('GET', made.at('v1'))).items.map(({ hostPort }: Answer['json']) => hostPort)).toEqual(['localhost:8080', 'localhost:8080']);
    await made.remove();
  });

  test('CustomResourceFieldSelectors [Privileged:ClusterAdmin] MUST list and watch custom resources matching the field selector', async () => {
    const made = await makeDefinition(caller, { versions: versionsOf('v1'), conversion: conversion() });
    const select = (version: string, selector: string): string => `${made.at(version)}?fieldSelector=${encodeURIComponent(selector)}`;
    // From here on, however late they begin.
    const since: string = (await caller.ok('GET', made.at('v2'))).metadata.resourceVersion;
    const watched = ([['v2', 'host=host1'], ['v2', 'host=host1,port=80'], ['v1', 'hostPort=host1:80']] as const).map(([version, selector]) => caller.watch(`${select(version, selector)}&watch=true&resourceVersion=${since}`));
    const specs = [{ host: 'host1', port: '80' }, { host: 'host1', port: '8080' }, { host: 'host2' }];
    for (const [index, spec] of specs.entries()) await caller.ok('POST', made.at('v2'), object(made, `cr-${index}`, spec, 'v2'));
    const listed = async (version: string, selector: string): Promise<string[]> => namesOf(await caller.ok('GET', select(version, selector)));
    expect(await listed('v2', 'host=host1')).toEqual(['cr-0', 'cr-1']);
    expect(await listed('v2', 'host=host1,port=80')).toEqual(['cr-0']);
    expect(await listed('v1', 'hostPort=host1:80')).toEqual(['cr-0']);
    expect(await listed('v1', 'hostPort=host1:8080')).toEqual(['cr-1']);
    await caller.ok('DELETE', select('v2', 'host=host1,port=80'), { gracePeriodSeconds: 0 });
    await caller.ok('PUT', made.at('v2', 'cr-1'), { ...(await caller.ok('GET', made.at('v2', 'cr-1'))), host: 'host2' });
    expect([await listed('v2', 'host=host1'), await listed('v2', 'host=host1,port=80')]).toEqual([[], []]);
    const events = [['ADDED cr-0', 'ADDED cr-1', 'DELETED cr-0', 'DELETED cr-1'], ['ADDED cr-0', 'DELETED cr-0'], ['ADDED cr-0', 'DELETED cr-0']];
    for (const [index, watch] of watched.entries()) {
      const seen: string[] = [];
      for (const _ of events[index] ?? []) {
        const { type, object: { metadata } } = await watch.next();
        seen.push(`${type} ${metadata.name}`);
      }
      expect(seen).toEqual(events[index]);
      watch.stop();
    }
    await made.remove();
  });
});

describe('[sig-api-machinery] FieldValidation', () => {
  const deployment = (metadata: string, spec: string): string => `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "my-dep", ${metadata} "labels": {"app": "nginx"}}, "spec": {${spec}
    "selector": {"matchLabels": {"app": "nginx"}}, "template": {"metadata": {"labels": {"app": "nginx"}}, "spec": {"containers": [{"name": "nginx", "image": "nginx:latest"}]}}}}`;
  const strict = 'fieldManager=field_validation_mgr&fieldValidation=Strict';
  const PORT = { type: 'object', required: ['containerPort', 'protocol'], properties: { containerPort: { type: 'integer', format: 'int32' }, hostIP: { type: 'string' }, hostPort: { type: 'integer', format: 'int32' }, name: { type: 'string' }, protocol: { type: 'string' } } };
  const SPEC = { foo: { type: 'string' }, cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' }, ports: { type: 'array', 'x-kubernetes-list-map-keys': ['containerPort', 'protocol'], 'x-kubernetes-list-type': 'map', items: PORT } };
  const specOf = (more: object, properties: object = {}): object => ({ type: 'object', properties: { spec: { type: 'object', ...more, properties: { ...SPEC, ...properties } } } });
  const applied = (made: MadeDefinition, lines: string): Promise<Answer> =>
    caller.request('PATCH', `${made.at('v1', 'mytest')}?${strict}`, `\napiVersion: ${made.group}/v1\nkind: ${made.kind}\nmetadata:\n  name: mytest\n${lines}\n  cronSpec: "* * * * */5"\n  ports:\n  - name: x\n    containerPort: 80\n    protocol: TCP`, APPLY);
  const define = (schema?: object): Promise<MadeDefinition> => makeDefinition(caller, { scope: 'Cluster', ...(schema ? { versions: [defined('v1', schema)] } : {}) });

  test('should detect unknown and duplicate fields of a typed object', async () => {
    const { status, json } = await caller.request('POST', `/apis/apps/v1/namespaces/default/deployments?${strict}`, deployment('', '"unknownField": "foo", "replicas": 2, "replicas": 3,'));
    expect([status, json.message]).toEqual([400, expect.stringContaining('strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"')]);
  });
  test('should detect unknown metadata fields of a typed object', async () => {
    const { json } = await caller.request('POST', `/apis/apps/v1/namespaces/default/deployments?${strict}`, deployment('"unknownMeta": "foo",', ''));
    expect(json.message).toContain('strict decoding error: unknown field "metadata.unknownMeta"');
  });
  test('should create/apply a valid CR for CRD with validation schema', async () => {
    const made = await define(specOf({}));
    expect((await applied(made, 'spec:\n  foo: foo1')).status).toBe(201);
    await made.remove();
  });
  test('should create/apply a CR with unknown fields for CRD with no validation schema', async () => {
    const made = await define();
    expect((await applied(made, 'spec:\n  unknown: uk1')).status).toBe(201);
    await made.remove();
  });
  test('should create/apply an invalid CR with extra properties for CRD with validation schema', async () => {
    const made = await define(specOf({}));
    const { status, json } = await applied(made, 'unknownField: unknown\nspec:\n  foo: foo1');
    expect([status, json.message]).toEqual([500, expect.stringContaining('.unknownField: field not declared in schema')]);
    await made.remove();
  });
  test('should detect unknown metadata fields in both the root and embedded object of a CR', async () => {
    const template = { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { metadata: { type: 'object', properties: { name: { type: 'string' } } }, spec: { type: 'object' } } };
    const made = await define(specOf({ 'x-kubernetes-preserve-unknown-fields': true }, { template }));
    const { json } = await applied(made, '  unknownMeta: unknown\nspec:\n  template:\n    apiversion: foo/v1\n    kind: Sub\n    metadata:\n        unknownSubMeta: unknown\n        name: subobject\n        namespace: default\n  foo: foo1');
    expect(json.message).toMatch(/\.spec\.template\.metadata\.unknownSubMeta: field not declared in schema|\.metadata\.unknownMeta: field not declared in schema/);
    await made.remove();
  });
  test('should detect duplicates in a CR when preserving unknown fields', async () => {
    const made = await define(specOf({ 'x-kubernetes-preserve-unknown-fields': true }));
    const { json } = await applied(made, 'spec:\n  unknown: uk1\n  foo: foo1\n  foo: foo2');
    expect(json.message).toContain('line 9: key "foo" already set in map');
    await made.remove();
  });
});

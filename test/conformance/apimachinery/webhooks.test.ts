import type { Answer } from '../../rig/apiserver.ts';
import { allow, deny, patchOf, type Review, startWebhookServer, type WebhookServer } from '../../rig/webhookServer.ts';
import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { type Caller, callerOf, MERGE, namesOf } from './caller.ts';
import { defined, DEFINITIONS, makeDefinition, until } from './definitions.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const DISALLOWED = { 'webhook-e2e-test': 'webhook-disallow' };
const START = { 'mutation-start': 'yes' };
const configMapRule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };

let api: WholeServer;
let caller: Caller;
let hooks: WebhookServer;

type Sort = 'mutating' | 'validating';
const pathOf = (sort: Sort, name = ''): string => `${CONFIGURATIONS}/${sort}webhookconfigurations${name && `/${name}`}`;
/** A webhook that asks at a path of the test's own server, and waits for the answer as long as a webhook may. */
const webhook = (path: string, more: object = {}): object => ({ name: `${path.replaceAll('/', '-').slice(1)}.k8s.io`, rules: [configMapRule], sideEffects: 'None', timeoutSeconds: 30, admissionReviewVersions: ['v1', 'v1beta1'], clientConfig: { url: hooks.url(path), caBundle: hooks.caBundle }, ...more });
const stage = (field: string, value: string): object => ({ op: 'add', path: `/data/${field}`, value });

/** The answers of the webhook server that Kubernetes' tests deploy. */
function answer(): void {
  const data = ({ request }: Review): Record<string, string> => (request.object ?? request.oldObject).data ?? {};
  const disallowed = (message: string, of: (review: Review) => Record<string, string> | undefined) => (review: Review): object => (of(review)?.['webhook-e2e-test'] === 'webhook-disallow' ? deny(review, { message }) : allow(review));
  const mutate = (review: Review): object => {
    if (data(review)['mutation-start'] !== 'yes' && data(review)['mutation-stage-1'] !== 'yes') return allow(review);
    return allow(review, patchOf([...(data(review)['mutation-start'] === 'yes' ? [stage('mutation-stage-1', 'yes')] : []), ...(data(review)['mutation-stage-1'] === 'yes' ? [stage('mutation-stage-2', 'yes')] : [])]));
  };
  hooks.on('/always-deny', (review) => deny(review, { message: 'this webhook denies all requests' }));
  hooks.on('/always-allow-delay', async (review) => {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    return allow(review);
  });
  hooks.on('/configmaps', disallowed('the configmap contains unwanted key and value', data));
  hooks.on('/custom-resource', disallowed('the custom resource contains unwanted data', data));
  hooks.on('/crd', disallowed('the crd contains unwanted label', ({ request }) => request.object.metadata.labels));
  hooks.on('/mutating-configmaps', mutate);
  hooks.on('/mutating-custom-resource', mutate);
  hooks.on('/mutating-pods', (review) => allow(review, patchOf([{ op: 'add', path: '/spec/initContainers', value: [{ name: 'webhook-added-init-container', image: 'webhook-added-image', resources: {} }] }])));
  hooks.on('/add-label', (review) => allow(review, patchOf([{ op: 'add', path: '/metadata/labels', value: { 'mutated-by': 'webhook' } }])));
  hooks.on('/pods/attach', (review) => (review.request.name === 'to-be-attached-pod' ? deny(review, { message: 'attaching to pod \'to-be-attached-pod\' is not allowed' }) : allow(review)));
  hooks.on('/pods', (review) => {
    const { metadata, spec } = review.request.object;
    const faults = [...(spec.containers.some(({ name }: { name: string }) => name.includes('webhook-disallow')) ? ['the pod contains unwanted container name; '] : []), ...(metadata.labels?.['webhook-e2e-test'] === 'webhook-disallow' ? ['the pod contains unwanted label; '] : [])];
    if (metadata.labels?.['webhook-e2e-test'] === 'wait-forever') return new Promise(() => undefined);
    return faults.length > 0 ? deny(review, { message: faults.join('') }) : allow(review);
  });
}

beforeAll(async () => {
  hooks = await startWebhookServer();
  answer();
  api = await startWholeServer();
  caller = callerOf(api);
  await caller.ok('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
afterAll(async () => {
  await api.close();
  await hooks.close();
});
afterEach(async () => {
  for (const sort of ['mutating', 'validating'] as const) await caller.ok('DELETE', pathOf(sort));
  await caller.ok('DELETE', CONFIG_MAPS);
});

/** Puts webhooks in force, and waits until the server asks them. */
async function register(sort: Sort, name: string, webhooks: readonly object[], labels: object = {}): Promise<Answer['json']> {
  await caller.ok('POST', pathOf(sort), { metadata: { name, labels }, webhooks });
  return caller.ok('GET', pathOf(sort, name));
}
const refused = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<string> => {
  const { status, json } = await caller.request(method, path, body, headers);
  expect(status).toBeGreaterThanOrEqual(400);
  return json.message;
};
const pod = (name: string, labels: object = {}, container = 'webhook-container'): object => ({ metadata: { name, labels }, spec: { containers: [{ name: container, image: 'pause' }] } });
const dataOf = async (name: string): Promise<unknown> => (await caller.ok('GET', `${CONFIG_MAPS}/${name}`)).data;

describe('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin]', () => {
  test('should be able to deny pod and configmap creation', async () => {
    const all = { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'] };
    const namespaceSelector = { matchExpressions: [{ key: 'skip-webhook-admission', operator: 'NotIn', values: ['yes'] }] };
    const pods = { rules: [{ ...all, operations: ['CREATE'], resources: ['pods'] }], namespaceSelector };
    const hanging = { matchLabels: { 'webhook-e2e-test': 'wait-forever' } };
    const other = { matchExpressions: [{ key: 'webhook-e2e-test', operator: 'NotIn', values: ['wait-forever'] }] };
    await register('validating', 'deny', [webhook('/pods', { ...pods, objectSelector: other }), webhook('/pods', { ...pods, name: 'hanging-pods.k8s.io', timeoutSeconds: 1, objectSelector: hanging }), webhook('/configmaps', { rules: [{ ...all, operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps'] }], namespaceSelector })]);
    const both = await refused('POST', PODS, pod('disallowed-pod', DISALLOWED, 'webhook-disallow'));
    expect(both).toMatch(/the pod contains unwanted container name; the pod contains unwanted label/);
    expect(await refused('POST', PODS, pod('hanging-pod', { 'webhook-e2e-test': 'wait-forever' }))).toMatch(/deadline/);
    expect((await caller.request('GET', `${PODS}/hanging-pod`)).status).toBe(404);
    expect(await refused('POST', CONFIG_MAPS, { metadata: { name: 'disallowed-configmap' }, data: DISALLOWED })).toMatch(/the configmap contains unwanted key and value/);
    await caller.ok('POST', CONFIG_MAPS, { metadata: { name: 'allowed-configmap' }, data: { admit: 'this' } });
    const allowed = await caller.ok('GET', `${CONFIG_MAPS}/allowed-configmap`);
    expect(await refused('PUT', `${CONFIG_MAPS}/allowed-configmap`, { ...allowed, data: DISALLOWED })).toMatch(/the configmap contains unwanted key and value/);
    expect(await refused('PATCH', `${CONFIG_MAPS}/allowed-configmap`, { data: DISALLOWED }, MERGE)).toMatch(/the configmap contains unwanted key and value/);
    await caller.ok('POST', '/api/v1/namespaces', { metadata: { name: 'exempted-namespace', labels: { 'skip-webhook-admission': 'yes' } } });
    await caller.ok('POST', '/api/v1/namespaces/exempted-namespace/configmaps', { metadata: { name: 'disallowed-configmap' }, data: DISALLOWED });
  });

  test('should be able to deny attaching pod', async () => {
    await register('validating', 'attach', [webhook('/pods/attach', { rules: [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/attach'] }] })]);
    await caller.ok('POST', PODS, pod('to-be-attached-pod'));
    expect(await refused('POST', `${PODS}/to-be-attached-pod/attach?container=webhook-container&stdout=true`)).toMatch(/attaching to pod 'to-be-attached-pod' is not allowed/);
  });

  test('should be able to deny custom resource creation, update and deletion', async () => {
    const made = await makeDefinition(caller, {});
    const object = (name: string, data: object): object => ({ apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name }, data });
    await register('validating', 'custom', [webhook('/custom-resource', { rules: [{ operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: [made.group], apiVersions: ['*'], resources: [made.plural] }] })]);
    expect(await refused('POST', made.at('v1'), object('cr-instance-1', DISALLOWED))).toMatch(/the custom resource contains unwanted data/);
    const allowed = await caller.ok('POST', made.at('v1'), object('cr-instance-2', { 'webhook-e2e-test': 'webhook-nondeletable' }));
    hooks.on('/custom-resource', (review) => (review.request.operation === 'DELETE' && review.request.oldObject.data['webhook-e2e-test'] === 'webhook-nondeletable' ? deny(review, { message: 'the custom resource cannot be deleted because it contains unwanted key and value' }) : deny(review, { message: 'the custom resource contains unwanted data' })));
    expect(await refused('PUT', made.at('v1', 'cr-instance-2'), { ...allowed, data: DISALLOWED })).toMatch(/the custom resource contains unwanted data/);
    expect(await refused('DELETE', made.at('v1', 'cr-instance-2'))).toMatch(/the custom resource cannot be deleted because it contains unwanted key and value/);
    answer();
    await caller.ok('PATCH', made.at('v1', 'cr-instance-2'), { data: { 'webhook-e2e-test': null } }, MERGE);
    await caller.ok('DELETE', made.at('v1', 'cr-instance-2'));
    await made.remove();
  });

  test('should unconditionally reject operations on fail closed webhook', async () => {
    await register('validating', 'closed', [webhook('/fail-closed', { failurePolicy: 'Fail', clientConfig: { service: { namespace: 'default', name: 'e2e-test-webhook', path: '/configmaps' } }, namespaceSelector: { matchLabels: { 'fail-closed-webhook': 'true' } } })]);
    await caller.ok('POST', '/api/v1/namespaces', { metadata: { name: 'fail-closed', labels: { 'fail-closed-webhook': 'true' } } });
    const { status, json } = await caller.request('POST', '/api/v1/namespaces/fail-closed/configmaps', { metadata: { name: 'foo' } });
    expect([status, json.reason]).toEqual([500, 'InternalError']);
  });

  test('should mutate configmap', async () => {
    await register('mutating', 'stages', [webhook('/mutating-configmaps', { name: 'adding-configmap-data-stage-1.k8s.io' }), webhook('/mutating-configmaps', { name: 'adding-configmap-data-stage-2.k8s.io' })]);
    await caller.ok('POST', CONFIG_MAPS, { metadata: { name: 'to-be-mutated' }, data: START });
    expect(await dataOf('to-be-mutated')).toEqual({ ...START, 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
  });

  test('should mutate pod and apply defaults after mutation', async () => {
    await register('mutating', 'pods', [webhook('/mutating-pods', { rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] })]);
    const { spec } = await caller.ok('POST', PODS, pod('webhook-to-be-mutated'));
    expect(spec.initContainers).toEqual([expect.objectContaining({ name: 'webhook-added-init-container', terminationMessagePolicy: 'File' })]);
  });

  test('should not be able to mutate or prevent deletion of webhook configuration objects', async () => {
    const rules = [{ operations: ['*'], apiGroups: ['admissionregistration.k8s.io'], apiVersions: ['*'], resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'] }];
    await register('validating', 'block', [webhook('/always-deny', { rules })]);
    await register('mutating', 'change', [webhook('/add-label', { rules })]);
    for (const sort of ['validating', 'mutating'] as const) {
      const dummy = await register(sort, 'dummy', [webhook('/never', { rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['invalid'] }], failurePolicy: 'Ignore' })]);
      expect(dummy.metadata.labels).toBeUndefined();
      await caller.ok('DELETE', pathOf(sort, 'dummy'));
    }
  });

  test('should mutate custom resource', async () => {
    const made = await makeDefinition(caller, {});
    const rules = [{ operations: ['CREATE', 'UPDATE'], apiGroups: [made.group], apiVersions: ['v1'], resources: [made.plural] }];
    await register('mutating', 'custom', [webhook('/mutating-custom-resource', { name: 'mutate-custom-resource-data-stage-1.k8s.io', rules }), webhook('/mutating-custom-resource', { name: 'mutate-custom-resource-data-stage-2.k8s.io', rules })]);
    const { data } = await caller.ok('POST', made.at('v1'), { apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name: 'cr-instance-1' }, data: START });
    expect(data).toEqual({ ...START, 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
    await made.remove();
  });

  test('should deny crd creation', async () => {
    await register('validating', 'crd', [webhook('/crd', { rules: [{ operations: ['CREATE'], apiGroups: ['apiextensions.k8s.io'], apiVersions: ['*'], resources: ['customresourcedefinitions'] }] })]);
    const version = defined('v1');
    const message = await refused('POST', DEFINITIONS, { metadata: { name: 'tests.denied.example.com', labels: DISALLOWED }, spec: { group: 'denied.example.com', scope: 'Cluster', names: { plural: 'tests', singular: 'test', kind: 'Test' }, versions: [version] } });
    expect(message).toMatch(/the crd contains unwanted label/);
  });

  test('should mutate custom resource with different stored version', async () => {
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const made = await makeDefinition(caller, { versions: [defined('v1', schema), defined('v2', schema, { storage: false })] });
    const rules = [{ operations: ['CREATE', 'UPDATE'], apiGroups: [made.group], apiVersions: ['*'], resources: [made.plural] }];
    await register('mutating', 'custom', [webhook('/mutating-custom-resource', { rules })]);
    await caller.ok('POST', made.at('v1'), { apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name: 'cr-instance-1' }, data: START });
    await caller.ok('PATCH', made.path, { spec: { versions: [defined('v1', schema, { storage: false }), defined('v2', schema)] } }, MERGE);
    await until('v2 is stored', async () => ((await caller.ok('GET', made.path)).status.storedVersions as string[]).includes('v2'));
    const { data } = await caller.ok('PATCH', made.at('v1', 'cr-instance-1'), { data: { 'dummy-patch': 'foo' } }, MERGE);
    expect(data).toMatchObject({ ...START, 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes', 'dummy-patch': 'foo' });
    await made.remove();
  });

  test('should mutate custom resource with pruning', async () => {
    const properties = { 'mutation-start': { type: 'string' }, 'mutation-stage-1': { type: 'string' } };
    const made = await makeDefinition(caller, { versions: [defined('v1', { type: 'object', properties: { data: { type: 'object', properties } } })] });
    const rules = [{ operations: ['CREATE', 'UPDATE'], apiGroups: [made.group], apiVersions: ['v1'], resources: [made.plural] }];
    await register('mutating', 'custom', [webhook('/mutating-custom-resource', { name: 'a-stage-1.k8s.io', rules }), webhook('/mutating-custom-resource', { name: 'b-stage-2.k8s.io', rules })]);
    const { data } = await caller.ok('POST', made.at('v1'), { apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name: 'cr-instance-1' }, data: START });
    expect(data).toEqual({ ...START, 'mutation-stage-1': 'yes' });
    await made.remove();
  });

  test('should honor timeout', async () => {
    const slow = (more: object) => register('validating', 'slow', [webhook('/always-allow-delay', more)]);
    const make = (name: string) => caller.request('POST', CONFIG_MAPS, { metadata: { name } });
    const drop = () => caller.ok('DELETE', pathOf('validating', 'slow'));
    await slow({ timeoutSeconds: 1, failurePolicy: 'Fail' });
    const { status, json } = await make('e2e-timeout-1');
    expect([status, json.message]).toEqual([500, expect.stringMatching(/\?timeout=1s": context deadline exceeded/)]);
    await drop();
    await slow({ timeoutSeconds: 1, failurePolicy: 'Ignore' });
    expect((await make('e2e-timeout-2')).status).toBe(201);
    await drop();
    await slow({ timeoutSeconds: 30, failurePolicy: 'Fail' });
    expect((await make('e2e-timeout-3')).status).toBe(201);
    await drop();
    // Ten seconds unless it says otherwise.
    expect((await slow({ failurePolicy: 'Fail', timeoutSeconds: undefined })).webhooks[0].timeoutSeconds).toBe(10);
    expect((await make('e2e-timeout-4')).status).toBe(201);
  });

  test('patching/updating a validating webhook should work', async () => {
    const configuration = await register('validating', 'one', [webhook('/configmaps')]);
    const make = async (): Promise<number> => (await caller.request('POST', CONFIG_MAPS, { metadata: { generateName: 'e2e-' }, data: DISALLOWED })).status;
    expect(await make()).toBe(400);
    configuration.webhooks[0].rules[0].operations = ['UPDATE'];
    await caller.ok('PUT', pathOf('validating', 'one'), configuration);
    await until('it is not asked', async () => (await make()) === 201);
    await caller.ok('PATCH', pathOf('validating', 'one'), [{ op: 'replace', path: '/webhooks/0/rules/0/operations/0', value: 'CREATE' }], { 'content-type': 'application/json-patch+json' });
    await until('it is asked', async () => (await make()) === 400);
  });

  test('patching/updating a mutating webhook should work', async () => {
    const configuration = await register('mutating', 'one', [webhook('/mutating-configmaps')]);
    const make = async (): Promise<unknown> => (await caller.ok('POST', CONFIG_MAPS, { metadata: { generateName: 'e2e-' }, data: START })).data['mutation-stage-1'];
    expect(await make()).toBe('yes');
    configuration.webhooks[0].rules[0].operations = ['UPDATE'];
    await caller.ok('PUT', pathOf('mutating', 'one'), configuration);
    await until('it is not asked', async () => (await make()) === undefined);
    await caller.ok('PATCH', pathOf('mutating', 'one'), [{ op: 'replace', path: '/webhooks/0/rules/0/operations/0', value: 'CREATE' }], { 'content-type': 'application/json-patch+json' });
    await until('it is asked', async () => (await make()) === 'yes');
  });

  test('listing validating webhooks should work', async () => {
    for (let index = 0; index < 10; index += 1) await register('validating', `listed-${index}`, [webhook('/configmaps')], { 'e2e-list-test-uuid': 'v' });
    const selected = `${pathOf('validating')}?labelSelector=e2e-list-test-uuid%3Dv`;
    expect(namesOf(await caller.ok('GET', selected))).toHaveLength(10);
    expect(await refused('POST', CONFIG_MAPS, { metadata: { name: 'listed' }, data: DISALLOWED })).toMatch(/unwanted/);
    await caller.ok('DELETE', selected);
    await until('none is asked', async () => (await caller.request('POST', CONFIG_MAPS, { metadata: { generateName: 'listed-' }, data: DISALLOWED })).status === 201);
  });

  test('listing mutating webhooks should work', async () => {
    for (let index = 0; index < 10; index += 1) await register('mutating', `listed-${index}`, [webhook('/mutating-configmaps')], { 'e2e-list-test-uuid': 'm' });
    const selected = `${pathOf('mutating')}?labelSelector=e2e-list-test-uuid%3Dm`;
    expect(namesOf(await caller.ok('GET', selected))).toHaveLength(10);
    expect((await caller.ok('POST', CONFIG_MAPS, { metadata: { name: 'listed' }, data: START })).data['mutation-stage-2']).toBe('yes');
    await caller.ok('DELETE', selected);
    await until('none is asked', async () => (await caller.ok('POST', CONFIG_MAPS, { metadata: { generateName: 'listed-' }, data: START })).data['mutation-stage-1'] === undefined);
  });

  const CONDITION = { name: 'expression-1', expression: "object.metadata.namespace == 'production'" };
  test.each([
    ['should be able to create and update validating webhook configurations with match conditions', 'validating'],
    ['should be able to create and update mutating webhook configurations with match conditions', 'mutating'],
  ] as const)('%s', async (_, sort) => {
    const configuration = await register(sort, 'conditions', [webhook('/configmaps', { matchConditions: [CONDITION] })]);
    expect(configuration.webhooks[0].matchConditions).toEqual([CONDITION]);
    const updated = [{ name: 'expression-1', expression: "object.metadata.namespace == 'production'" }, { name: 'expression-2', expression: "object.metadata.namespace == 'staging'" }];
    configuration.webhooks[0].matchConditions = updated;
    await caller.ok('PUT', pathOf(sort, 'conditions'), configuration);
    expect((await caller.ok('GET', pathOf(sort, 'conditions'))).webhooks[0].matchConditions).toEqual(updated);
  });

  test.each([
    ['should reject validating webhook configurations with invalid match conditions', 'validating'],
    ['should reject mutating webhook configurations with invalid match conditions', 'mutating'],
  ] as const)('%s', async (_, sort) => {
    const invalid = [{ name: 'invalid-expression-1', expression: "... [] bad expression" }];
    expect(await refused('POST', pathOf(sort), { metadata: { name: 'invalid' }, webhooks: [webhook('/configmaps', { matchConditions: invalid })] })).toMatch(/compilation failed/);
  });

  test("should mutate everything except 'skip-me' configmaps", async () => {
    await register('mutating', 'skip', [webhook('/mutating-configmaps', { matchConditions: [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }] })]);
    for (const name of ['skip-me', 'to-be-mutated']) await caller.ok('POST', CONFIG_MAPS, { metadata: { name }, data: START });
    expect([await dataOf('skip-me'), await dataOf('to-be-mutated')]).toEqual([START, { ...START, 'mutation-stage-1': 'yes' }]);
  });
});

import { startWholeServer, type WholeServer } from '../rig/wholeServer.ts';
import type { Answer } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const RULE = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] };

let api: WholeServer;
let made: string[] = [];

beforeAll(async () => {
  api = await startWholeServer();
});

afterAll(() => api.close());

afterEach(async () => {
  // Policies first: they would judge the deletion of the others.
  await remove(made.filter((path) => path.startsWith(GROUP)));
  await remove(made.filter((path) => !path.startsWith(GROUP)));
  made = [];
});

async function remove(paths: readonly string[]): Promise<void> {
  for (const path of paths) expect([200, 404]).toContain((await api.admin('DELETE', path)).status);
  if (paths.length > 0) await caughtUp();
}

/** What was written counts when the server's memory has it, which a list waits for. */
const caughtUp = (): Promise<Answer> => api.admin('GET', CONFIG_MAPS);

async function make(path: string, name: string, more: object): Promise<void> {
  const answer = await api.admin('POST', path, { metadata: { name }, ...more });
  expect([answer.status, answer.json.message]).toEqual([201, undefined]);
  made.push(`${path}/${name}`);
  // A read after the write waits for the server's memory: it is in force when this resolves.
  await api.admin('GET', `${path}/${name}`);
}

/** Puts a policy for ConfigMaps in force, by a binding of the same name that denies. */
async function enforce(name: string, spec: object, binding: object = {}): Promise<void> {
  await make(`${GROUP}/validatingadmissionpolicies`, name, { spec: { matchConstraints: { resourceRules: [RULE] }, ...spec } });
  await make(`${GROUP}/validatingadmissionpolicybindings`, name, { spec: { policyName: name, validationActions: ['Deny'], ...binding } });
}

const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}): object => ({ metadata: { name, ...metadata }, data });

async function create(name: string, data: Record<string, string> = {}, metadata: object = {}): Promise<Answer> {
  const answer = await api.admin('POST', CONFIG_MAPS, configMap(name, data, metadata));
  if (answer.status === 201) made.push(`${CONFIG_MAPS}/${name}`);
  return answer;
}

const outcome = ({ status, json }: Answer): readonly unknown[] => [status, json.reason, json.message];

describe('a ValidatingAdmissionPolicy', () => {
  it('refuses what its expressions do not allow, in its own words or in theirs', async () => {
    await enforce('sizes', {
      matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE', 'UPDATE'] }] },
      validations: [{ expression: 'object.spec.replicas <= 5' }, { expression: "object.spec.replicas != 3", message: ' three is unlucky ', reason: 'Forbidden' }, { expression: 'object.spec.replicas != 4', messageExpression: "'not ' + string(object.spec.replicas)", reason: 'RequestEntityTooLarge' }],
    });
    const deployment = (replicas: number): object => ({ metadata: { name: 'x' }, spec: { replicas, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
    const refused = await api.admin('POST', DEPLOYMENTS, deployment(6));
    const text = "ValidatingAdmissionPolicy 'sizes' with binding 'sizes' denied request: failed expression: object.spec.replicas <= 5";
    expect(outcome(refused)).toEqual([422, 'Invalid', `deployments.apps "x" is forbidden: ${text}`]);
    expect(refused.json.details).toEqual({ name: 'x', group: 'apps', kind: 'deployments', causes: [{ message: text }] });
    expect(outcome(await api.admin('POST', DEPLOYMENTS, deployment(3)))).toEqual([403, 'Forbidden', expect.stringContaining('denied request: three is unlucky')]);
    expect(outcome(await api.admin('POST', DEPLOYMENTS, deployment(4)))).toEqual([413, 'RequestEntityTooLarge', expect.stringContaining('denied request: not 4')]);
    expect((await api.admin('POST', DEPLOYMENTS, deployment(5))).status).toBe(201);
    made.push(`${DEPLOYMENTS}/x`);
    expect((await api.admin('PATCH', `${DEPLOYMENTS}/x`, { spec: { replicas: 9 } }, { 'content-type': 'application/merge-patch+json' })).status).toBe(422);
  });

  it('is asked where its rules, its binding and its conditions say so', async () => {
    await enforce(
      'where',
      {
        matchConstraints: { resourceRules: [{ ...RULE, operations: ['CREATE'] }], excludeResourceRules: [{ ...RULE, resourceNames: ['spared'] }], namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } },
        matchConditions: [{ name: 'not-me', expression: "!('skip' in object.data)" }],
        validations: [{ expression: 'false', message: 'never' }],
      },
      { matchResources: { objectSelector: { matchLabels: { judged: 'yes' } } } },
    );
    const labels = { labels: { judged: 'yes' } };
    expect((await create('judged', { a: 'b' }, labels)).status).toBe(422);
    expect((await create('spared', { a: 'b' }, labels)).status).toBe(201);
    expect((await create('unlabelled', { a: 'b' })).status).toBe(201);
    expect((await create('skipped', { skip: 'b' }, labels)).status).toBe(201);
    const elsewhere = await api.admin('POST', '/api/v1/namespaces/kube-system/configmaps', configMap('judged', { a: 'b' }, labels));
    expect(elsewhere.status).toBe(201);
    made.push('/api/v1/namespaces/kube-system/configmaps/judged');
  });

  it('knows the request, the namespace, what the user may do, and its own variables', async () => {
    await enforce('knows', {
      variables: [{ name: 'prefix', expression: "'of-' + request.namespace" }, { name: 'wanted', expression: "variables.prefix + '-' + request.userInfo.username" }],
      validations: [
        { expression: "request.operation != 'CREATE' || object.data.who == variables.wanted", messageExpression: "'wants ' + variables.wanted" },
        { expression: "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default'" },
        { expression: "authorizer.requestResource.check('delete').allowed() && authorizer.group('apps').resource('deployments').namespace('default').check('create').allowed()" },
        { expression: "request.operation != 'DELETE' || (object == null && oldObject.data.who != 'kept')", message: 'is kept' },
      ],
    });
    expect((await create('a', { x: 'y' })).json.message).toContain("denied request: expression 'request.operation != 'CREATE' || object.data.who == variables.wanted' resulted in error: no such key: who");
    expect((await create('a', { who: 'x' })).json.message).toContain('denied request: wants of-default-admin');
    expect((await create('a', { who: 'of-default-admin' })).status).toBe(201);
    await api.admin('PATCH', `${CONFIG_MAPS}/a`, { data: { who: 'kept' } }, { 'content-type': 'application/merge-patch+json' });
    expect((await api.admin('DELETE', `${CONFIG_MAPS}/a`)).json.message).toContain('denied request: is kept');
  });

  it('warns where its binding says so', async () => {
    await enforce('warns', { validations: [{ expression: "!('bad' in object.data)", message: 'this is bad' }] }, { validationActions: ['Warn', 'Audit'] });
    const warned = await create('warned', { bad: '1' });
    expect([warned.status, warned.headers['warning']]).toEqual([201, '299 - "Validation failed for ValidatingAdmissionPolicy \'warns\' with binding \'warns\': this is bad"']);
  });

  it('fails open only if it is told to', async () => {
    await enforce('open', { failurePolicy: 'Ignore', validations: [{ expression: "object.data.missing == 'x'" }] });
    expect((await create('open', { a: '1' })).status).toBe(201);
    await enforce('closed', { matchConditions: [{ name: 'c', expression: "object.data.missing == 'x'" }], validations: [{ expression: 'true' }] });
    expect((await create('closed', { a: '1' })).json.message).toContain("ValidatingAdmissionPolicy 'closed' with binding 'closed' denied request: expression 'object.data.missing == 'x'' resulted in error: no such key: missing");
  });

  it('stops when its expressions cost too much', async () => {
    const digits = '[0,1,2,3,4,5,6,7,8,9]';
    const long = `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, ${digits}.all(e, ${digits}.all(f, a + b + c + d + e + f >= 0))))))`;
    await enforce('dear', { validations: [{ expression: long }] });
    expect((await create('dear')).json.message).toContain('resulted in error: operation cancelled: actual cost limit exceeded');
  });

  it('judges subresources and connections that its rules name', async () => {
    const rules = [
      { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'], operations: ['UPDATE'] },
      { apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec'], operations: ['CONNECT'] },
    ];
    await enforce('below', { matchConstraints: { resourceRules: rules }, validations: [{ expression: "request.subResource == 'scale' ? object.spec.replicas <= 5 : object.command[0] != 'sh'", messageExpression: "request.kind.kind + ' by ' + request.operation" }] });
    await make(DEPLOYMENTS, 'scaled', { spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
    const scale = (replicas: number): Promise<Answer> => api.admin('PATCH', `${DEPLOYMENTS}/scaled/scale`, { spec: { replicas } }, { 'content-type': 'application/merge-patch+json' });
    expect(outcome(await scale(6))).toEqual([422, 'Invalid', `deployments.apps "scaled" is forbidden: ValidatingAdmissionPolicy 'below' with binding 'below' denied request: Scale by UPDATE`]);
    expect((await scale(5)).json.spec.replicas).toBe(5);
    expect(outcome(await api.admin('POST', '/api/v1/namespaces/default/pods/x/exec?command=sh'))).toEqual([422, 'Invalid', `pods "x" is forbidden: ValidatingAdmissionPolicy 'below' with binding 'below' denied request: PodExecOptions by CONNECT`]);
    expect((await api.admin('POST', '/api/v1/namespaces/default/pods/x/exec?command=ls')).json.message).toBe('pods "x" not found');
  });

  it('never judges what configures admission', async () => {
    await enforce('lockout', { matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'] }] }, validations: [{ expression: 'false' }] });
    expect((await create('no')).status).toBe(422);
    expect((await api.admin('PATCH', `${GROUP}/validatingadmissionpolicies/lockout`, { metadata: { labels: { a: 'b' } } }, { 'content-type': 'application/merge-patch+json' })).status).toBe(200);
    const review = await api.admin('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(review.status).toBe(201);
  });
});

describe('parameters', () => {
  const validations = [{ expression: 'object.data.n == params.data.n', messageExpression: "'wants ' + params.data.n" }];
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  const matchConstraints = { resourceRules: [{ ...RULE, operations: ['CREATE'] }] };
  const conditions = [{ name: 'not-params', expression: "!object.metadata.name.startsWith('params')" }];

  it('are found by name, in the namespace of the request or in another', async () => {
    await create('params-own', { n: '1' });
    await enforce('named', { paramKind, matchConstraints, matchConditions: conditions, validations }, { paramRef: { name: 'params-own', parameterNotFoundAction: 'Deny' } });
    expect((await create('two', { n: '2' })).json.message).toContain("'named' denied request: wants 1");
    expect((await create('one', { n: '1' })).status).toBe(201);
    await api.admin('PATCH', `${CONFIG_MAPS}/params-own`, { data: { n: '2' } }, { 'content-type': 'application/merge-patch+json' });
    await caughtUp();
    expect((await create('two', { n: '2' })).status).toBe(201);
  });

  it('are all asked where they are selected; none of them may be enough', async () => {
    await create('params-a', { n: '1' }, { labels: { p: 'x' } });
    await create('params-b', { n: '2' }, { labels: { p: 'x' } });
    const selector = { matchLabels: { p: 'x' } };
    await enforce('selected', { paramKind, matchConstraints, matchConditions: conditions, validations }, { paramRef: { selector, parameterNotFoundAction: 'Allow' } });
    expect((await create('three', { n: '3' })).json.message).toContain('denied request: wants 1');
    expect((await create('one', { n: '1' })).json.message).toContain('denied request: wants 2');
    for (const name of ['params-a', 'params-b']) await api.admin('DELETE', `${CONFIG_MAPS}/${name}`);
    await caughtUp();
    expect((await create('three', { n: '3' })).status).toBe(201);
  });

  it('that are missing refuse the request, or let it pass', async () => {
    await enforce('missing', { paramKind, validations }, { paramRef: { name: 'nothing', parameterNotFoundAction: 'Deny' } });
    expect((await create('x', { n: '1' })).json.message).toBe('configmaps "x" is forbidden: ValidatingAdmissionPolicy \'missing\' with binding \'missing\' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction');
  });

  it('may be custom resources, also those of the cluster', async () => {
    const definition = { spec: { group: 'rules.example.com', scope: 'Cluster', names: { plural: 'limits', singular: 'limit', kind: 'Limit' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { most: { type: 'integer' } } } } }] } };
    await enforce('custom', { paramKind: { apiVersion: 'rules.example.com/v1', kind: 'Limit' }, validations: [{ expression: 'size(object.data) <= params.most', messageExpression: "'at most ' + string(params.most)" }] }, { paramRef: { name: 'small', parameterNotFoundAction: 'Deny' } });
    expect((await create('x', { a: '1' })).json.message).toContain("ValidatingAdmissionPolicy 'custom' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.example.com/v1, Kind=Limit'");
    await make('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', 'limits.rules.example.com', definition);
    const limits = '/apis/rules.example.com/v1/limits';
    await eventually('limits are served', 60_000, async () => ((await api.admin('GET', limits)).status === 200 ? true : undefined));
    const limit = await api.admin('POST', limits, { apiVersion: 'rules.example.com/v1', kind: 'Limit', metadata: { name: 'small' }, most: 1 });
    expect(limit.status).toBe(201);
    await caughtUp();
    expect((await create('x', { a: '1', b: '2' })).json.message).toContain('denied request: at most 1');
    expect((await create('x', { a: '1' })).status).toBe(201);
  });
});

describe('a policy is refused', () => {
  const policy = (spec: object): Promise<Answer> => api.admin('POST', `${GROUP}/validatingadmissionpolicies?dryRun=All`, { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: [RULE] }, ...spec } });

  it('when its expressions do not compile', async () => {
    const answer = await policy({ validations: [{ expression: 'object.a ==' }] });
    expect(answer.status).toBe(422);
    expect(answer.json.message).toContain('spec.validations[0].expression: Invalid value: "object.a ==": compilation failed: ERROR: <input>:1:12: Syntax error: mismatched input \'<EOF>\'');
    expect((await policy({ validations: [{ expression: '1 + 1' }] })).json.message).toBe('ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: spec.validations[0].expression: Invalid value: "1 + 1": must evaluate to bool but got int');
    expect((await policy({ validations: [{ expression: 'params.x == 1' }] })).json.message).toContain("undeclared reference to 'params' (in container '')");
    expect((await policy({ variables: [{ name: 'a', expression: '1' }], validations: [{ expression: 'variables.b == 1' }] })).json.message).toContain("undefined field 'b'");
    expect((await policy({ auditAnnotations: [{ key: 'k', valueExpression: '1' }] })).json.message).toContain('spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int');
  });

  it('when it has nothing to say, and bindings that say nothing', async () => {
    expect((await policy({})).json.message).toContain('spec.validations: Required value: validations or auditAnnotations must contain at least one item');
    const binding = await api.admin('POST', `${GROUP}/validatingadmissionpolicybindings`, { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny', 'Warn'], paramRef: {} } });
    expect(binding.json.details.causes.map(({ field, message }: { field: string; message: string }) => `${field}: ${message}`)).toEqual([
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
      expect.stringContaining('spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn'),
    ]);
  });
});

describe('a MutatingAdmissionPolicy', () => {
  const apply = (expression: string): object => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
  const patch = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
  const POD_RULE = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] };

  async function change(name: string, spec: object, binding: object = {}): Promise<void> {
    await make(`${GROUP}/mutatingadmissionpolicies`, name, { spec: { matchConstraints: { resourceRules: [{ ...RULE, operations: ['CREATE', 'UPDATE'] }] }, reinvocationPolicy: 'Never', ...spec } });
    await make(`${GROUP}/mutatingadmissionpolicybindings`, name, { spec: { policyName: name, ...binding } });
  }

  it('merges what it says into the object, as an apply does', async () => {
    await change('sidecar', {
      matchConstraints: { resourceRules: [POD_RULE] },
      variables: [{ name: 'image', expression: "object.spec.containers[0].image + '-mesh'" }],
      mutations: [apply("Object{metadata: Object.metadata{labels: {'mesh': 'on'}}, spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'mesh', image: variables.image, restartPolicy: 'Always'}], containers: [Object.spec.containers{name: 'c', env: [Object.spec.containers.env{name: 'MESH', value: '1'}]}]}}")],
    });
    await make('/api/v1/namespaces/default/serviceaccounts', 'default', {});
    const answer = await api.admin('POST', '/api/v1/namespaces/default/pods?dryRun=All', { metadata: { name: 'x', labels: { app: 'x' } }, spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: '0' }] }] } });
    expect([answer.status, answer.json.message]).toEqual([201, undefined]);
    expect(answer.json).toMatchObject({ metadata: { labels: { app: 'x', mesh: 'on' } }, spec: { initContainers: [{ name: 'mesh', image: 'i-mesh', restartPolicy: 'Always', terminationMessagePath: '/dev/termination-log' }], containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: '0' }, { name: 'MESH', value: '1' }] }] } });
  });

  it('patches the object', async () => {
    await change('patched', { mutations: [patch("[JSONPatch{op: 'test', path: '/data/a', value: '1'}, JSONPatch{op: 'add', path: '/metadata/annotations', value: {'x/y': 'z'}}, JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('a/b'), value: string(size(object.data))}]")] });
    expect((await create('one', { a: '1' })).json.metadata.annotations).toEqual({ 'x/y': 'z', 'a/b': '1' });
    expect((await create('two', { a: '2' })).json.metadata.annotations).toBeUndefined();
  });

  it('cannot take an object out of its namespace, nor keep its metadata', async () => {
    const moved = { mutations: [patch("[JSONPatch{op: 'remove', path: '/metadata'}]"), apply('Object{metadata: Object.metadata{name: "moved"}}')] };
    await change('mover', moved);
    expect((await create('moved')).json.metadata).toMatchObject({ name: 'moved', namespace: 'default', uid: expect.any(String) as string });
    expect((await api.admin('PUT', `${CONFIG_MAPS}/moved`, configMap('moved', { a: '1' }))).json).toMatchObject({ metadata: { namespace: 'default' }, data: { a: '1' } });
  });

  it('runs again, where it asks for it, after others changed the object', async () => {
    const count = "JSONPatch{op: 'add', path: '/data/count', value: string(int(object.data.count) + 1)}";
    await change('a-again', { reinvocationPolicy: 'IfNeeded', mutations: [patch(`[${count}]`)] });
    await change('b-once', { mutations: [patch(`'seen' in object.data ? [${count}] : [${count}, JSONPatch{op: 'add', path: '/data/seen', value: 'yes'}]`)] });
    expect((await create('c', { count: '0' })).json.data).toEqual({ count: '3', seen: 'yes' });
  });

  it('runs again with each of its parameters', async () => {
    const add = "Object{data: {?'count': optional.of(string(int(object.data[?'count'].orValue('0')) + 1))}}";
    const parameters = (labels: object) => ({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConditions: [{ name: 'c', expression: "object.metadata.name == 'many'" }], mutations: [apply('Object{data: params.data}'), apply(add)], ...labels });
    for (const [name, mark] of [['p1', 'first'], ['p2', 'second'], ['p3', 'third']] as const) await create(name, { [mark]: 'yes' }, name === 'p3' ? {} : { labels: { several: 'yes' } });
    await change('a-several', parameters({ reinvocationPolicy: 'IfNeeded' }), { paramRef: { selector: { matchLabels: { several: 'yes' } }, parameterNotFoundAction: 'Allow' } });
    await change('b-one', parameters({}), { paramRef: { name: 'p3', parameterNotFoundAction: 'Allow' } });
    expect((await create('many', { count: '0' })).json.data).toEqual({ count: '5', first: 'yes', second: 'yes', third: 'yes' });
  });

  it('takes parameters, and is judged by what its validating kin says', async () => {
    await create('params', { colour: 'red' });
    await change('painted', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConditions: [{ name: 'c', expression: "object.metadata.name != 'params'" }], mutations: [apply('Object{data: {"colour": params.data.colour}}')] }, { paramRef: { name: 'params', parameterNotFoundAction: 'Deny' } });
    expect((await create('x', { a: '1' })).json.data).toEqual({ a: '1', colour: 'red' });
    await enforce('no-red', { validations: [{ expression: "object == null || object.data.colour != 'red'" }] });
    expect((await create('y', { a: '1' })).json.message).toContain("denied request: failed expression: object == null || object.data.colour != 'red'");
  });

  it('refuses what it cannot change, unless it is to be ignored then', async () => {
    await change('atomic', { matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE'] }] }, mutations: [apply("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'x': 'y'}}}}")] });
    const deployment = { metadata: { name: 'x' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } };
    expect(outcome(await api.admin('POST', DEPLOYMENTS, deployment))).toEqual([403, 'Invalid', "policy 'atomic' with binding 'atomic' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector"]);
    await change('wrong', { mutations: [apply("Object{data: Object.wrong{a: '1'}}")] });
    expect((await create('x')).json.message).toBe(`policy 'wrong' with binding 'wrong' denied request: type mismatch: unexpected type name "Object.wrong", expected "Object.data", which matches field name path from root Object type`);
    await api.admin('PATCH', `${GROUP}/mutatingadmissionpolicies/wrong`, { spec: { failurePolicy: 'Ignore' } }, { 'content-type': 'application/merge-patch+json' });
    await caughtUp();
    expect((await create('x')).status).toBe(201);
  });

  it('is refused when its expressions do not compile', async () => {
    const answer = await api.admin('POST', `${GROUP}/mutatingadmissionpolicies`, { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: [RULE] }, mutations: [patch("Object{}"), apply('1'), { patchType: 'JSONPatch' }] } });
    expect(answer.json.details.causes.map(({ field, message }: { field: string; message: string }) => `${field}: ${message}`)).toEqual([
      'spec.mutations[0].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
      'spec.mutations[1].applyConfiguration.expression: Invalid value: "1": must evaluate to Object but got int',
      'spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.reinvocationPolicy: Required value',
    ]);
  });
});

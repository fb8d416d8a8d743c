import { allow, deny, patchOf, startWebhookServer, type Review, type WebhookServer } from '../rig/webhookServer.ts';
import { startWholeServer, type WholeServer } from '../rig/wholeServer.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const POD_RULE = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] };
const CONFIG_MAP_RULE = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] };

let api: WholeServer;
let hooks: WebhookServer;
let made: string[] = [];

beforeAll(async () => {
  hooks = await startWebhookServer(['checker.default.svc']);
  api = await startWholeServer();
});

afterAll(async () => {
  await api.close();
  await hooks.close();
});

afterEach(async () => {
  for (const path of made) await remove(path);
  made = [];
});

/** Puts a configuration of one webhook in force; it is when this resolves, since a read after the write waits for the server's memory. */
async function configure(sort: 'mutating' | 'validating', name: string, webhook: object): Promise<void> {
  const kind = sort === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
  const path = `${CONFIGURATIONS}/${sort}webhookconfigurations`;
  // As long as there is: on a busy machine an answer may take its time.
  const whole = { name: `${name}.example.com`, timeoutSeconds: 30, admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { url: hooks.url(`/${name}`), caBundle: hooks.caBundle }, rules: [CONFIG_MAP_RULE], ...webhook };
  const answer = await api.admin('POST', path, { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks: [whole] });
  expect([answer.status, answer.json.message]).toEqual([201, undefined]);
  made.push(`${path}/${name}`);
  await api.admin('GET', `${path}/${name}`);
}

/** Takes a configuration away; it counts no longer when this resolves. */
async function remove(path: string): Promise<void> {
  expect((await api.admin('DELETE', path)).status).toBe(200);
  await api.admin('GET', CONFIG_MAPS);
}

const configMap = (name: string, more: object = {}): object => ({ metadata: { name, ...more }, data: { a: '1' } });
const seenOf = (path: string, name: string): Review[] => hooks.seen(path).filter(({ request }) => request.name === name);

describe('a validating webhook', () => {
  it('is told everything of a request, and its refusal is the answer', async () => {
    hooks.on('/tell', (review: Review) => (review.request.name === 'no' ? deny(review, { message: 'not today', code: 403, reason: 'Forbidden' }) : allow(review, { warnings: ['mind the gap'] })));
    await configure('validating', 'tell', {});
    const refused = await api.admin('POST', `${CONFIG_MAPS}?fieldManager=me&fieldValidation=Strict`, configMap('no'));
    expect(refused.status).toBe(403);
    expect(refused.json).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'admission webhook "tell.example.com" denied the request: not today' });
    const [{ apiVersion, kind, request }] = seenOf('/tell', 'no');
    expect([apiVersion, kind, hooks.lastQuery()]).toEqual(['admission.k8s.io/v1', 'AdmissionReview', 'timeout=30s']);
    expect(request).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'no',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me', fieldValidation: 'Strict' },
    });
    expect(request.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'no', namespace: 'default', uid: expect.any(String), managedFields: [{ manager: 'me' }] }, data: { a: '1' } });
    const passed = await api.admin('POST', CONFIG_MAPS, configMap('yes'));
    expect([passed.status, passed.headers['warning']]).toEqual([201, '299 - "mind the gap"']);
    await api.admin('PATCH', `${CONFIG_MAPS}/yes`, { data: { a: '2' } }, { 'content-type': 'application/merge-patch+json' });
    const [, update] = seenOf('/tell', 'yes');
    expect(update.request).toMatchObject({ operation: 'UPDATE', object: { data: { a: '2' } }, oldObject: { data: { a: '1' } }, options: { kind: 'UpdateOptions' } });
    await api.admin('DELETE', `${CONFIG_MAPS}/yes?gracePeriodSeconds=3`);
    // It may have been asked about what memory had of the object, too.
    expect(seenOf('/tell', 'yes').at(-1).request).toMatchObject({ operation: 'DELETE', object: null, oldObject: { data: { a: '2' } }, options: { kind: 'DeleteOptions', gracePeriodSeconds: 3 } });
  });

  it('is asked only where rules and selectors say so', async () => {
    hooks.on('/choose', (review: Review) => deny(review));
    await configure('validating', 'choose', { rules: [{ ...CONFIG_MAP_RULE, operations: ['CREATE'] }], objectSelector: { matchLabels: { tier: 'x' } }, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } });
    const denied = await api.admin('POST', CONFIG_MAPS, configMap('c', { labels: { tier: 'x' } }));
    expect([denied.status, denied.json.reason, denied.json.message]).toEqual([400, undefined, 'admission webhook "choose.example.com" denied the request without explanation']);
    expect((await api.admin('POST', CONFIG_MAPS, configMap('c'))).status).toBe(201);
    expect((await api.admin('POST', '/api/v1/namespaces/kube-system/configmaps', configMap('c', { labels: { tier: 'x' } }))).status).toBe(201);
    expect((await api.admin('PUT', `${CONFIG_MAPS}/c`, configMap('c', { labels: { tier: 'x' } }))).status).toBe(200);
    await api.admin('DELETE', `${CONFIG_MAPS}/c`);
  });

  it('is asked for each object of a deleted collection, for evictions, scales, tokens and what is connected to', async () => {
    hooks.on('/all', (review: Review) => (review.request.operation === 'CONNECT' ? deny(review, { message: 'no shells' }) : allow(review)));
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['pods/*', 'configmaps', 'deployments/scale', 'serviceaccounts/token'], operations: ['*'] }];
    const deployment = { metadata: { name: 'd' }, spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } };
    const pods = '/api/v1/namespaces/default/pods';
    await api.admin('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    await api.admin('POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
    expect((await api.admin('POST', pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } })).status).toBe(201);
    for (const name of ['m', 'n']) await api.admin('POST', CONFIG_MAPS, configMap(name, { labels: { set: 'y' } }));
    // The server writes objects of its own now and then, in other namespaces.
    await configure('validating', 'all', { rules, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } });
    const exec = await api.admin('POST', `${pods}/p/exec?command=ls&stdout=true&container=c`);
    expect([exec.status, exec.json.message]).toEqual([400, 'admission webhook "all.example.com" denied the request: no shells']);
    await api.admin('DELETE', `${CONFIG_MAPS}?labelSelector=set%3Dy`);
    await api.admin('PATCH', '/apis/apps/v1/namespaces/default/deployments/d/scale', { spec: { replicas: 1 } }, { 'content-type': 'application/merge-patch+json' });
    await api.admin('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { spec: {} });
    await api.admin('POST', `${pods}/p/eviction`, { metadata: { name: 'p' } });
    const told = hooks.seen('/all').map(({ request }) => `${request.operation} ${request.resource.resource}/${request.subResource ?? ''} ${request.name ?? `(${request.oldObject.metadata.name})`} ${request.kind.kind} ${request.object?.kind ?? '-'} ${request.oldObject?.kind ?? '-'}`);
    expect(told.toSorted()).toEqual([
      'CONNECT pods/exec p PodExecOptions PodExecOptions -',
      'CREATE pods/eviction p Eviction Eviction -',
      'CREATE serviceaccounts/token default TokenRequest TokenRequest -',
      'DELETE configmaps/ (m) ConfigMap - ConfigMap',
      'DELETE configmaps/ (n) ConfigMap - ConfigMap',
      'UPDATE deployments/scale d Scale Scale Scale',
    ]);
    expect(hooks.seen('/all')[0].request.object).toEqual({ kind: 'PodExecOptions', apiVersion: 'v1', command: ['ls'], stdout: true, container: 'c' });
    await api.admin('DELETE', '/apis/apps/v1/namespaces/default/deployments/d');
  });

  it('sees the version that it asks for', async () => {
    hooks.on('/older', (review: Review) => allow(review));
    await configure('validating', 'older', { rules: [{ apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'], operations: ['CREATE'] }] });
    const spec = { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] };
    expect((await api.admin('POST', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers', { metadata: { name: 'h' }, spec })).status).toBe(201);
    const [{ request }] = hooks.seen('/older');
    expect(request).toMatchObject({ kind: { version: 'v1' }, resource: { version: 'v1' }, requestKind: { version: 'v2' }, requestResource: { version: 'v2' }, object: { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 50 } } });
  });

  it('is asked only where its conditions hold', async () => {
    hooks.on('/conditions', (review: Review) => deny(review));
    const rules = [{ ...CONFIG_MAP_RULE, operations: ['CREATE', 'DELETE'] }];
    const matchConditions = [
      { name: 'about', expression: "request.operation == 'CREATE' && request.userInfo.username == 'admin' && oldObject == null && has(object.metadata.labels)" },
      { name: 'mayMutate', expression: "authorizer.group('').resource('nodes').check('delete').allowed() && authorizer.requestResource.check('create').allowed()" },
      { name: 'risky', expression: "object.data.risk == 'high'" },
    ];
    await configure('validating', 'conditions', { rules, matchConditions });
    const made = async (data: object, metadata: object = { labels: {} }): Promise<[number, string]> => {
      const { status, json } = await api.admin('POST', CONFIG_MAPS, { metadata: { name: 'if', ...metadata }, data });
      // A deletion is none of the conditions' business.
      if (status === 201) await api.admin('DELETE', `${CONFIG_MAPS}/if`);
      return [status, json.message];
    };
    expect((await made({ risk: 'low' }, { labels: { a: 'b' } }))[0]).toBe(201);
    expect((await made({ risk: 'high' }, {}))[0]).toBe(201);
    expect(await made({ risk: 'high' }, { labels: { a: 'b' } })).toEqual([400, 'admission webhook "conditions.example.com" denied the request without explanation']);
    expect(await made({ other: 'x' }, { labels: { a: 'b' } })).toEqual([403, `configmaps "if" is forbidden: expression 'object.data.risk == 'high'' resulted in error: no such key: risk`]);
    const webhooks = [{ name: 'x.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { url: hooks.url('/x') }, matchConditions: [{ name: 'a', expression: 'nonsense(' }, { name: 'b', expression: '1 + 1' }] }];
    const invalid = await api.admin('POST', `${CONFIGURATIONS}/validatingwebhookconfigurations`, { metadata: { name: 'x' }, webhooks });
    expect([invalid.status, invalid.json.details.causes.map(({ field }: Review) => field)]).toEqual([422, ['webhooks[0].matchConditions[0].expression', 'webhooks[0].matchConditions[1].expression']]);
    expect(invalid.json.details.causes[0].message).toMatch(/^Invalid value: "nonsense\(": compilation failed: ERROR: <input>:1:/);
    expect(invalid.json.details.causes[1].message).toBe('Invalid value: "1 + 1": must evaluate to bool but got int');
  });

  it('never judges what configures admission', async () => {
    hooks.on('/lock', (review: Review) => deny(review));
    await configure('validating', 'lock', { rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] }] });
    expect((await api.admin('POST', CONFIG_MAPS, configMap('locked'))).status).toBe(400);
    await remove(made.pop()!);
    expect((await api.admin('POST', CONFIG_MAPS, configMap('locked'))).status).toBe(201);
  });
});

describe('a mutating webhook', () => {
  it('changes objects, which are defaulted, pruned and validated again', async () => {
    hooks.on('/side', (review: Review) => allow(review, patchOf([{ op: 'add', path: '/spec/containers/-', value: { name: 'side', image: 'proxy', ports: [{ containerPort: 1 }], nonsense: 1 } }, { op: 'add', path: '/spec/containers/0/resources/limits', value: { cpu: '1' } }])));
    await configure('mutating', 'side', { rules: [POD_RULE] });
    const pod = await api.admin('POST', '/api/v1/namespaces/kube-system/pods', { metadata: { name: 'q' }, spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }] } });
    expect([pod.status, pod.json.message]).toEqual([403, expect.stringContaining('error looking up service account')]);
    const other = await api.admin('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'q' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    expect([other.status, other.json.message]).toEqual([201, undefined]);
    expect(other.json.spec.containers[0].resources).toEqual({ limits: { cpu: '1' }, requests: { cpu: '1' } });
    const [, side] = other.json.spec.containers;
    expect(side).toMatchObject({ name: 'side', ports: [{ containerPort: 1, protocol: 'TCP' }], imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log' });
    expect(side.nonsense).toBeUndefined();
    // Other plugins had their say about the new container, too: it can read the account's token.
    expect(side.volumeMounts).toEqual([{ name: expect.stringMatching(/^kube-api-access-/), readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }]);
    hooks.on('/side', (review: Review) => allow(review, patchOf([{ op: 'replace', path: '/spec/containers/0/name', value: 'NO' }])));
    const invalid = await api.admin('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'r' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    expect([invalid.status, invalid.json.reason]).toEqual([422, 'Invalid']);
  });

  it('is asked in the order of names, and again where it wants to be', async () => {
    const appended = (letter: string) => (review: Review) => allow(review, patchOf([{ op: 'replace', path: '/data/a', value: `${review.request.object.data.a}${letter}` }]));
    hooks.on('/a-first', appended('a'));
    hooks.on('/b-second', (review: Review) => (review.request.object.data.b ? allow(review) : allow(review, patchOf([{ op: 'add', path: '/data/b', value: 'b' }]))));
    await configure('mutating', 'b-second', {});
    await configure('mutating', 'a-first', { reinvocationPolicy: 'IfNeeded' });
    const answer = await api.admin('POST', CONFIG_MAPS, configMap('ordered'));
    expect(answer.json.data).toEqual({ a: '1aa', b: 'b' });
    expect([seenOf('/a-first', 'ordered').length, seenOf('/b-second', 'ordered').length]).toEqual([2, 1]);
  });

  it('may not change what is deleted', async () => {
    await api.admin('POST', CONFIG_MAPS, configMap('doomed'));
    hooks.on('/grave', (review: Review) => allow(review, patchOf([{ op: 'add', path: '/data', value: {} }])));
    await configure('mutating', 'grave', { rules: [{ ...CONFIG_MAP_RULE, operations: ['DELETE'] }] });
    const answer = await api.admin('DELETE', `${CONFIG_MAPS}/doomed`);
    expect([answer.status, answer.json.message]).toEqual([500, 'Internal error occurred: admission webhook "grave.example.com" attempted to modify the object, which is not supported for this operation']);
  });

  it('does not lose the owners of fields', async () => {
    hooks.on('/owners', (review: Review) => allow(review, patchOf([{ op: 'replace', path: '/metadata/managedFields', value: [{ manager: 'x' }] }])));
    await configure('mutating', 'owners', {});
    const answer = await api.admin('PATCH', `${CONFIG_MAPS}/owned?fieldManager=me`, { apiVersion: 'v1', kind: 'ConfigMap', ...configMap('owned') }, { 'content-type': 'application/apply-patch+yaml' });
    expect(answer.json.metadata.managedFields).toMatchObject([{ manager: 'me', operation: 'Apply' }]);
    expect(answer.headers['warning']).toContain('.metadata.managedFields was in an invalid state after admission');
  });
});

describe('a webhook that cannot be asked', () => {
  const message = async (name: string, webhook: object, query = ''): Promise<[number, string]> => {
    await configure('validating', name, webhook);
    const answer = await api.admin('POST', `${CONFIG_MAPS}${query}`, configMap(`c-${name}`));
    return [answer.status, answer.json.message];
  };
  const failed = (name: string, why: string): [number, string] => [500, `Internal error occurred: failed calling webhook "${name}.example.com": ${why}`];

  it('stops the request, in the words of Kubernetes', async () => {
    // Nobody listens there, and nobody is given that port by chance.
    const refused = 'https://127.0.0.1:1/x';
    expect(await message('refused', { clientConfig: { url: refused }, timeoutSeconds: undefined })).toEqual(failed('refused', `failed to call webhook: Post "${refused}?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused`));
    await remove(made.pop()!);
    // A webhook is told of no more time than the request has.
    const [status, brief] = await message('brief', { clientConfig: { url: refused } }, '?timeout=25s');
    const left = Number(/\?timeout=(\d+)s"/.exec(brief)?.[1]);
    expect([status, brief]).toEqual(failed('brief', `failed to call webhook: Post "${refused}?timeout=${left}s": dial tcp 127.0.0.1:1: connect: connection refused`));
    expect(left).toBeLessThanOrEqual(25);
    await remove(made.pop()!);
    expect(await message('unknown', { clientConfig: { url: hooks.url('/u') } })).toEqual(failed('unknown', `failed to call webhook: Post "${hooks.url('/u')}?timeout=30s": tls: failed to verify certificate: x509: certificate signed by unknown authority`));
    await remove(made.pop()!);
    hooks.on('/slow', () => new Promise(() => undefined));
    expect(await message('slow', { timeoutSeconds: 1 })).toEqual(failed('slow', `failed to call webhook: Post "${hooks.url('/slow')}?timeout=1s": context deadline exceeded`));
    await remove(made.pop()!);
    hooks.on('/broken', () => ({ status: 500, body: 'oh no\n' }));
    expect(await message('broken', {})).toEqual(failed('broken', 'failed to call webhook: an error on the server ("oh no") has prevented the request from succeeding'));
    await remove(made.pop()!);
    hooks.on('/other', (review: Review) => allow({ request: { ...review.request, uid: 'other' } }));
    expect((await message('other', {}))[1]).toMatch(/^Internal error occurred: failed calling webhook "other\.example\.com": received invalid webhook response: expected response\.uid="[0-9a-f-]{36}", got "other"$/);
    await remove(made.pop()!);
    expect(await message('nowhere', { clientConfig: { service: { name: 'nowhere', namespace: 'default', path: '/x' } } })).toEqual(failed('nowhere', 'failed to call webhook: Post "https://nowhere.default.svc:443/x?timeout=30s": service "nowhere" not found'));
  });

  it('is passed over where it is to be ignored', async () => {
    expect((await message('ignored', { failurePolicy: 'Ignore', clientConfig: { url: 'https://127.0.0.1:1/x' } }))[0]).toBe(201);
    expect((await api.admin('GET', '/metrics')).text).toContain('apiserver_admission_webhook_fail_open_count{name="ignored.example.com",type="validating"} 1');
  });

  it('is told of a dry run', async () => {
    hooks.on('/dry', (review: Review) => allow(review));
    const [status] = await message('dry', { sideEffects: 'NoneOnDryRun' }, '?dryRun=All');
    expect(status).toBe(201);
    expect(hooks.seen('/dry')[0].request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
  });
});

it('is reached by its Service, whose name its certificate bears, over connections that are kept', async () => {
  await api.admin('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'checker' }, spec: { type: 'ExternalName', externalName: 'localhost' } });
  hooks.on('/serve', (review: Review) => allow(review));
  await configure('validating', 'serve', { clientConfig: { service: { name: 'checker', namespace: 'default', path: '/serve', port: hooks.port }, caBundle: hooks.caBundle } });
  for (const name of ['s1', 's2', 's3']) expect((await api.admin('POST', CONFIG_MAPS, configMap(name))).json.message).toBeUndefined();
  const before = hooks.connections();
  for (const name of ['s4', 's5', 's6']) expect((await api.admin('POST', CONFIG_MAPS, configMap(name))).status).toBe(201);
  expect([seenOf('/serve', 's6').length, hooks.connections()]).toEqual([1, before]);
});

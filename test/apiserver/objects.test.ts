import type { TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
});
afterAll(() => api.close());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });
const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
});
const pod = (name: string, extra: object = {}, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...extra } });
const PODS = '/api/v1/namespaces/default/pods';

describe('create', () => {
  test('fills in metadata, and the object reads back the same', async () => {
    const created = await api.request('POST', CONFIG_MAPS, configMap('made', { a: '1' }));
    expect(created.status).toBe(201);
    expect(created.json.metadata).toMatchObject({ name: 'made', namespace: 'default', uid: expect.stringMatching(/^[0-9a-f-]{36}$/), resourceVersion: expect.stringMatching(/^\d+$/) });
    expect((await api.request('GET', `${CONFIG_MAPS}/made`)).json).toEqual(created.json);
    expect(created.headers).toMatchObject({ 'cache-control': 'no-cache, private', 'audit-id': expect.any(String) });
  });

  test('a name that is taken is a 409', async () => {
    await api.request('POST', CONFIG_MAPS, configMap('taken'));
    const again = await api.request('POST', CONFIG_MAPS, configMap('taken'));
    expect(again.json).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "taken" already exists', details: { name: 'taken', kind: 'configmaps' } });
  });

  test('generateName makes a name', async () => {
    const { json } = await api.request('POST', CONFIG_MAPS, { metadata: { generateName: 'gen-' } });
    expect(json.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('a dry run stores nothing', async () => {
    const { status, json } = await api.request('POST', `${CONFIG_MAPS}?dryRun=All`, configMap('dry'));
    expect([status, json.metadata.name]).toEqual([201, 'dry']);
    expect((await api.request('GET', `${CONFIG_MAPS}/dry`)).json.message).toBe('configmaps "dry" not found');
  });

  test.each([
    ['a bad name', configMap('Bad_Name'), 422, /^ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of/],
    ['no name', { metadata: {} }, 422, /^ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required$/],
    ['another namespace', configMap('x', {}, { namespace: 'other' }), 400, /^the namespace of the provided object does not match the namespace sent on the request$/],
    ['a resourceVersion', configMap('x', {}, { resourceVersion: '7' }), 500, /^resourceVersion should not be set on objects to be created$/],
    ['broken JSON', '{"metadata":', 400, /^the object provided is unrecognized/],
    ['an unknown finalizer', configMap('x', {}, { finalizers: ['mine'] }), 422, /metadata.finalizers\[0\]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified/],
  ])('%s is refused', async (_, body, code, message) => {
    expect((await api.request('POST', CONFIG_MAPS, body)).json).toMatchObject({ kind: 'Status', code, message: expect.stringMatching(message) });
  });

  test('unknown fields are warned of, or refused when strict', async () => {
    const body = { ...configMap('warned'), dtaa: {} };
    expect((await api.request('POST', CONFIG_MAPS, body)).headers['warning']).toBe('299 - "unknown field \\"dtaa\\""');
    expect((await api.request('POST', `${CONFIG_MAPS}?fieldValidation=Strict`, body)).json.message).toContain('strict decoding error: unknown field "dtaa"');
  });

  test('YAML bodies and answers', async () => {
    const { status, text } = await api.request('POST', CONFIG_MAPS, 'metadata:\n  name: yaml\ndata:\n  a: b\n', { 'content-type': 'application/yaml', accept: 'application/yaml' });
    expect([status, text]).toEqual([201, expect.stringContaining('name: yaml')]);
  });

  test('a body beyond 3 MiB is a 413', async () => {
    expect((await api.request('POST', CONFIG_MAPS, configMap('big', { a: 'x'.repeat(3_200_000) }))).json).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' });
  });
});

describe('update', () => {
  test('a stale resourceVersion is a conflict, none at all is not', async () => {
    const { json: first } = await api.request('POST', CONFIG_MAPS, configMap('upd', { a: '1' }));
    const { json: second } = await api.request('PUT', `${CONFIG_MAPS}/upd`, { ...first, data: { a: '2' } });
    expect(second.data).toEqual({ a: '2' });
    const stale = await api.request('PUT', `${CONFIG_MAPS}/upd`, { ...first, data: { a: '3' } });
    expect(stale.json).toMatchObject({ code: 409, message: 'Operation cannot be fulfilled on configmaps "upd": the object has been modified; please apply your changes to the latest version and try again' });
    expect((await api.request('PUT', `${CONFIG_MAPS}/upd`, configMap('upd', { a: '4' }))).json.metadata.uid).toBe(first.metadata.uid);
  });

  test('an update that changes nothing writes nothing', async () => {
    const { json } = await api.request('POST', CONFIG_MAPS, configMap('same', { a: '1' }));
    expect((await api.request('PUT', `${CONFIG_MAPS}/same`, json)).json.metadata.resourceVersion).toBe(json.metadata.resourceVersion);
  });

  test('names and uids stay', async () => {
    await api.request('POST', CONFIG_MAPS, configMap('fixed'));
    expect((await api.request('PUT', `${CONFIG_MAPS}/fixed`, configMap('other'))).json.message).toBe('the name of the object (other) does not match the name on the URL (fixed)');
    expect((await api.request('PUT', `${CONFIG_MAPS}/fixed`, configMap('fixed', {}, { uid: 'x' }))).json).toMatchObject({ code: 409, message: expect.stringContaining('Precondition failed: UID in precondition: x') });
    expect((await api.request('PUT', `${CONFIG_MAPS}/nobody`, configMap('nobody'))).status).toBe(404);
  });

  test('generation counts changes of the spec; status is changed by its subresource only', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const { json: made } = await api.request('POST', path, { ...deployment('gen'), status: { replicas: 9 } });
    expect([made.metadata.generation, made.status?.replicas]).toEqual([1, undefined]);
    const patched = await api.request('PATCH', `${path}/gen`, { spec: { replicas: 3 }, status: { replicas: 9 } }, { 'content-type': 'application/merge-patch+json' });
    expect([patched.json.metadata.generation, patched.json.status?.replicas]).toEqual([2, undefined]);
    const status = await api.request('PATCH', `${path}/gen/status`, { spec: { replicas: 7 }, status: { replicas: 3 } }, { 'content-type': 'application/merge-patch+json' });
    expect([status.json.metadata.generation, status.json.spec.replicas, status.json.status.replicas]).toEqual([2, 3, 3]);
  });

  test('concurrent patches are all applied', async () => {
    await api.request('POST', CONFIG_MAPS, configMap('crowd'));
    const patches = Array.from({ length: 20 }, (_, index) => api.request('PATCH', `${CONFIG_MAPS}/crowd`, { data: { [`k${index}`]: 'v' } }, { 'content-type': 'application/merge-patch+json' }));
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(Object.keys((await api.request('GET', `${CONFIG_MAPS}/crowd`)).json.data)).toHaveLength(20);
  });

  test('scale shows and sets replicas', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    await api.request('POST', path, deployment('scaled'));
    const { json: scale } = await api.request('GET', `${path}/scaled/scale`);
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 }, status: { replicas: 0, selector: 'app=scaled' } });
    expect((await api.request('PUT', `${path}/scaled/scale`, { ...scale, spec: { replicas: 5 } })).json.spec.replicas).toBe(5);
    await api.request('PATCH', `${path}/scaled/scale`, { spec: { replicas: 0 } }, { 'content-type': 'application/merge-patch+json' });
    expect((await api.request('GET', `${path}/scaled`)).json.spec.replicas).toBe(0);
  });
});

describe('delete', () => {
  test('answers with a Status that names what is gone', async () => {
    const { json } = await api.request('POST', CONFIG_MAPS, configMap('gone'));
    expect((await api.request('DELETE', `${CONFIG_MAPS}/gone`)).json).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'gone', kind: 'configmaps', uid: json.metadata.uid } });
    expect((await api.request('DELETE', `${CONFIG_MAPS}/gone`)).status).toBe(404);
  });

  test('preconditions hold', async () => {
    await api.request('POST', CONFIG_MAPS, configMap('guarded'));
    const { json } = await api.request('DELETE', `${CONFIG_MAPS}/guarded`, { preconditions: { uid: 'x' } });
    expect(json).toMatchObject({ code: 409, message: expect.stringContaining('the UID in the precondition (x) does not match the UID in record') });
    expect((await api.request('DELETE', `${CONFIG_MAPS}/guarded?uid=y`)).json.message).toContain('the UID in the precondition (y)');
    expect((await api.request('DELETE', `${CONFIG_MAPS}/guarded?resourceVersion=1`)).json.message).toContain('the ResourceVersion in the precondition (1)');
  });

  test('finalizers keep an object until the last is taken away', async () => {
    await api.request('POST', CONFIG_MAPS, configMap('held', {}, { finalizers: ['example.com/hold'] }));
    const { json: marked } = await api.request('DELETE', `${CONFIG_MAPS}/held`);
    expect(marked.metadata).toMatchObject({ deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 0 });
    expect((await api.request('POST', CONFIG_MAPS, configMap('held'))).json.message).toBe('object is being deleted: configmaps "held" already exists');
    const patch = { metadata: { finalizers: null } };
    expect((await api.request('PATCH', `${CONFIG_MAPS}/held`, patch, { 'content-type': 'application/merge-patch+json' })).status).toBe(200);
    expect((await api.request('GET', `${CONFIG_MAPS}/held`)).status).toBe(404);
  });

  test.each([
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ])('%s leaves its finalizer for the garbage collector', async (policy, finalizer) => {
    const name = policy.toLowerCase();
    await api.request('POST', CONFIG_MAPS, configMap(name));
    const { json } = await api.request('DELETE', `${CONFIG_MAPS}/${name}`, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: policy });
    expect(json.metadata.finalizers).toEqual([finalizer]);
  });

  test('a pod on a node is given its grace, which can only be shortened; one without a node goes at once', async () => {
    await api.request('POST', PODS, pod('running', { nodeName: 'n1' }));
    const { json: first } = await api.request('DELETE', `${PODS}/running`);
    expect(first.metadata.deletionGracePeriodSeconds).toBe(30);
    expect((await api.request('DELETE', `${PODS}/running`)).json.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect((await api.request('DELETE', `${PODS}/running?gracePeriodSeconds=5`)).json.metadata.deletionGracePeriodSeconds).toBe(5);
    expect((await api.request('DELETE', `${PODS}/running`, { gracePeriodSeconds: 0 })).status).toBe(200);
    expect((await api.request('GET', `${PODS}/running`)).status).toBe(404);
    await api.request('POST', PODS, pod('waiting'));
    await api.request('DELETE', `${PODS}/waiting`);
    expect((await api.request('GET', `${PODS}/waiting`)).status).toBe(404);
  });

  test('a collection by label', async () => {
    for (const name of ['c1', 'c2']) await api.request('POST', CONFIG_MAPS, configMap(name, {}, { labels: { set: 'c' } }));
    expect((await api.request('DELETE', `${CONFIG_MAPS}?labelSelector=set%3Dc`)).json.items).toHaveLength(2);
    expect((await api.request('GET', `${CONFIG_MAPS}?labelSelector=set%3Dc`)).json.items).toHaveLength(0);
  });
});

describe('pods', () => {
  test('a pod is bound once', async () => {
    await api.request('POST', PODS, pod('bound'));
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bound' }, target: { apiVersion: 'v1', kind: 'Node', name: 'n1' } };
    expect((await api.request('POST', `${PODS}/bound/binding`, binding)).json).toMatchObject({ status: 'Success', code: 201 });
    const { json } = await api.request('GET', `${PODS}/bound`);
    expect([json.spec.nodeName, json.status.conditions]).toEqual(['n1', [expect.objectContaining({ type: 'PodScheduled', status: 'True' })]]);
    expect((await api.request('POST', `${PODS}/bound/binding`, binding)).json).toMatchObject({ code: 409, message: 'Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "n1"' });
  });

  test('an eviction keeps to the budget', async () => {
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    await api.request('POST', budgets, { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'ev' } } } });
    await api.request('POST', PODS, pod('ev', { nodeName: 'n1' }, { labels: { app: 'ev' } }));
    const merge = { 'content-type': 'application/merge-patch+json' };
    await api.request('PATCH', `${PODS}/ev/status`, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, merge);
    await api.request('PATCH', `${budgets}/b/status`, { status: { observedGeneration: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0 } }, merge);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'ev', namespace: 'default' } };
    expect((await api.request('POST', `${PODS}/ev/eviction`, eviction)).json).toMatchObject({
      code: 429,
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' }] },
    });
    await api.request('PATCH', `${budgets}/b/status`, { status: { disruptionsAllowed: 1 } }, merge);
    expect((await api.request('POST', `${PODS}/ev/eviction`, eviction)).status).toBe(201);
    expect((await api.request('GET', `${PODS}/ev`)).json.metadata.deletionTimestamp).toBeDefined();
    expect((await api.request('GET', `${budgets}/b`)).json.status).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { ev: expect.any(String) } });
  });

  test('an eviction names its pod, and means the one that it names', async () => {
    await api.request('POST', PODS, pod('meant', { nodeName: 'n1' }));
    const evict = async (name: string, preconditions = {}): Promise<unknown> => {
      const { json } = await api.request('POST', `${PODS}/meant/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, deleteOptions: { preconditions } });
      return [json.code, json.message];
    };
    expect(await evict('other')).toEqual([400, 'name in URL does not match name in Eviction object']);
    const { uid, resourceVersion } = (await api.request('GET', `${PODS}/meant`)).json.metadata;
    expect(await evict('meant', { uid: 'x' })).toEqual([409, `Operation cannot be fulfilled on Pod "meant": the UID in the precondition (x) does not match the UID in record (${uid}). The object might have been deleted and then recreated`]);
    expect(await evict('meant', { resourceVersion: '1' })).toEqual([409, `Operation cannot be fulfilled on Pod "meant": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`]);
    // It has not begun, and needs no budget; why it goes is told all the same.
    expect(await evict('meant', { resourceVersion })).toEqual([201, undefined]);
    expect((await api.request('GET', `${PODS}/meant`)).json).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) }, status: { conditions: [expect.objectContaining({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' })] } });
  });
});

test('a namespace ends when its finalizers are taken away by finalize', async () => {
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'blue' }, spec: { finalizers: ['kubernetes'] } });
  const { json } = await api.request('DELETE', '/api/v1/namespaces/blue');
  expect([json.status.phase, json.metadata.deletionTimestamp]).toEqual(['Terminating', expect.any(String)]);
  expect((await api.request('PUT', '/api/v1/namespaces/blue/finalize', { ...json, spec: {} })).status).toBe(200);
  expect((await api.request('GET', '/api/v1/namespaces/blue')).status).toBe(404);
});

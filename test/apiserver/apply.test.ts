import { startHandlers, type Answer, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';

/** Server-side apply and field management as clients see them, over HTTP. */
let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
  await api.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
});
afterAll(() => api.close());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

const apply = (path: string, manager: string, body: unknown, query = ''): Promise<Answer> => api.request('PATCH', `${path}?fieldManager=${manager}${query}`, body, APPLY);
const configMap = (name: string, data: Record<string, string>, metadata = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsType: string;
  readonly fieldsV1: object;
}
const entries = ({ json }: Answer): Entry[] => (json as { metadata: { managedFields?: Entry[] } }).metadata.managedFields ?? [];
const owners = (answer: Answer): Record<string, object> => Object.fromEntries(entries(answer).map(({ manager, operation, subresource, fieldsV1 }) => [[manager, operation, ...(subresource ? [subresource] : [])].join(' '), fieldsV1]));

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] }] } },
  },
};

test('a create is owned by its user agent, in the sets that Kubernetes writes', async () => {
  const created = await api.request('POST', DEPLOYMENTS, DEPLOYMENT, { 'user-agent': 'kubectl-create/v1.36.0 (linux/amd64)' });
  expect(created.status).toBe(201);
  const [entry] = entries(created);
  expect(entry).toMatchObject({ manager: 'kubectl-create', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', time: expect.stringMatching(/Z$/) as string });
  expect(JSON.stringify(entry!.fieldsV1)).toBe(
    '{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:replicas":{},"f:revisionHistoryLimit":{},"f:selector":{},' +
      '"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},' +
      '"f:spec":{"f:containers":{"k:{\\"name\\":\\"web\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},' +
      '"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},' +
      '"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}}}',
  );
});

test('an update takes what it changes, a status update counts apart, and what changes nothing is no write', async () => {
  const before = await api.request('GET', `${DEPLOYMENTS}/web`);
  const scaled = await api.request('PATCH', `${DEPLOYMENTS}/web?fieldManager=scaler`, { spec: { replicas: 3 } }, { 'content-type': 'application/merge-patch+json' });
  expect(owners(scaled)['scaler Update']).toEqual({ 'f:spec': { 'f:replicas': {} } });
  expect(JSON.stringify(owners(scaled)['kubectl-create Update'])).not.toContain('f:replicas');
  const status = await api.request('PATCH', `${DEPLOYMENTS}/web/status?fieldManager=controller`, { status: { replicas: 1, conditions: [{ type: 'Available', status: 'True' }] } }, { 'content-type': 'application/merge-patch+json' });
  expect(owners(status)['controller Update status']).toEqual({
    'f:status': { 'f:conditions': { '.': {}, 'k:{"type":"Available"}': { '.': {}, 'f:lastTransitionTime': {}, 'f:lastUpdateTime': {}, 'f:status': {}, 'f:type': {} } }, 'f:replicas': {} },
  });
  const same = await api.request('PUT', `${DEPLOYMENTS}/web?fieldManager=other`, status.json);
  expect(same.json).toEqual(status.json);
  expect(before.json).not.toEqual(status.json);
});

test('an apply creates, owns what it says, and takes away what it says no more', async () => {
  const created = await apply(`${CONFIG_MAPS}/cfg`, 'one', configMap('cfg', { a: '1', b: '2' }, { labels: { x: 'y' } }));
  expect(created.status).toBe(201);
  expect(owners(created)).toEqual({ 'one Apply': { 'f:data': { 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } } });
  const again = await apply(`${CONFIG_MAPS}/cfg`, 'one', configMap('cfg', { a: '1', b: '2' }, { labels: { x: 'y' } }));
  expect(again.status).toBe(200);
  expect(again.json).toEqual(created.json);
  const less = await apply(`${CONFIG_MAPS}/cfg`, 'one', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg}\ndata: {a: "1"}\n');
  expect(less.json).toMatchObject({ data: { a: '1' } });
  expect((less.json as { metadata: { labels?: object } }).metadata.labels).toBeUndefined();
  // Two own it now: neither takes it away alone.
  const shared = await apply(`${CONFIG_MAPS}/cfg`, 'two', configMap('cfg', { a: '1' }));
  expect(owners(shared)).toEqual({ 'one Apply': { 'f:data': { 'f:a': {} } }, 'two Apply': { 'f:data': { 'f:a': {} } } });
  const left = await apply(`${CONFIG_MAPS}/cfg`, 'one', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg' } });
  expect(left.json).toMatchObject({ data: { a: '1' } });
  expect(owners(left)).toEqual({ 'two Apply': { 'f:data': { 'f:a': {} } } });
  const gone = await apply(`${CONFIG_MAPS}/cfg`, 'two', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg' } });
  expect((gone.json as { data?: object }).data).toBeUndefined();
});

test('a conflict names who owns what, and force takes it', async () => {
  await api.request('POST', `${CONFIG_MAPS}?fieldManager=maker`, configMap('disputed', { a: '1', b: '2' }));
  const one = await apply(`${CONFIG_MAPS}/disputed`, 'one', configMap('disputed', { a: '9' }));
  expect(one.json).toMatchObject({
    status: 'Failure',
    reason: 'Conflict',
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "maker" using v1: .data.a',
    details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "maker" using v1', field: '.data.a' }] },
  });
  const two = await apply(`${CONFIG_MAPS}/disputed`, 'one', configMap('disputed', { a: '9', b: '9' }));
  expect(two.json).toMatchObject({ message: 'Apply failed with 2 conflicts: conflicts with "maker" using v1:\n- .data.a\n- .data.b' });
  const forced = await apply(`${CONFIG_MAPS}/disputed`, 'one', configMap('disputed', { a: '9' }), '&force=true');
  expect(forced.json).toMatchObject({ data: { a: '9', b: '2' } });
  expect(owners(forced)).toEqual({ 'maker Update': { 'f:data': { '.': {}, 'f:b': {} } }, 'one Apply': { 'f:data': { 'f:a': {} } } });
  const dry = await apply(`${CONFIG_MAPS}/disputed`, 'three', configMap('disputed', { a: 'x' }), '&force=true&dryRun=All');
  expect(dry.json).toMatchObject({ data: { a: 'x' } });
  const after = await api.request('GET', `${CONFIG_MAPS}/disputed`);
  expect(after.json).toEqual(forced.json);
  const applier = await apply(`${CONFIG_MAPS}/disputed`, 'two', configMap('disputed', { a: '0' }));
  expect(applier.json).toMatchObject({ message: 'Apply failed with 1 conflict: conflict with "one": .data.a' });
});

test('what an apply must be', async () => {
  const path = `${CONFIG_MAPS}/strict`;
  const body = configMap('strict', { a: '1' });
  expect((await api.request('PATCH', path, body, APPLY)).json).toMatchObject({ code: 422, message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch' });
  expect((await api.request('PATCH', `${path}?force=true`, {}, { 'content-type': 'application/merge-patch+json' })).json).toMatchObject({ code: 422, message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch' });
  expect((await api.request('PATCH', path, body, { 'content-type': 'application/apply-patch+cbor' })).status).toBe(415);
  expect((await apply(path, 'x'.repeat(129), body)).json).toMatchObject({ code: 422, message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes' });
  expect((await apply(path, 'm', { ...body, apiVersion: 'v2' })).json).toMatchObject({ code: 400, message: 'invalid object type: /v2, Kind=ConfigMap' });
  expect((await apply(path, 'm', '- a')).json).toMatchObject({ code: 400, message: expect.stringMatching(/^error decoding YAML: /) as string });
  expect((await apply(path, 'm', configMap('strict', {}, { managedFields: [] }))).json).toMatchObject({ code: 400, message: 'metadata.managedFields must be nil' });
  expect((await apply(path, 'm', { ...body, spec: 1 })).json).toMatchObject({ code: 500, message: 'failed to create typed patch object (/strict; /v1, Kind=ConfigMap): .spec: field not declared in schema' });
  expect((await apply(path, 'm', configMap('strict', { a: '1' }, { uid: 'u' }))).json).toMatchObject({ code: 409, message: 'Operation cannot be fulfilled on configmaps "strict": uid mismatch: the provided object specified uid u, and no existing object was found' });
  const duplicate = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: strict}\ndata:\n  a: "1"\n  a: "2"\n';
  expect((await apply(path, 'm', duplicate, '&fieldValidation=Strict')).json).toMatchObject({ code: 400, message: expect.stringMatching(/^error strict decoding YAML: /) as string });
  expect((await apply(`${DEPLOYMENTS}/none/status`, 'm', { ...DEPLOYMENT, metadata: { name: 'none' } })).status).toBe(404);
  const made = await apply(path, 'm', body);
  expect(made.status).toBe(201);
  expect((await apply(path, 'm', configMap('strict', { a: '2' }, { resourceVersion: '1' }))).json).toMatchObject({ code: 409, reason: 'Conflict', message: expect.stringContaining('the object has been modified') as string });
  expect((await apply(path, 'm', configMap('strict', { a: '2' }, { resourceVersion: made.json.metadata.resourceVersion }))).status).toBe(200);
  expect((await apply(path, 'm', configMap('strict', { a: '3' }, { uid: 'other' }))).status).toBe(422);
});

test('lists go by their keys, and only the owner’s items move', async () => {
  const service = (ports: object[], extra = {}): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'svc', ...extra }, spec: { ports } });
  const path = '/api/v1/namespaces/default/services/svc';
  await apply(path, 'one', service([{ port: 80, name: 'http' }, { port: 443, name: 'https' }]));
  const two = await apply(path, 'two', service([{ port: 9090, name: 'metrics', protocol: 'TCP' }]));
  const ports = ({ json }: Answer): number[] => (json as { spec: { ports: { port: number }[] } }).spec.ports.map(({ port }) => port);
  expect(ports(two)).toEqual([80, 443, 9090]);
  expect(owners(two)['one Apply']).toMatchObject({ 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } } });
  const less = await apply(path, 'one', service([{ port: 443, name: 'https' }]));
  expect(ports(less)).toEqual([443, 9090]);
  const keyless = await apply(path, 'one', { apiVersion: 'apps/v1', kind: 'Deployment' });
  expect(keyless.status).toBe(400);
  const finalizers = await apply(path, 'three', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'svc', finalizers: ['example.com/a'] } });
  expect(owners(finalizers)['three Apply']).toEqual({ 'f:metadata': { 'f:finalizers': { 'v:"example.com/a"': {} } } });
  const dropped = await apply(path, 'three', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'svc' } });
  expect(dropped.json.metadata.finalizers).toBeUndefined();
});

test('status and scale are applied to by themselves', async () => {
  const name = 'scaled';
  await apply(`${DEPLOYMENTS}/${name}`, 'owner', { ...DEPLOYMENT, metadata: { name } });
  const status = await apply(`${DEPLOYMENTS}/${name}/status`, 'controller', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas: 9 }, status: { replicas: 1, readyReplicas: 1 } });
  expect(status.json).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 1, readyReplicas: 1 } });
  expect(owners(status)['controller Apply status']).toEqual({ 'f:status': { 'f:replicas': {}, 'f:readyReplicas': {} } });
  const scale = (replicas: number): object => ({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name, namespace: 'default' }, spec: { replicas } });
  const refused = await apply(`${DEPLOYMENTS}/${name}/scale`, 'scaler', scale(5));
  expect(refused.json).toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "owner": .spec.replicas' });
  const forced = await apply(`${DEPLOYMENTS}/${name}/scale`, 'scaler', scale(5), '&force=true');
  expect(forced.json).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } });
  const after = await api.request('GET', `${DEPLOYMENTS}/${name}`);
  expect(owners(after)['scaler Apply scale']).toEqual({ 'f:spec': { 'f:replicas': {} } });
  expect(JSON.stringify(owners(after)['owner Apply'])).not.toContain('f:replicas');
  expect((await apply(`${DEPLOYMENTS}/${name}`, 'owner', { ...DEPLOYMENT, metadata: { name } })).json).toMatchObject({ message: 'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale": .spec.replicas' });
  const put = await api.request('PUT', `${DEPLOYMENTS}/${name}/scale?fieldManager=hpa`, scale(6));
  expect(put.status).toBe(200);
  const last = await api.request('GET', `${DEPLOYMENTS}/${name}`);
  expect(owners(last)['hpa Update scale']).toEqual({ 'f:spec': { 'f:replicas': {} } });
  expect(owners(last)['scaler Apply scale']).toBeUndefined();
});

test('managedFields may be reset, not sent, and are capped', async () => {
  const path = `${CONFIG_MAPS}/kept`;
  await api.request('POST', `${CONFIG_MAPS}?fieldManager=m0`, configMap('kept', { a: '0' }));
  for (let index = 1; index <= 12; index += 1) await api.request('PATCH', `${path}?fieldManager=m${index}`, { data: { [`k${index}`]: '1' } }, { 'content-type': 'application/merge-patch+json' });
  const capped = await api.request('GET', path);
  expect(entries(capped)).toHaveLength(10);
  expect(owners(capped)['ancient-changes Update']).toMatchObject({ 'f:data': { '.': {}, 'f:a': {}, 'f:k1': {} } });
  const sent = { ...(capped.json as object), metadata: { ...(capped.json as { metadata: object }).metadata, managedFields: [] } };
  expect(entries(await api.request('PUT', path, sent))).toEqual(entries(capped));
  const reset = await api.request('PATCH', path, { metadata: { managedFields: [{}] } }, { 'content-type': 'application/merge-patch+json' });
  expect(entries(reset)).toEqual([]);
  const untracked = await api.request('PATCH', path, { data: { x: '1' } }, { 'content-type': 'application/merge-patch+json' });
  expect(entries(untracked)).toEqual([]);
  const applied = await apply(path, 'late', configMap('kept', { x: '1' }));
  expect(Object.keys(owners(applied)).sort()).toEqual(['before-first-apply Update', 'late Apply']);
});

test('owners name fields in their own versions', async () => {
  const path = (version: string): string => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
  const scaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] } };
  const first = await apply(`${path('v2')}/h`, 'two', scaler);
  expect(first.status).toBe(201);
  const second = await apply(`${path('v1')}/h`, 'one', { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { targetCPUUtilizationPercentage: 80 } });
  expect(second.json).toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "two": .spec.metrics' });
  const forced = await apply(`${path('v1')}/h`, 'one', { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { targetCPUUtilizationPercentage: 80 } }, '&force=true');
  expect(entries(forced).map(({ manager, apiVersion }) => `${manager} ${apiVersion}`).sort()).toEqual(['one autoscaling/v1', 'two autoscaling/v2']);
  const dropped = await apply(`${path('v2')}/h`, 'two', { ...scaler, spec: { maxReplicas: 6, scaleTargetRef: scaler.spec.scaleTargetRef } });
  expect(dropped.json).toMatchObject({ spec: { maxReplicas: 6, metrics: [{ resource: { target: { averageUtilization: 80 } } }] } });
});

test('an apply by one who may only patch creates nothing', async () => {
  await api.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'patcher' }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch', 'update'] }] });
  await api.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'patcher' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'patcher' }, subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }] });
  // The binding counts once the authorizer's own watch has brought it.
  const refused = { code: 403, message: 'configmaps "forbidden" is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "default"' };
  const answer = await eventually('jane may patch', 30_000, async () => {
    const { json } = await api.request('PATCH', `${CONFIG_MAPS}/forbidden?fieldManager=m`, configMap('forbidden', {}), { ...APPLY, 'impersonate-user': 'jane' });
    return String((json as { message?: string }).message).includes('cannot patch') ? undefined : json;
  });
  expect(answer).toMatchObject(refused);
});

test('an object that its owners make too large is stored without them, except by an apply', async () => {
  const data = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [String(index).padStart(200, 'k'), 'v']));
  const created = await api.request('POST', CONFIG_MAPS, configMap('wide', data));
  expect([created.status, entries(created)]).toEqual([201, []]);
  const changed = await api.request('PATCH', `${CONFIG_MAPS}/wide`, { data: { own: '1' } }, { 'content-type': 'application/merge-patch+json' });
  expect([changed.status, (changed.json as { data: Record<string, string> }).data['own']]).toEqual([200, '1']);
  expect((await apply(`${CONFIG_MAPS}/wide-applied`, 'm', configMap('wide-applied', data))).json).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
});

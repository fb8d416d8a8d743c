import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { type Caller, callerOf } from './caller.ts';
import { defined, makeDefinition } from './definitions.ts';

let api: WholeServer;
let caller: Caller;
beforeAll(async () => {
  api = await startWholeServer();
  caller = callerOf(api);
});
afterAll(() => api.close());

const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };
const EXPECTED: readonly (readonly [group: string, version: string, resource: string])[] = [
  ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'],
  ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions'],
  ['apiregistration.k8s.io', 'v1', 'apiservices'],
  ['apps', 'v1', 'deployments'],
  ['authentication.k8s.io', 'v1', 'tokenreviews'],
  ['authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
  ['autoscaling', 'v1', 'horizontalpodautoscalers'],
  ['autoscaling', 'v2', 'horizontalpodautoscalers'],
  ['batch', 'v1', 'jobs'],
  ['certificates.k8s.io', 'v1', 'certificatesigningrequests'],
  ['coordination.k8s.io', 'v1', 'leases'],
  ['discovery.k8s.io', 'v1', 'endpointslices'],
  ['events.k8s.io', 'v1', 'events'],
  ['networking.k8s.io', 'v1', 'ingresses'],
  ['node.k8s.io', 'v1', 'runtimeclasses'],
  ['policy', 'v1', 'poddisruptionbudgets'],
  ['scheduling.k8s.io', 'v1', 'priorityclasses'],
  ['storage.k8s.io', 'v1', 'csinodes'],
];

interface Discovered {
  readonly items: readonly { readonly metadata: { readonly name?: string }; readonly versions: readonly { readonly version: string; readonly resources: readonly { readonly resource: string }[] }[] }[];
}
const has = ({ items }: Discovered, [group, version, resource]: readonly string[]): boolean =>
  items.some(({ metadata, versions }) => (metadata.name ?? '') === group && versions.some((each) => each.version === version && each.resources.some((found) => found.resource === resource)));

describe('[sig-api-machinery] AggregatedDiscovery', () => {
  test('should support raw aggregated discovery endpoint Accept headers', async () => {
    const groups = await caller.ok('GET', '/apis', undefined, AGGREGATED);
    expect(EXPECTED.filter((each) => !has(groups, each))).toEqual([]);
    expect(has(await caller.ok('GET', '/api', undefined, AGGREGATED), ['', 'v1', 'namespaces'])).toBe(true);
  });

  test('should support raw aggregated discovery request for CRDs', async () => {
    const made = await makeDefinition(caller, { plural: 'testcrds', kind: 'testcrd' });
    expect(has(await caller.ok('GET', '/apis', undefined, AGGREGATED), [made.group, 'v1', 'testcrds'])).toBe(true);
    await made.remove();
    expect(has(await caller.ok('GET', '/apis', undefined, AGGREGATED), [made.group, 'v1', 'testcrds'])).toBe(false);
  });

  // What client-go's AggregatedDiscoveryInterface asks: both forms of both versions at once, whichever the server prefers.
  test.each(['should support aggregated discovery interface', 'should support aggregated discovery interface for CRDs'])('%s', async (name) => {
    const accept = ['v2', 'v2beta1'].map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`).concat('application/json').join(',');
    const made = name.endsWith('CRDs') ? await makeDefinition(caller, { plural: 'testcrds', kind: 'testcrd' }) : undefined;
    const { headers, json } = await caller.request('GET', '/apis', undefined, { accept });
    expect([headers['content-type'], json.kind, json.apiVersion]).toEqual(['application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList', 'APIGroupDiscoveryList', 'apidiscovery.k8s.io/v2']);
    const wanted = made ? [[made.group, 'v1', 'testcrds']] : EXPECTED;
    expect(wanted.filter((each) => !has(json, each))).toEqual([]);
    await made?.remove();
  });
});

describe('[sig-api-machinery] Discovery', () => {
  test('should validate PreferredVersion for each APIGroup', async () => {
    const { groups } = await caller.ok('GET', '/apis');
    expect(groups.length).toBeGreaterThan(15);
    for (const { name } of groups) {
      const group = await caller.ok('GET', `/apis/${name}`);
      expect([name, group.versions.map((each: { version: string }) => each.version)]).toEqual([name, expect.arrayContaining([group.preferredVersion.version])]);
      expect(group.preferredVersion.groupVersion).toBe(`${name}/${group.preferredVersion.version}`);
    }
  });

  test('should locate the groupVersion and a resource within each APIGroup', async () => {
    const expected = [...EXPECTED, ['apiregistration.k8s.io', 'v1', 'apiservices/status'], ['rbac.authorization.k8s.io', 'v1', 'roles'], ['apps', 'v1', 'deployments/scale']];
    for (const [group, version, resource] of expected) {
      const list = await caller.ok('GET', `/apis/${group}/${version}`);
      expect([list.groupVersion, list.resources.map((each: { name: string }) => each.name)]).toEqual([`${group}/${version}`, expect.arrayContaining([resource])]);
    }
    const core = await caller.ok('GET', '/api/v1');
    expect([core.groupVersion, core.resources.map((each: { name: string }) => each.name)]).toEqual(['v1', expect.arrayContaining(['namespaces', 'configmaps'])]);
  });

  test('should accurately determine present and missing resources', async () => {
    const names = async (path: string): Promise<string[]> => (await caller.ok('GET', path)).resources.map((each: { name: string }) => each.name);
    expect(await names('/api/v1')).not.toContain('dogs');
    expect((await caller.request('GET', '/apis/extinct.example.com/v1')).status).toBe(404);
    const made = await makeDefinition(caller, {});
    expect(await names(`/apis/${made.group}/v1`)).toEqual([made.plural, `${made.plural}/status`]);
    await made.remove();
    expect((await caller.request('GET', `/apis/${made.group}/v1`)).status).toBe(404);
  });

  // The hash that discovery gives custom resources is of what is stored: the same from every API server.
  test('should include custom resource definition resources in discovery documents', async () => {
    const { groups } = await caller.ok('GET', '/apis');
    const group = groups.find((each: { name: string }) => each.name === 'apiextensions.k8s.io');
    expect(group.versions).toContainEqual({ groupVersion: 'apiextensions.k8s.io/v1', version: 'v1' });
    expect(await caller.ok('GET', '/apis/apiextensions.k8s.io')).toMatchObject({ kind: 'APIGroup', name: 'apiextensions.k8s.io', versions: expect.arrayContaining([{ groupVersion: 'apiextensions.k8s.io/v1', version: 'v1' }]) });
    expect((await caller.ok('GET', '/apis/apiextensions.k8s.io/v1')).resources).toContainEqual(expect.objectContaining({ name: 'customresourcedefinitions', kind: 'CustomResourceDefinition', namespaced: false }));
  });

  test('should include webhook resources in discovery documents', async () => {
    const { groups } = await caller.ok('GET', '/apis');
    expect(groups.find((each: { name: string }) => each.name === 'admissionregistration.k8s.io').versions).toContainEqual({ groupVersion: 'admissionregistration.k8s.io/v1', version: 'v1' });
    const names = (await caller.ok('GET', '/apis/admissionregistration.k8s.io/v1')).resources.map((each: { name: string }) => each.name);
    expect(names).toEqual(expect.arrayContaining(['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']));
  });
});

test('[sig-api-machinery] server version should find the server version', async () => {
  const { major, minor } = await caller.ok('GET', '/version');
  expect([major, minor]).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
});

describe('[sig-api-machinery] Servers with support for Table transformation', () => {
  const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const isTable = ({ kind, columnDefinitions, rows }: { kind: string; columnDefinitions: readonly { name: string }[]; rows: readonly { cells: readonly unknown[] }[] }): void => {
    expect([kind, columnDefinitions[0]?.name]).toEqual(['Table', 'Name']);
    expect(columnDefinitions.length).toBeGreaterThan(1);
    for (const { cells } of rows) expect(cells).toHaveLength(columnDefinitions.length);
  };

  test('should return pod details', async () => {
    await caller.ok('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    await caller.ok('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'pod-1' }, spec: { restartPolicy: 'Never', containers: [{ name: 'pod-1-container', image: 'agnhost', env: [{ name: 'SERVE_PORT_8080', value: 'foo' }], ports: [{ containerPort: 8080 }] }] } });
    const table = await caller.ok('GET', '/api/v1/namespaces/default/pods/pod-1', undefined, TABLE);
    isTable(table);
    expect([table.rows.length, table.rows[0].cells[0]]).toEqual([1, 'pod-1']);
  });

  test('should return chunks of table results for list calls', async () => {
    for (let index = 0; index < 20; index += 1) await caller.ok('POST', '/api/v1/namespaces/default/podtemplates', { metadata: { name: `template-${String(index).padStart(4, '0')}` }, template: { spec: { containers: [{ name: 'test', image: 'test2' }] } } });
    const first = await caller.ok('GET', '/api/v1/namespaces/default/podtemplates?limit=2', undefined, TABLE);
    expect([first.rows.map((row: { cells: unknown[] }) => row.cells[0]), first.metadata.resourceVersion, first.metadata.continue]).toEqual([['template-0000', 'template-0001'], expect.stringMatching(/^\d+$/), expect.stringMatching(/.+/)]);
    const rest = await caller.ok('GET', `/api/v1/namespaces/default/podtemplates?continue=${encodeURIComponent(first.metadata.continue)}`, undefined, TABLE);
    expect([rest.rows.length, rest.rows[0].cells[0], rest.metadata.continue, rest.metadata.resourceVersion]).toEqual([18, 'template-0002', undefined, first.metadata.resourceVersion]);
  });

  test('should return generic metadata details across all namespaces for nodes', async () => {
    await caller.ok('POST', '/api/v1/nodes', { metadata: { name: 'n1' } });
    const table = await caller.ok('GET', '/api/v1/nodes', undefined, TABLE);
    isTable(table);
    expect(table.rows).toHaveLength(1);
  });

  test('should return a 406 for a backend which does not implement metadata', async () => {
    const review = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
    const { status, json } = await caller.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, TABLE);
    expect([status, json.code]).toEqual([406, 406]);
  });
});

describe('[sig-api-machinery] Server request timeout', () => {
  test('should return HTTP status code 400 if the user specifies an invalid timeout in the request URL', async () => {
    const { status, text } = await caller.request('GET', '/version?timeout=invalid');
    expect([status, text]).toEqual([400, expect.stringContaining('invalid timeout specified in the request URL')]);
  });
  test.each([
    ['the request should be served with a default timeout if the specified timeout in the request URL exceeds maximum allowed', '3m'],
    ['default timeout should be used if the specified timeout in the request URL is 0s', '0s'],
  ])('%s', async (_, timeout) => {
    expect((await caller.request('GET', `/version?timeout=${timeout}`)).status).toBe(200);
  });
});

describe('[sig-api-machinery] client-go should negotiate', () => {
  // Events in the form that was asked for; errors of watches are the matter of the protobuf tests.
  test.each(['application/json', 'application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf,application/json', 'application/json,application/vnd.kubernetes.protobuf'])('watch and report errors with accept %s', async (accept) => {
    const path = '/api/v1/namespaces/default/configmaps';
    const name = 'e2e-client-go-test-negotiation';
    const before = (await caller.ok('GET', path)).metadata.resourceVersion;
    await caller.ok('POST', path, { metadata: { name } });
    // What is read is in the server's memory: the watch begins with it.
    await caller.ok('GET', `${path}/${name}`);
    const asked = (version: string) => caller.request('GET', `${path}?watch=1&timeoutSeconds=1&resourceVersion=${version}&fieldSelector=metadata.name%3D${name}`, undefined, { accept });
    const type = accept.startsWith('application/json') ? 'application/json' : 'application/vnd.kubernetes.protobuf;stream=watch';
    const watched = await asked(before);
    expect([watched.status, watched.headers['content-type'], watched.text.includes('ADDED'), watched.text.includes(name)]).toEqual([200, type, true, true]);
    await caller.ok('DELETE', `${path}/${name}`);
  });
});

describe('[sig-api-machinery] health handlers', () => {
  const COMMON = ['ping', 'log', 'etcd', 'poststarthook/start-apiserver-admission-initializer', 'poststarthook/generic-apiserver-start-informers', 'poststarthook/start-apiextensions-informers', 'poststarthook/start-apiextensions-controllers', 'poststarthook/crd-informer-synced', 'poststarthook/start-system-namespaces-controller', 'poststarthook/start-service-ip-repair-controllers', 'poststarthook/bootstrap-controller', 'poststarthook/rbac/bootstrap-roles', 'poststarthook/scheduling/bootstrap-system-priority-classes', 'poststarthook/start-cluster-authentication-info-controller', 'poststarthook/start-kube-aggregator-informers', 'poststarthook/apiservice-registration-controller', 'poststarthook/apiservice-status-local-available-controller', 'poststarthook/apiservice-status-remote-available-controller', 'poststarthook/apiservice-discovery-controller', 'poststarthook/kube-apiserver-autoregistration', 'autoregister-completion', 'poststarthook/apiservice-openapi-controller', 'poststarthook/apiservice-openapiv3-controller'];
  test.each([
    ['/healthz', COMMON],
    // Without etcd: a server whose etcd is away must not be restarted for it.
    ['/livez', COMMON.filter((name) => name !== 'etcd')],
    ['/readyz', [...COMMON, 'informer-sync', 'etcd-readiness', 'shutdown']],
  ])('should contain necessary checks: %s', async (path, names) => {
    const lines = (await caller.request('GET', `${path}?verbose=1`)).text.split('\n');
    expect(lines.filter((line) => line.startsWith('[')).every((line) => line.endsWith(' ok'))).toBe(true);
    expect(names.filter((name) => !lines.includes(`[+]${name} ok`))).toEqual([]);
  });
});

describe('[sig-api-machinery] OpenAPIV3', () => {
  test('should round trip OpenAPI V3 for all built-in group versions', async () => {
    const { paths } = await caller.ok('GET', '/openapi/v3');
    const wanted = Object.entries(paths as Record<string, { serverRelativeURL: string }>).filter(([path]) => /^apis\/[^/]+\/v\d+/.test(path));
    expect(wanted.length).toBeGreaterThan(20);
    for (const [path, { serverRelativeURL }] of wanted) {
      const document = await caller.ok('GET', serverRelativeURL);
      expect([path, document.openapi.startsWith('3.'), Object.keys(document.paths).length > 0, Object.keys(document.components.schemas).length > 0]).toEqual([path, true, true, true]);
      const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
      expect([path, [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? '').filter((to) => !known.has(to))]).toEqual([path, []]);
    }
  });

  test('should publish OpenAPI V3 for CustomResourceDefinition', async () => {
    const made = await makeDefinition(caller, { versions: [defined('v1beta1')] });
    const { paths } = await caller.ok('GET', '/openapi/v3');
    const document = await caller.ok('GET', paths[`apis/${made.group}/v1beta1`].serverRelativeURL);
    expect(Object.keys(document.paths)).toContain(`/apis/${made.group}/v1beta1/namespaces/{namespace}/${made.plural}`);
    await made.remove();
    expect(Object.keys((await caller.ok('GET', '/openapi/v3')).paths)).not.toContain(`apis/${made.group}/v1beta1`);
    expect((await caller.request('GET', `/openapi/v3/apis/${made.group}/v1beta1`)).status).toBe(404);
  });
});

test('[sig-api-machinery] Generated clientset should create v1 cronJobs, delete cronJobs, watch cronJobs', async () => {
  const path = '/apis/batch/v1/namespaces/default/cronjobs';
  const value = 'generated';
  const selected = `${path}?labelSelector=time%3D${value}`;
  const list = await caller.ok('GET', selected);
  const watch = caller.watch(`${selected}&watch=true&resourceVersion=${list.metadata.resourceVersion}`);
  const container = { name: 'c', image: 'busybox' };
  const cronJob = { metadata: { name: `cronjob-${value}`, labels: { time: value } }, spec: { schedule: '*/1 * * * ?', concurrencyPolicy: 'Allow', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } } } };
  await caller.ok('POST', path, cronJob);
  expect((await caller.ok('GET', selected)).items).toHaveLength(1);
  expect((await watch.next()).type).toBe('ADDED');
  // kubectl and older clients take a schedule apart themselves: it is stored as it was sent.
  expect((await caller.ok('GET', `${path}/cronjob-${value}`)).spec.schedule).toBe('*/1 * * * ?');
  await caller.ok('DELETE', `${path}/cronjob-${value}`);
  expect((await watch.next()).type).toBe('DELETED');
  watch.stop();
});

test('[sig-api-machinery] Generated clientset should create pods, set the deletionTimestamp and deletionGracePeriodSeconds of the pod', async () => {
  const path = '/api/v1/namespaces/default/pods';
  const list = await caller.ok('GET', `${path}?labelSelector=time%3Dpods`);
  const watch = caller.watch(`${path}?labelSelector=time%3Dpods&watch=true&resourceVersion=${list.metadata.resourceVersion}`);
  // Bound, as if a kubelet ran it: only it takes the pod away before its time.
  await caller.ok('POST', path, { metadata: { name: 'graceful', labels: { name: 'foo', time: 'pods' } }, spec: { nodeName: 'n1', containers: [{ name: 'nginx', image: 'agnhost', ports: [{ containerPort: 80 }] }] } });
  expect((await watch.next()).type).toBe('ADDED');
  await caller.ok('DELETE', `${path}/graceful`, { gracePeriodSeconds: 30 });
  const { type, object } = await watch.next();
  const { deletionGracePeriodSeconds, deletionTimestamp, creationTimestamp } = object.metadata;
  expect([type, deletionGracePeriodSeconds, Date.parse(deletionTimestamp) - Date.parse(creationTimestamp) >= 30_000]).toEqual(['MODIFIED', 30, true]);
  watch.stop();
});

import https from 'node:https';
import { createAuthority } from '../../process/certificates.ts';
import { type Answer, readWatch } from '../rig/apiserver.ts';
import { eventually } from '../rig/controlPlane.ts';
import { type ExtensionServer, startExtensionServer } from '../rig/extensionServer.ts';
import { startWholeServer, type WholeServer } from '../rig/wholeServer.ts';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const FLUNDERS = '/apis/wardle.example.com/v1alpha1/namespaces/default/flunders';
const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };

let extension: ExtensionServer;
let api: WholeServer;

const call = (...request: Parameters<WholeServer['admin']>): Promise<Answer> => api.admin(...request);
const conditionOf = async (name: string): Promise<Record<string, string> | undefined> => (await call('GET', `${SERVICES}/${name}`)).json.status?.conditions?.[0];
const untilReason = (name: string, reason: string): Promise<Record<string, string>> =>
  eventually(`${name}: ${reason}`, async () => {
    const condition = await conditionOf(name);
    return condition?.['reason'] === reason ? condition : undefined;
  });
const registration = (version: string, group: string, more: object = {}): object => ({
  metadata: { name: `${version}.${group}` },
  spec: { group, version, groupPriorityMinimum: 2000, versionPriority: 10, service: { namespace: 'default', name: 'wardle', port: extension.port }, caBundle: Buffer.from(extension.authority).toString('base64'), ...more },
});

beforeAll(async () => {
  extension = await startExtensionServer('wardle', 'default');
  api = await startWholeServer({ proxyClient: extension.proxyClient, requestHeaderAuthority: extension.frontAuthority });
});

afterAll(async () => {
  await api.close();
  await extension.close();
});

test('what the server serves itself has API services, which are always available', async () => {
  const { items } = (await call('GET', SERVICES)).json;
  const apps = items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'v1.apps');
  expect(apps).toMatchObject({ metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }, spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 } });
  expect(apps.status.conditions).toEqual([{ type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available', lastTransitionTime: expect.any(String) }]);
  expect((await call('GET', '/readyz/autoregister-completion')).text).toBe('ok');
  // As Kubernetes orders them.
  const groups = (await call('GET', '/apis')).json.groups.map(({ name }: { name: string }) => name);
  expect(groups.slice(0, 6)).toEqual(['apiregistration.k8s.io', 'apps', 'events.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io', 'autoscaling']);
  expect((await call('GET', '/apis/autoscaling')).json.preferredVersion.version).toBe('v2');
});

test('those of custom resources come and go with their definitions', async () => {
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget' };
  const definition = { metadata: { name: 'widgets.things.example.com' }, spec: { group: 'things.example.com', scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } };
  expect((await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)).status).toBe(201);
  await untilReason('v1.things.example.com', 'Local');
  expect((await call('GET', `${SERVICES}/v1.things.example.com`)).json).toMatchObject({ metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } }, spec: { groupPriorityMinimum: 1000, versionPriority: 100 } });
  // It comes back, unlike those of built-in groups, which are seen to at the start alone.
  await call('DELETE', `${SERVICES}/v1.things.example.com`);
  await untilReason('v1.things.example.com', 'Local');
  await call('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.things.example.com');
  await eventually('its API service is gone', async () => ((await call('GET', `${SERVICES}/v1.things.example.com`)).status === 404 ? true : undefined));
});

test('extension servers are told whom to trust', async () => {
  const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
  const { data } = (await call('GET', path)).json;
  expect(data).toMatchObject({
    'client-ca-file': expect.stringContaining('BEGIN CERTIFICATE'), 'requestheader-client-ca-file': extension.frontAuthority, 'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]', 'requestheader-group-headers': '["X-Remote-Group"]', 'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]', 'requestheader-uid-headers': '["X-Remote-Uid"]',
  });
});

test('an API service without a server says what is wrong, and is a 503', async () => {
  expect((await call('POST', SERVICES, registration('v1', 'lost.example.com', { service: { namespace: 'default', name: 'lost', port: 443 } }))).status).toBe(201);
  expect(await untilReason('v1.lost.example.com', 'ServiceNotFound')).toMatchObject({ status: 'False', message: 'service/lost in "default" is not present' });
  const refused = await call('GET', '/apis/lost.example.com/v1/things');
  expect([refused.status, refused.text, refused.headers['content-type']]).toEqual([503, 'service unavailable\n', 'text/plain; charset=utf-8']);
  const services = '/api/v1/namespaces/default/services';
  await call('POST', services, { metadata: { name: 'lost' }, spec: { ports: [{ port: 80 }] } });
  expect((await untilReason('v1.lost.example.com', 'ServicePortError'))['message']).toBe('service/lost in "default" is not listening on port 443');
  await call('PATCH', `${services}/lost`, { spec: { ports: [{ port: 443, name: 'https' }] } }, { 'content-type': 'application/merge-patch+json' });
  expect((await untilReason('v1.lost.example.com', 'EndpointsNotFound'))['message']).toBe('cannot find endpointslices for service/lost in "default"');
  await call('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', { metadata: { name: 'lost', labels: { 'kubernetes.io/service-name': 'lost' } }, addressType: 'IPv4', ports: [{ name: 'https', port: 443 }], endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: false } }] });
  expect((await untilReason('v1.lost.example.com', 'MissingEndpoints'))['message']).toBe('endpointslices for service/lost in "default" have no addresses with port name "https"');
  const { items } = (await call('GET', '/apis', undefined, AGGREGATED)).json;
  expect(items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'lost.example.com').versions).toEqual([{ version: 'v1', freshness: 'Stale' }]);
  const table = await call('GET', `${SERVICES}/v1.lost.example.com`, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  expect(table.json.rows[0].cells.slice(0, 3)).toEqual(['v1.lost.example.com', 'default/lost', 'False (MissingEndpoints)']);
  await call('DELETE', `${SERVICES}/v1.lost.example.com`);
  await eventually('the group is gone', async () => ((await call('GET', '/apis/lost.example.com')).status === 404 ? true : undefined));
});

describe('an extension server', () => {
  beforeAll(async () => {
    await call('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'wardle' }, spec: { type: 'ExternalName', externalName: 'localhost' } });
    await call('POST', SERVICES, registration('v1alpha1', 'wardle.example.com'));
    await untilReason('v1alpha1.wardle.example.com', 'Passed');
  });

  test('answers in the name of the user, whom nobody else can pretend to be', async () => {
    const headers = { 'impersonate-user': 'jane', 'impersonate-group': 'g1', 'impersonate-uid': 'u1', 'impersonate-extra-example.com%2fteam': 'red', 'x-remote-user': 'root', 'x-remote-group': 'system:masters', 'x-remote-extra-a': 'b' };
    // Jane may do nothing yet.
    expect((await call('GET', FLUNDERS, undefined, headers)).json).toMatchObject({ reason: 'Forbidden', message: 'flunders.wardle.example.com is forbidden: User "jane" cannot list resource "flunders" in API group "wardle.example.com" in the namespace "default"' });
    await call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', { metadata: { name: 'fl' }, rules: [{ apiGroups: ['wardle.example.com'], resources: ['flunders'], verbs: ['list'] }] });
    await call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', { metadata: { name: 'fl' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'fl' }, subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }] });
    // What was written counts when the server's memory has it, which a read waits for.
    await call('GET', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/fl');
    const answer = await call('GET', `${FLUNDERS}?labelSelector=a%3Db`, undefined, headers);
    expect([answer.status, answer.json.kind]).toEqual([200, 'FlunderList']);
    // The server asks for its OpenAPI document meanwhile.
    const seen = extension.seen.findLast(({ url }) => url?.startsWith(FLUNDERS))!;
    expect(seen).toMatchObject({ method: 'GET', url: `${FLUNDERS}?labelSelector=a%3Db`, proxy: 'front-proxy-client' });
    expect(seen.headers).toMatchObject({ 'x-remote-user': ['jane'], 'x-remote-group': ['g1', 'system:authenticated'], 'x-remote-uid': ['u1'], 'x-remote-extra-example.com%2fteam': ['red'] });
    expect(seen.headers['audit-id']).toEqual([answer.headers['audit-id']]);
    expect(Object.keys(seen.headers).filter((name) => /^impersonate-|^authorization$|^x-remote-extra-a$/.test(name))).toEqual([]);
  });

  test('is written to and watched', async () => {
    const watch = readWatch(api.agent, api.port, `${FLUNDERS}?watch=true`);
    await eventually('the watch has reached it', async () => (extension.seen.some(({ url }) => url.endsWith('?watch=true')) ? true : undefined));
    const flunder = { apiVersion: 'wardle.example.com/v1alpha1', kind: 'Flunder', metadata: { name: 'f1' } };
    expect((await call('POST', FLUNDERS, flunder)).status).toBe(201);
    expect(await watch.next()).toEqual({ type: 'ADDED', object: flunder });
    watch.stop();
    expect((await call('GET', '/apis/wardle.example.com/v1alpha1/nothing')).json).toMatchObject({ reason: 'NotFound', message: 'no /apis/wardle.example.com/v1alpha1/nothing' });
  });

  test('speaks other protocols', async () => {
    const said = await new Promise<string>((resolve, reject) => {
      const request = https.request({ agent: new https.Agent({ ...api.agent.options, keepAlive: false }), host: '127.0.0.1', port: api.port, path: `${FLUNDERS}/f1/exec`, headers: { connection: 'Upgrade', upgrade: 'echo', 'x-remote-user': 'root' } });
      request.on('upgrade', (_message, socket) => {
        socket.once('data', (data: Buffer) => {
          resolve(data.toString());
          socket.destroy();
        });
        socket.write('hello');
      });
      request.on('response', ({ statusCode }) => reject(new Error(`answered with ${statusCode}`)));
      request.on('error', reject);
      request.end();
    });
    expect(said).toBe('hello');
    // The server looks after it meanwhile.
    expect(extension.seen.findLast(({ url }) => url.endsWith('/f1/exec'))!.headers['x-remote-user']).toEqual(['admin']);
  });

  test('sends nobody elsewhere', async () => {
    // The server's own questions, of which it may ask one now, are answered as ever.
    extension.answerWith(302, FLUNDERS);
    const answer = await call('GET', FLUNDERS);
    extension.answerWith(undefined);
    expect(answer).toMatchObject({ status: 502, text: 'the backend attempted to redirect this request, which is not permitted' });
    expect(answer.headers['location']).toBeUndefined();
  });

  test('is told of in discovery and OpenAPI', async () => {
    expect((await call('GET', '/apis/wardle.example.com')).json).toMatchObject({ kind: 'APIGroup', name: 'wardle.example.com', preferredVersion: { groupVersion: 'wardle.example.com/v1alpha1', version: 'v1alpha1' } });
    expect((await call('GET', '/apis/wardle.example.com/v1alpha1')).json.resources.map(({ name }: { name: string }) => name)).toEqual(['flunders', 'flunders/status']);
    const group = await eventually('its documents have been read', async () => {
      const { items } = (await call('GET', '/apis', undefined, AGGREGATED)).json;
      const found = items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'wardle.example.com');
      return found?.versions[0].freshness === 'Current' ? found : undefined;
    });
    expect(group.versions[0].resources).toEqual([expect.objectContaining({ resource: 'flunders', scope: 'Namespaced', shortNames: ['fl'], subresources: [expect.objectContaining({ subresource: 'status' })] })]);
    const index = (await call('GET', '/openapi/v3')).json.paths;
    const url = index['apis/wardle.example.com/v1alpha1'].serverRelativeURL;
    expect(url).toBe('/openapi/v3/apis/wardle.example.com/v1alpha1?hash=F1');
    expect((await call('GET', url)).json.info.title).toBe('wardle');
    const v2 = (await call('GET', '/openapi/v2')).json;
    expect(v2.definitions['com.example.wardle.v1alpha1.Flunder'].description).toBe('Flunder is served elsewhere.');
    expect([v2.paths['/apis/wardle.example.com/v1alpha1/namespaces/{namespace}/flunders'], v2.paths['/apis/else/v1/x']]).toEqual([{ get: expect.objectContaining({ operationId: 'listFlunders' }) }, undefined]);
    const protobuf = await call('GET', '/openapi/v2', undefined, { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' });
    expect(protobuf.text).toContain('Flunder is served elsewhere.');
    expect(v2.definitions['io.k8s.api.core.v1.Pod']).toBeDefined();
    await eventually('what has not changed is not sent again', async () => {
      const document = await call('GET', '/apis', undefined, AGGREGATED);
      return (await call('GET', '/apis', undefined, { ...AGGREGATED, 'if-none-match': String(document.headers['etag']) })).status === 304 ? true : undefined;
    });
  });

  test('whose certificate is of somebody else is not believed, unless that is wanted', async () => {
    const other = await createAuthority('other', Date.now());
    await call('POST', SERVICES, registration('v1beta1', 'metrics.k8s.io', { caBundle: Buffer.from(other.certificate).toString('base64') }));
    // Whether it lives is another question.
    await untilReason('v1beta1.metrics.k8s.io', 'Passed');
    const nodes = '/apis/metrics.k8s.io/v1beta1/nodes';
    const refused = await call('GET', nodes);
    expect([refused.status, refused.text]).toEqual([503, expect.stringMatching(/^error trying to reach service: .*x509: certificate signed by unknown authority\n$/)]);
    await call('PATCH', `${SERVICES}/v1beta1.metrics.k8s.io`, { spec: { caBundle: null, insecureSkipTLSVerify: true } }, { 'content-type': 'application/merge-patch+json' });
    const answer = await eventually('it is let in', async () => {
      const found = await call('GET', nodes);
      return found.status === 200 ? found : undefined;
    });
    expect(answer.json.items[0].usage.cpu).toBe('250m');
    await call('DELETE', `${SERVICES}/v1beta1.metrics.k8s.io`);
  });

  test('that fails is unavailable until it is well again', async () => {
    extension.answerWith(500);
    // A change makes the API server look at once.
    const lookAgain = (mark: string): Promise<Answer> => call('PATCH', `${SERVICES}/v1alpha1.wardle.example.com`, { metadata: { labels: { a: mark } } }, { 'content-type': 'application/merge-patch+json' });
    await lookAgain('1');
    const url = `https://localhost:${extension.port}/apis/wardle.example.com/v1alpha1`;
    await eventually('the failure is told', async () => ((await conditionOf('v1alpha1.wardle.example.com'))?.['message'] === `failing or missing response from ${url}: bad status from ${url}: 500` ? true : undefined));
    expect(await conditionOf('v1alpha1.wardle.example.com')).toMatchObject({ status: 'False', reason: 'FailedDiscoveryCheck' });
    expect(await call('GET', FLUNDERS)).toMatchObject({ status: 503, text: 'service unavailable\n' });
    const stale = await eventually('its documents are stale', async () => {
      const { items } = (await call('GET', '/apis', undefined, AGGREGATED)).json;
      const [version] = items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'wardle.example.com').versions;
      return version.freshness === 'Stale' ? version : undefined;
    });
    // What it said last is kept.
    expect(stale).toMatchObject({ resources: [{ resource: 'flunders' }] });
    extension.answerWith(undefined);
    await lookAgain('2');
    await untilReason('v1alpha1.wardle.example.com', 'Passed');
    expect((await call('GET', FLUNDERS)).status).toBe(200);
  });
});

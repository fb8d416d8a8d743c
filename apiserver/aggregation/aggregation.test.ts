import type { V1APIService, V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import { checkService, LOCAL, PASSED, withVerdict } from './availability.ts';
import { entriesOf, resourcesOf, versionsOf } from './discoveryEntry.ts';
import { mergeOpenApi } from './mergeOpenApi.ts';
import { priorityOf } from './priorities.ts';
import { AUTOMANAGED, localServices, registrationSteps } from './registration.ts';
import { clusterLocation, endpointLocation } from './serviceLocation.ts';
import { extraKey, userHeaders } from './userHeaders.ts';

const metadata = (name: string, more: object = {}) => ({ name, uid: `uid of ${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...more });
const remote: V1APIService = {
  apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: metadata('v1beta1.metrics.k8s.io'),
  spec: { group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100, service: { namespace: 'kube-system', name: 'metrics-server', port: 443 } },
};
const service = (spec: V1Service['spec'] = { clusterIP: '10.96.0.9', ports: [{ name: 'https', port: 443 }] }): V1Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { ...metadata('metrics-server'), namespace: 'kube-system' }, spec });
const slice = (more: Partial<V1EndpointSlice> = {}): V1EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', metadata: { ...metadata('s'), namespace: 'kube-system' },
  endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: true } }], ports: [{ name: 'https', port: 4443 }], ...more,
});

describe('whether an API service is available', () => {
  it.each([
    ['no Service', undefined, [], 'ServiceNotFound', 'service/metrics-server in "kube-system" is not present'],
    ['another port', service({ ports: [{ name: 'https', port: 8443 }] }), [], 'ServicePortError', 'service/metrics-server in "kube-system" is not listening on port 443'],
    ['no slices', service(), [], 'EndpointsNotFound', 'cannot find endpointslices for service/metrics-server in "kube-system"'],
    ['nothing ready', service(), [slice({ endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: false } }] })], 'MissingEndpoints', 'endpointslices for service/metrics-server in "kube-system" have no addresses with port name "https"'],
    ['another port name', service(), [slice({ ports: [{ name: 'http', port: 80 }] })], 'MissingEndpoints', 'endpointslices for service/metrics-server in "kube-system" have no addresses with port name "https"'],
  ])('%s', (_, found, slices, reason, message) => expect(checkService(remote, found, slices)).toEqual({ status: 'False', reason, message }));

  it('is asked of the server itself where nothing speaks against it', () => {
    expect(checkService(remote, service(), [slice()])).toBeUndefined();
    expect(checkService(remote, service({ type: 'ExternalName', externalName: 'metrics.example.com' }), [])).toBeUndefined();
  });
  it('is out of the question for what the server serves itself', () => expect(checkService({ ...remote, spec: { ...remote.spec!, service: undefined } }, undefined, [])).toEqual(LOCAL));

  it('is written once, with the time of its last change', () => {
    const first = withVerdict(remote, PASSED, '2026-01-01T00:00:01Z');
    expect(first.status?.conditions).toEqual([{ type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed', lastTransitionTime: '2026-01-01T00:00:01Z' }]);
    expect(withVerdict(first, PASSED, '2026-01-01T00:00:02Z')).toBe(first);
    expect(withVerdict(first, LOCAL, '2026-01-01T00:00:02Z').status?.conditions?.[0]).toMatchObject({ reason: 'Local', lastTransitionTime: '2026-01-01T00:00:01Z' });
    expect(withVerdict(first, { status: 'False', reason: 'X', message: '' }, '2026-01-01T00:00:02Z').status?.conditions?.[0]?.lastTransitionTime).toBe('2026-01-01T00:00:02Z');
  });
});

describe('where a Service is reached', () => {
  it('by its cluster IP or its external name', () => {
    expect(clusterLocation(service(), 443)).toEqual({ host: '10.96.0.9', port: 443 });
    expect(clusterLocation(service({ type: 'ExternalName', externalName: 'a.example.com' }), 8443)).toEqual({ host: 'a.example.com', port: 8443 });
    expect(() => clusterLocation(service({ clusterIP: 'None', ports: [{ port: 443 }] }), 443)).toThrow('cannot route to service with ClusterIP "None"');
    expect(() => clusterLocation(service(), 80)).toThrow('no service port 80 found for service "metrics-server"');
  });
  it('or by one of its ready endpoints', () => {
    const two = slice({ endpoints: [{ addresses: ['10.244.0.5'] }, { addresses: ['10.244.0.6'], conditions: { ready: false } }, { addresses: ['10.244.0.7'] }] });
    expect(endpointLocation(service(), [two], 443, 0)).toEqual({ host: '10.244.0.5', port: 4443 });
    expect(endpointLocation(service(), [two], 443, 0.99)).toEqual({ host: '10.244.0.7', port: 4443 });
    expect(() => endpointLocation(service(), [], 443, 0)).toThrow('no endpoints available for service "metrics-server"');
  });
});

describe('registrations of what is served here', () => {
  const custom = { definition: 'd', schema: {}, published: '', terminating: false, servesStorage: true };
  const wanted = localServices([{ group: '', version: 'v1' }, { group: '', version: 'v1' }, { group: 'apps', version: 'v1' }, { group: 'apiregistration.k8s.io', version: 'v1' }, { group: 'example.com', version: 'v2', custom }]);
  const present = (name: string, label: string | undefined, spec: object = wanted.find((each) => each.metadata.name === name)?.spec ?? {}): V1APIService =>
    ({ ...remote, metadata: metadata(name, label === undefined ? {} : { labels: { [AUTOMANAGED]: label } }), spec } as V1APIService);
  const steps = (there: readonly V1APIService[], atStart: boolean): string[] =>
    registrationSteps(wanted, there, atStart).map((step) => `${step.kind} ${step.kind === 'delete' ? step.name : (step.object.metadata.name ?? '')}`);

  it('are one for each version of each group, but for that of the registrations', () => {
    expect(wanted.map(({ metadata: { name, labels }, spec }) => [name, labels?.[AUTOMANAGED], spec?.groupPriorityMinimum, spec?.versionPriority])).toEqual([
      ['v1.', 'onstart', 18_000, 1],
      ['v1.apps', 'onstart', 17_800, 15],
      ['v2.example.com', 'true', 1000, 100],
    ]);
  });
  it('those of built-in groups are made at the start, those of custom resources always', () => {
    expect(steps([], true)).toEqual(['create v1.', 'create v1.apps', 'create v2.example.com']);
    expect(steps([], false)).toEqual(['create v2.example.com']);
  });
  it('are put right where they differ, and left alone where somebody else made them', () => {
    const all = [present('v1.', 'onstart'), present('v1.apps', undefined, { version: 'v1' }), present('v2.example.com', 'true', { version: 'v2' })];
    expect(steps(all, true)).toEqual(['update v2.example.com']);
  });
  it('go with what they were for', () => {
    const all = [...wanted.map(({ metadata: { name = '', labels } }) => present(name, labels?.[AUTOMANAGED])), present('v1.gone.com', 'true'), present('v1.old', 'onstart'), present('v1.theirs', undefined)];
    expect(steps(all, false)).toEqual(['delete v1.gone.com']);
    expect(steps(all, true)).toEqual(['delete v1.gone.com', 'delete v1.old']);
  });
  it('stand in discovery where Kubernetes has them', () => {
    expect(priorityOf('autoscaling', 'v2', false).version).toBeGreaterThan(priorityOf('autoscaling', 'v1', false).version);
    expect(priorityOf('apps', 'v1', true)).toEqual({ group: 1000, version: 100 });
  });
});

describe('who asks, as a front proxy says it', () => {
  it('in headers', () => {
    expect(userHeaders({ name: 'jane', uid: 'u1', groups: ['a', 'b'], extra: { 'example.com/Scopes': ['x', 'y'], none: [] } })).toEqual({
      'x-remote-user': 'jane', 'x-remote-uid': 'u1', 'x-remote-group': ['a', 'b'], 'x-remote-extra-example.com%2Fscopes': ['x', 'y'],
    });
  });
  it('that no name can break out of', () => {
    expect(userHeaders({ name: 'a\r\nX-Remote-Group: system:masters', groups: [] })['x-remote-user']).toBe('a  X-Remote-Group: system:masters');
    expect(extraKey('a:b%ü')).toBe('a%3Ab%25%C3%BC');
  });
});

describe('documents of other servers', () => {
  it('of the older form are shown in the newer', () => {
    const list = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'g/v1', resources: [
      { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
      { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get', 'list'], shortNames: ['fl'] },
      { name: 'fischers/scale', singularName: '', namespaced: false, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get'] },
    ] };
    expect(entriesOf(resourcesOf(list), 'g', 'v1')).toEqual([
      { resource: 'flunders', responseKind: { group: 'g', version: 'v1', kind: 'Flunder' }, scope: 'Namespaced', singularResource: 'flunder', verbs: ['get', 'list'], shortNames: ['fl'],
        subresources: [{ subresource: 'status', responseKind: { group: 'g', version: 'v1', kind: 'Flunder' }, verbs: ['get'] }] },
      { resource: 'fischers', scope: 'Cluster', singularResource: '', verbs: [], subresources: [{ subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get'] }] },
    ]);
  });
  it('of the newer form are taken by version; anything else is none', () => {
    expect([...versionsOf({ kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: 'g' }, versions: [{ version: 'v1', freshness: 'Current' }] }] })!]).toEqual([['g/v1', { version: 'v1', freshness: 'Current' }]]);
    for (const value of [null, {}, { kind: 'APIGroupList', items: [] }, { kind: 'APIGroupDiscoveryList', items: 3 }]) expect(versionsOf(value)).toBeUndefined();
  });
  it('are merged with ours: only what is asked for, and under another name where ours differs', () => {
    const own = { paths: { '/api/v1/pods': {} }, definitions: { Meta: { type: 'object' }, Status: { type: 'object' } } };
    const other = {
      paths: { '/apis/g/v1/flunders': { schema: { $ref: '#/definitions/Flunder' } }, '/apis/other/v1/x': { schema: { $ref: '#/definitions/X' } }, '/apis/g/v10/y': {} },
      definitions: { Flunder: { items: [{ $ref: '#/definitions/Meta' }, { $ref: '#/definitions/Status' }, { $ref: '#/definitions/Flunder' }] }, Meta: { type: 'object' }, Status: { type: 'string' }, X: {} },
    };
    expect(mergeOpenApi(own, other, ['/apis/g/v1'])).toEqual({
      paths: { '/api/v1/pods': {}, '/apis/g/v1/flunders': { schema: { $ref: '#/definitions/Flunder' } } },
      definitions: {
        Meta: { type: 'object' }, Status: { type: 'object' }, Status_v2: { type: 'string' },
        Flunder: { items: [{ $ref: '#/definitions/Meta' }, { $ref: '#/definitions/Status_v2' }, { $ref: '#/definitions/Flunder' }] },
      },
    });
  });
});

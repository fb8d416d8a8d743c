import type { V1Pod, V1ResourceQuota, V1Service } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import { Batches } from './batches.ts';
import { chargeAll, chargeOf, isCharged, type QuotaRequest } from './charge.ts';
import { limitedResources, whyUncovered } from './limitedResources.ts';

const meta = { name: 'q', namespace: 'n', uid: 'q', resourceVersion: '1', creationTimestamp: '' };
const quota = (hard: Record<string, string>, used: Record<string, string> = Object.fromEntries(Object.keys(hard).map((name) => [name, '0'])), spec: V1ResourceQuota['spec'] = {}): V1ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: meta,
  spec: { hard, ...spec },
  status: { hard, used },
});
const pod = (spec: Partial<NonNullable<V1Pod['spec']>> = {}): IncomingObject<V1Pod> => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec: { containers: [{ name: 'c' }], ...spec } });
const asking = (requests: Record<string, string>, limits: Record<string, string> = {}): IncomingObject<V1Pod> => pod({ containers: [{ name: 'c', resources: { requests, limits } }] });
const request = (plural: string, object: object, rest: Partial<QuotaRequest> = {}): QuotaRequest => ({ operation: 'CREATE', group: '', plural, subresource: '', object: object as IncomingObject, previous: undefined, ...rest });

/** What a quota says: why not, or what is used then. */
function said(of: V1ResourceQuota, asked: QuotaRequest): unknown {
  const charge = chargeOf(of, asked);
  return charge.kind === 'refuse' ? charge.why : charge.kind === 'charge' ? charge.quota.status?.used : 'nothing';
}

test('what is there is charged, what goes beyond it refused', () => {
  expect(said(quota({ pods: '2', 'requests.cpu': '1' }, { pods: '1', 'requests.cpu': '500m' }), request('pods', asking({ cpu: '250m' })))).toEqual({ pods: '2', 'requests.cpu': '750m' });
  expect(said(quota({ pods: '1', 'requests.cpu': '1' }, { pods: '1', 'requests.cpu': '500m' }), request('pods', asking({ cpu: '600m' })))).toBe(
    'exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=1',
  );
  expect(said(quota({ configmaps: '1' }), request('pods', pod()))).toBe('nothing');
});

test('a quota that is not counted yet limits nothing; one that is counted in part refuses', () => {
  expect(said({ ...quota({ pods: '0' }), status: {} }, request('pods', pod()))).toBe('nothing');
  expect(said(quota({ pods: '5', 'count/pods': '5' }, { pods: '0' }), request('pods', pod()))).toBe('status unknown for quota: q, resources: count/pods,pods');
});

test('what a quota limits must be said, by each container or for the pod', () => {
  const limited = quota({ 'limits.cpu': '9', 'requests.memory': '9Gi', 'requests.ephemeral-storage': '1Gi' });
  expect(said(limited, request('pods', pod({ containers: [{ name: 'b' }, { name: 'a', resources: { limits: { cpu: '1' } } }], initContainers: [{ name: 'i' }] })))).toBe('failed quota: q: must specify limits.cpu for: b,i; requests.memory for: a,b,i');
  expect(said(limited, request('pods', pod({ resources: { limits: { cpu: '1' }, requests: { memory: '1Gi' } } })))).toEqual({ 'limits.cpu': '1', 'requests.memory': '1Gi', 'requests.ephemeral-storage': '0' });
});

test('of a resize the difference counts, and what is taken less is not given back at once', () => {
  const limited = quota({ 'requests.cpu': '1' }, { 'requests.cpu': '600m' });
  const resize = (from: string, to: string): unknown => said(limited, request('pods', asking({ cpu: to }), { operation: 'UPDATE', subresource: 'resize', previous: asking({ cpu: from }) as V1Pod }));
  expect(resize('500m', '900m')).toEqual({ 'requests.cpu': '1' });
  expect(resize('500m', '950m')).toBe('exceeded quota: q, requested: requests.cpu=450m, used: requests.cpu=600m, limited: requests.cpu=1');
  expect(resize('500m', '100m')).toBe('nothing');
});

test('extended resources, huge pages and device classes count under their own names', () => {
  expect(said(quota({ 'requests.example.com/gpu': '2', 'hugepages-2Mi': '4Mi' }), request('pods', asking({ 'example.com/gpu': '1', 'hugepages-2Mi': '2Mi' }, { 'example.com/gpu': '1' })))).toEqual({ 'requests.example.com/gpu': '1', 'hugepages-2Mi': '2Mi' });
  const claim = { metadata: { name: 'x' }, spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gpu', count: 2 } }, { name: 'b', firstAvailable: [{ name: 'x', deviceClassName: 'gpu' }, { name: 'y', deviceClassName: 'fpga', allocationMode: 'All' }] }] } } };
  const classes = quota({ 'gpu.deviceclass.resource.k8s.io/devices': '4', 'fpga.deviceclass.resource.k8s.io/devices': '64', 'count/resourceclaims.resource.k8s.io': '1' });
  expect(said(classes, request('resourceclaims', claim, { group: 'resource.k8s.io' }))).toEqual({ 'gpu.deviceclass.resource.k8s.io/devices': '3', 'fpga.deviceclass.resource.k8s.io/devices': '32', 'count/resourceclaims.resource.k8s.io': '1' });
});

test('services and claims count with their types and classes', () => {
  const service = (type: string): object => ({ metadata: { name: 's' }, spec: { type, ports: [{ port: 1 }, { port: 2 }] } });
  const limits = quota({ services: '5', 'services.nodeports': '3', 'services.loadbalancers': '1' });
  expect(said(limits, request('services', service('LoadBalancer')))).toEqual({ services: '1', 'services.nodeports': '2', 'services.loadbalancers': '1' });
  expect(said(limits, request('services', service('NodePort'), { operation: 'UPDATE', previous: service('ClusterIP') as V1Service }))).toMatchObject({ services: '0', 'services.nodeports': '2' });
  const claim = { metadata: { name: 'c' }, spec: { storageClassName: 'gold', resources: { requests: { storage: '1500m' } } } };
  expect(said(quota({ 'requests.storage': '5', 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1' }), request('persistentvolumeclaims', claim))).toEqual({ 'requests.storage': '2', 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1' });
});

test.each<[string, V1ResourceQuota['spec'], Partial<NonNullable<V1Pod['spec']>>, boolean]>([
  ['Terminating', { scopes: ['Terminating'] }, { activeDeadlineSeconds: 5 }, true],
  ['Terminating', { scopes: ['Terminating'] }, {}, false],
  ['NotTerminating', { scopes: ['NotTerminating'] }, {}, true],
  ['BestEffort', { scopes: ['BestEffort'] }, {}, true],
  ['NotBestEffort', { scopes: ['NotBestEffort'] }, {}, false],
  ['PriorityClass In', { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } }, { priorityClassName: 'high' }, true],
  ['PriorityClass NotIn', { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } }, {}, true],
  ['PriorityClass DoesNotExist', { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } }, { priorityClassName: 'high' }, false],
  ['CrossNamespacePodAffinity', { scopes: ['CrossNamespacePodAffinity'] }, { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'x', namespaces: ['y'] }] } } }, true],
])('scope %s %j counts %j: %j', (_, spec, podSpec, isIn) => {
  expect(said(quota({ pods: '1' }, { pods: '0' }, spec), request('pods', pod(podSpec)))).toEqual(isIn ? { pods: '1' } : 'nothing');
});

test('claims are in a scope by their class of attributes, whether they have it or want it', () => {
  const silver = quota({ persistentvolumeclaims: '5' }, { persistentvolumeclaims: '0' }, { scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['silver'] }] } });
  const claim = (spec: object, status: object = {}): object => ({ metadata: { name: 'c' }, spec, status });
  expect(said(silver, request('persistentvolumeclaims', claim({ volumeAttributesClassName: 'silver' })))).toEqual({ persistentvolumeclaims: '1' });
  expect(said(silver, request('persistentvolumeclaims', claim({}, { currentVolumeAttributesClassName: 'silver' })))).toEqual({ persistentvolumeclaims: '1' });
  expect(said(silver, request('persistentvolumeclaims', claim({ volumeAttributesClassName: 'gold' })))).toBe('nothing');
});

test('a pod that is done, or should be gone, takes nothing but its place', () => {
  const both = quota({ pods: '5', 'count/pods': '5' });
  expect(said(both, request('pods', { ...pod(), status: { phase: 'Succeeded' } }))).toEqual({ pods: '0', 'count/pods': '1' });
});

test('only some requests are charged at all', () => {
  expect(isCharged(request('pods', pod()))).toBe(true);
  expect(isCharged(request('pods', pod(), { operation: 'UPDATE', previous: pod() as V1Pod }))).toBe(false);
  expect(isCharged(request('pods', pod({ activeDeadlineSeconds: 9 }), { operation: 'UPDATE', previous: pod() as V1Pod }))).toBe(true);
  expect(isCharged(request('pods', pod(), { operation: 'CREATE', subresource: 'binding' }))).toBe(false);
  expect(isCharged(request('pods', pod(), { operation: 'UPDATE', subresource: 'resize' }))).toBe(true);
  expect(isCharged(request('services', {}, { operation: 'UPDATE' }))).toBe(true);
  expect(said(quota({ 'count/events': '0' }), request('events', {}))).toBe('nothing');
});

test('several requests are charged together, one after another', () => {
  const asked = { kind: 'charge', request: request('pods', pod()), dryRun: false } as const;
  const { charges, quota: after } = chargeAll(quota({ pods: '2' }), [asked, { ...asked, dryRun: true }, asked, asked]);
  expect(charges.map(({ kind }) => kind)).toEqual(['charge', 'charge', 'charge', 'refuse']);
  expect(after.status?.used).toEqual({ pods: '2' });
});

test('a charge can be given back, and never below nothing', () => {
  const [charge] = chargeAll(quota({ pods: '2' }, { pods: '1' }), [{ kind: 'charge', request: request('pods', pod()), dryRun: false }]).charges;
  const delta = charge?.kind === 'charge' ? charge.delta : new Map();
  expect(delta.size).toBe(1);
  const backIn = (of: V1ResourceQuota): unknown => chargeAll(of, [{ kind: 'giveBack', delta }]).quota.status?.used;
  expect(backIn(quota({ pods: '2' }, { pods: '2' }))).toEqual({ pods: '1' });
  expect(backIn(quota({ pods: '2' }))).toEqual({ pods: '0' });
});

test('what is limited by configuration needs a quota that covers it', () => {
  const limited = limitedResources({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'ResourceQuotaConfiguration',
    limitedResources: [
      { resource: 'persistentvolumeclaims', matchContains: ['.storageclass.storage.k8s.io/requests.storage'] },
      { resource: 'pods', matchScopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['cluster-services'] }] },
    ],
  });
  const claim = request('persistentvolumeclaims', { metadata: { name: 'c' }, spec: { storageClassName: 'gold', resources: { requests: { storage: '1Gi' } } } });
  expect(whyUncovered(limited, [], claim)).toBe('insufficient quota to consume: gold.storageclass.storage.k8s.io/requests.storage');
  expect(whyUncovered(limited, [quota({ 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' })], claim)).toBeUndefined();
  const important = request('pods', pod({ priorityClassName: 'cluster-services' }));
  expect(whyUncovered(limited, [quota({ pods: '5' })], important)).toBe('insufficient quota to match these scopes: [{PriorityClass In [cluster-services]}]');
  expect(whyUncovered(limited, [quota({ pods: '5' }, {}, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['cluster-services'] }] } })], important)).toBeUndefined();
  expect(whyUncovered(limited, [], request('pods', pod()))).toBeUndefined();
  expect(() => limitedResources({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'ResourceQuotaConfiguration', limitedResources: [{}] })).toThrow('limitedResources[0].resource: Required value');
});

test('what comes for a key that is being worked on is done together after it', async () => {
  const done: string[] = [];
  const batches = new Batches<number, number>(async (key, items) => {
    await Promise.resolve();
    done.push(`${key}${items.join('')}${batches.hasMore(key) ? '+' : ''}`);
    if (items.includes(1)) throw new Error('x');
    return items.map((each) => each * 2);
  });
  const first = batches.add('a', 1);
  const others = [batches.add('a', 2), batches.add('a', 3), batches.add('b', 4)];
  await expect(first).rejects.toThrow('x');
  expect(await Promise.all(others)).toEqual([4, 6, 8]);
  expect(done).toEqual(['a1+', 'b4', 'a23']);
  expect(await batches.add('a', 5)).toBe(10);
});

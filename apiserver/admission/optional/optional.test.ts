import { builtinDefinitions } from '../../../api/kinds/index.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { FakeClock } from '../../../process/fakeClock.ts';
import type { Storage, StoredObject, WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, Authorizer } from '../../types.ts';
import { AlwaysPullImages } from './alwaysPullImages.ts';
import { EventRateLimit, eventLimits } from './eventRateLimit.ts';
import { NamespaceAutoProvision, NamespaceExists } from './namespacePlugins.ts';
import { OwnerReferencesPermissionEnforcement } from './ownerReferences.ts';
import { PodNodeSelector } from './podNodeSelector.ts';
import { ExtendedResourceToleration, LimitPodHardAntiAffinityTopology } from './podPlugins.ts';
import { AlwaysDeny, DenyServiceExternalIPs } from './smallPlugins.ts';
import { StoredObjects } from '../storedObjects.ts';

/** Objects by key, in memory and in the store alike; `put` has what was written. */
function stored(...objects: readonly [string, object][]): { cache: WatchCache; storage: Storage; put: KubeObject[] } {
  const byKey = new Map(objects.map(([key, object]): [string, StoredObject] => [key, { key, object: object as KubeObject, revision: 1, bytes: Buffer.alloc(0) }]));
  const put: KubeObject[] = [];
  const cache: Pick<WatchCache, 'get' | 'list'> = { get: (key) => byKey.get(key), list: (prefix) => [...byKey.values()].filter(({ key }) => key.startsWith(prefix)) };
  const storage: Pick<Storage, 'get' | 'transact'> = {
    get: async (key) => byKey.get(key),
    transact: async (_, operations) => {
      for (const operation of operations) if (operation.kind === 'put') put.push(operation.object);
      return { committed: true, revision: 2, stored: [] };
    },
  };
  return { cache: cache as WatchCache, storage: storage as Storage, put };
}

function attributes(plural: string, object: object, rest: Partial<AdmissionAttributes> = {}): AdmissionAttributes {
  const definition = builtinDefinitions.find((each) => each.plural === plural)!;
  return { operation: 'CREATE', definition, namespace: 'n', name: 'x', subresource: '', object: { apiVersion: 'v1', kind: definition.kind, metadata: { name: 'x' }, ...object }, previous: undefined, user: { name: 'jane', groups: [] }, dryRun: false, warn: () => undefined, ...rest };
}

test('AlwaysPullImages', async () => {
  const pod = attributes('pods', { spec: { containers: [{ name: 'c', image: 'i', imagePullPolicy: 'Never' }], volumes: [{ name: 'v', image: { reference: 'r' } }] } });
  const plugin = new AlwaysPullImages();
  await expect(plugin.validate(pod)).rejects.toMatchObject({ message: 'pods "x" is forbidden: spec.containers[0].imagePullPolicy: Unsupported value: "Never": supported values: "Always"' });
  await plugin.admit(pod);
  expect(pod.object).toMatchObject({ spec: { containers: [{ imagePullPolicy: 'Always' }], volumes: [{ image: { pullPolicy: 'Always' } }] } });
  await expect(plugin.validate(pod)).resolves.toBeUndefined();
});

test('LimitPodHardAntiAffinityTopology', async () => {
  const pod = attributes('pods', { spec: { containers: [], affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } } } });
  await expect(new LimitPodHardAntiAffinityTopology().validate(pod)).rejects.toMatchObject({ message: 'pods "x" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed' });
});

test('ExtendedResourceToleration', async () => {
  const pod = attributes('pods', { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1', 'example.com/gpu': '1' } } }] } });
  await new ExtendedResourceToleration().admit(pod);
  await new ExtendedResourceToleration().admit(pod);
  expect(pod.object).toMatchObject({ spec: { tolerations: [{ key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' }] } });
});

test('PodNodeSelector', async () => {
  const { cache, storage } = stored(['/registry/namespaces/n', { metadata: { name: 'n', annotations: { 'scheduler.alpha.kubernetes.io/node-selector': 'env=test, disk=ssd' } } }]);
  const plugin = new PodNodeSelector(new StoredObjects(cache, storage), { podNodeSelectorPluginConfig: { n: 'env=test,disk=ssd,zone=a' } });
  const pod = attributes('pods', { spec: { containers: [], nodeSelector: { zone: 'a' } } });
  await plugin.admit(pod);
  expect(pod.object).toMatchObject({ spec: { nodeSelector: { env: 'test', disk: 'ssd', zone: 'a' } } });
  await expect(plugin.validate(pod)).resolves.toBeUndefined();
  await expect(plugin.admit(attributes('pods', { spec: { containers: [], nodeSelector: { env: 'prod' } } }))).rejects.toMatchObject({ message: 'pods "x" is forbidden: pod node label selector conflicts with its namespace node label selector' });
  await expect(plugin.validate(attributes('pods', { spec: { containers: [], nodeSelector: { other: 'b' } } }))).rejects.toMatchObject({ message: 'pods "x" is forbidden: pod node label selector labels conflict with its namespace whitelist' });
});

test('NamespaceExists and NamespaceAutoProvision', async () => {
  const { cache, storage, put } = stored(['/registry/namespaces/n', { metadata: { name: 'n' } }]);
  const exists = new NamespaceExists(new StoredObjects(cache, storage));
  await expect(exists.validate(attributes('pods', {}))).resolves.toBeUndefined();
  await expect(exists.validate(attributes('pods', {}, { namespace: 'none' }))).rejects.toMatchObject({ message: 'namespaces "none" not found' });
  const provision = new NamespaceAutoProvision(cache, storage, new FakeClock(), () => 'u');
  await provision.admit(attributes('pods', {}));
  await provision.admit(attributes('pods', {}, { namespace: 'new', dryRun: true }));
  expect(put).toEqual([]);
  await provision.admit(attributes('pods', {}, { namespace: 'new' }));
  expect(put).toMatchObject([{ kind: 'Namespace', metadata: { name: 'new', uid: 'u', labels: { 'kubernetes.io/metadata.name': 'new' } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }]);
});

test('AlwaysDeny and DenyServiceExternalIPs', async () => {
  await expect(new AlwaysDeny().validate(attributes('pods', {}))).rejects.toMatchObject({ message: 'pods "x" is forbidden: admission control is denying all modifications' });
  const service = { spec: { externalIPs: ['192.0.2.1'] } };
  const plugin = new DenyServiceExternalIPs();
  await expect(plugin.validate(attributes('services', service))).rejects.toMatchObject({ message: 'services "x" is forbidden: Use of external IPs is denied by admission control.' });
  await expect(plugin.validate(attributes('services', service, { operation: 'UPDATE', previous: service as never }))).resolves.toBeUndefined();
});

test('EventRateLimit', async () => {
  const clock = new FakeClock();
  const limits = eventLimits({ apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1', kind: 'Configuration', limits: [{ type: 'Namespace', qps: 1, burst: 2, cacheSize: 1 }] });
  const plugin = new EventRateLimit(limits, clock);
  const send = (namespace: string): Promise<void> => plugin.validate(attributes('events', {}, { namespace }));
  await send('n');
  await send('n');
  await expect(send('n')).rejects.toMatchObject({ code: 429, message: 'Too many requests: limit reached on type Namespace for key n' });
  await clock.advance(1_000);
  await expect(send('n')).resolves.toBeUndefined();
  // Only one key is remembered: the other namespace's begins anew.
  await send('m');
  await expect(send('n')).resolves.toBeUndefined();
  const limitsOf = (limit: object): unknown => eventLimits({ apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1', kind: 'Configuration', limits: [limit] });
  expect(() => limitsOf({ type: 'X', qps: 1, burst: 1 })).toThrow('limits[0].type: Unsupported value: "X": supported values: "Namespace", "Server", "SourceAndObject", "User"');
  expect(() => limitsOf({ type: 'User', qps: -1, cacheSize: -1 })).toThrow('[limits[0].burst: Invalid value: 0: must be positive, limits[0].qps: Invalid value: -1: must be positive, limits[0].cacheSize: Invalid value: -1: must not be negative]');
  expect(limitsOf({ type: 'User', qps: 1, burst: 2 })).toEqual([{ type: 'User', qps: 1, burst: 2, cacheSize: 4_096 }]);
});

test('OwnerReferencesPermissionEnforcement', async () => {
  const { cache } = stored();
  const may = (allowed: readonly string[]): OwnerReferencesPermissionEnforcement => {
    const authorizer: Authorizer = { authorize: ({ verb, resource, subresource }) => (allowed.includes([verb, resource, subresource].filter((each) => each !== '').join('/')) ? { allowed: true, reason: '' } : { allowed: false, reason: 'no' }) };
    return new OwnerReferencesPermissionEnforcement(cache, authorizer);
  };
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', blockOwnerDeletion: true };
  const withOwner = { metadata: { name: 'x', ownerReferences: [owner] } };
  const created = attributes('pods', withOwner);
  const pod = attributes('pods', withOwner, { operation: 'UPDATE', previous: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', uid: 'p', resourceVersion: '1', creationTimestamp: '' } } });
  const cannotDelete = 'pods "x" is forbidden: cannot set an ownerRef on a resource you can\'t delete: no, <nil>';
  const cannotBlock = 'pods "x" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can\'t set finalizers on: no, <nil>';
  await expect(may([]).validate(pod)).rejects.toMatchObject({ message: cannotDelete });
  await expect(may(['delete/pods']).validate(pod)).rejects.toMatchObject({ message: cannotBlock });
  await expect(may(['delete/pods', 'update/replicasets/finalizers']).validate(pod)).resolves.toBeUndefined();
  await expect(may(['delete/pods']).validate({ ...pod, subresource: 'ephemeralcontainers' })).rejects.toMatchObject({ message: cannotDelete });
  await expect(may([]).validate(created)).rejects.toMatchObject({ message: cannotBlock });
  await expect(may(['update/replicasets/finalizers']).validate(created)).resolves.toBeUndefined();
  await expect(may([]).validate(attributes('pods', {}))).resolves.toBeUndefined();
});

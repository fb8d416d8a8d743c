import type { V1LimitRangeItem, V1Pod, V1PodSpec } from '../../api/generated/types.ts';
import { builtinDefinitions } from '../../api/kinds/index.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { systemClock } from '../../process/clock.ts';
import { RbacAuthorizer } from '../authorization/rbacAuthorizer.ts';
import { RbacIndex } from '../authorization/rbacIndex.ts';
import type { Storage, StoredObject, WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes } from '../types.ts';
import { admissionChain } from './chain.ts';
import { DefaultTolerationSeconds } from './defaultTolerationSeconds.ts';
import { LimitRanger } from './limitRanger.ts';
import { NamespaceLifecycle } from './namespaceLifecycle.ts';
import { PodTopologyLabels } from './podTopologyLabels.ts';
import { Priority } from './priority.ts';
import { ServiceAccountAdmission } from './serviceAccount.ts';
import { TaintNodesByCondition } from './taintNodesByCondition.ts';
import { StoredObjects } from './storedObjects.ts';

/** What is in memory and in the store: the same objects, by key. */
function stored(...objects: readonly [string, object][]): { cache: WatchCache; storage: Storage } {
  const byKey = new Map(objects.map(([key, object]): [string, StoredObject] => [key, { key, object: object as KubeObject, revision: 1, bytes: Buffer.alloc(0) }]));
  const cache: Pick<WatchCache, 'get' | 'list'> = { get: (key) => byKey.get(key), list: (prefix) => [...byKey.values()].filter(({ key }) => key.startsWith(prefix)) };
  const storage: Pick<Storage, 'get'> = { get: async (key) => byKey.get(key) };
  return { cache: cache as WatchCache, storage: storage as Storage };
}

const kind = (plural: string): ResourceDefinition => builtinDefinitions.find((each) => each.plural === plural)!;
const podOf = (spec: Partial<V1PodSpec>): IncomingObject<V1Pod> => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'c' }], ...spec } });

function attributes(definition: ResourceDefinition, object: IncomingObject | undefined, rest: Partial<AdmissionAttributes> = {}): AdmissionAttributes {
  return { operation: 'CREATE', definition, namespace: 'default', name: 'p', subresource: '', object, previous: undefined, user: { name: 'jane', groups: [] }, dryRun: false, warn: () => undefined, ...rest };
}

test('the chain is in Kubernetes\' order; quotas are charged last', () => {
  const { cache, storage } = stored();
  const rbac = new RbacAuthorizer(new RbacIndex());
  const chain = admissionChain(cache, storage, systemClock, Math.random, rbac, rbac);
  expect(chain.map(({ name }) => name)).toEqual([
    'NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'NodeRestriction', 'TaintNodesByCondition', 'PodSecurity', 'Priority', 'DefaultTolerationSeconds', 'DefaultStorageClass', 'StorageObjectInUseProtection',
    'PersistentVolumeClaimResize', 'RuntimeClass', 'CertificateApproval', 'CertificateSigning', 'CertificateSubjectRestriction', 'DefaultIngressClass', 'PodTopologyLabels', 'NodeDeclaredFeatureValidator', 'PodResizeValidator', 'RBACEscalation', 'ResourceQuota',
  ]);
});

test('plugins are turned on and off by name, each at its place', () => {
  const { cache, storage } = stored();
  const rbac = new RbacAuthorizer(new RbacIndex());
  const names = (enable: readonly string[], disable: readonly string[]): readonly string[] =>
    admissionChain(cache, storage, systemClock, Math.random, rbac, rbac, undefined, [], { enable, disable, configuration: new Map() }).map(({ name }) => name);
  expect(names(['AlwaysPullImages', 'AlwaysDeny', 'NamespaceAutoProvision'], ['PodSecurity', 'ResourceQuota']).filter((name) => /Always|Namespace|PodSec|Quota|Limit/.test(name))).toEqual(['NamespaceAutoProvision', 'NamespaceLifecycle', 'LimitRanger', 'AlwaysPullImages', 'AlwaysDeny']);
  expect(() => names(['Nope'], ['PodSecurity'])).toThrow('enable-admission-plugins plugin "Nope" is unknown');
  expect(() => names(['PodSecurity'], ['Nope', 'PodSecurity'])).toThrow('[disable-admission-plugins plugin "Nope" is unknown, [PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped]');
  expect(() => names(['EventRateLimit'], [])).toThrow('EventRateLimit');
});

describe('NamespaceLifecycle', () => {
  const { cache, storage } = stored(['/registry/namespaces/default', { metadata: { name: 'default' } }], ['/registry/namespaces/going', { metadata: { name: 'going', deletionTimestamp: 't' } }]);
  const admit = (rest: Partial<AdmissionAttributes>): Promise<void> => new NamespaceLifecycle(new StoredObjects(cache, storage)).admit(attributes(kind('pods'), podOf({}), rest));

  test('lets in where the namespace is', async () => {
    await expect(admit({})).resolves.toBeUndefined();
  });

  test('refuses where it is not, or goes', async () => {
    await expect(admit({ namespace: 'none' })).rejects.toMatchObject({ code: 404, message: 'namespaces "none" not found' });
    await expect(admit({ namespace: 'going' })).rejects.toMatchObject({
      code: 403,
      message: 'pods "p" is forbidden: unable to create new content in namespace going because it is being terminated',
      status: { details: { causes: [{ reason: 'NamespaceTerminating', message: 'namespace going is being terminated', field: 'metadata.namespace' }] } },
    });
    const nameless = { ...podOf({}), metadata: {} };
    await expect(new NamespaceLifecycle(new StoredObjects(cache, storage)).admit(attributes(kind('pods'), nameless, { namespace: 'going', name: '' }))).rejects.toMatchObject({
      message: 'pods "Unknown" is forbidden: unable to create new content in namespace going because it is being terminated',
    });
  });

  test('the system\'s namespaces cannot be deleted', async () => {
    const deletion = attributes(kind('namespaces'), undefined, { operation: 'DELETE', namespace: '', name: 'default' });
    await expect(new NamespaceLifecycle(new StoredObjects(cache, storage)).validate(deletion)).rejects.toMatchObject({ message: 'namespaces "default" is forbidden: this namespace may not be deleted' });
  });
});

describe('ServiceAccount', () => {
  const { cache, storage } = stored(['/registry/serviceaccounts/default/default', { metadata: { name: 'default' }, imagePullSecrets: [{ name: 'pull' }] }]);
  const plugin = new ServiceAccountAdmission(new StoredObjects(cache, storage), systemClock, () => 0);

  test('gives the account, its pull secrets and the volume with its token', async () => {
    const pod = podOf({ initContainers: [{ name: 'i' }] });
    await plugin.admit(attributes(kind('pods'), pod));
    const mount = { name: 'kube-api-access-bbbbb', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    expect(pod.spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default', imagePullSecrets: [{ name: 'pull' }], containers: [{ volumeMounts: [mount] }], initContainers: [{ volumeMounts: [mount] }] });
    expect(pod.spec?.volumes).toMatchObject([{ name: 'kube-api-access-bbbbb', projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3607 } }, { configMap: { name: 'kube-root-ca.crt' } }, { downwardAPI: {} }] } }]);
  });

  test('mounts nothing where the pod wants none', async () => {
    const pod = podOf({ automountServiceAccountToken: false });
    await plugin.admit(attributes(kind('pods'), pod));
    expect(pod.spec?.volumes).toBeUndefined();
  });

  test('refuses an account that is not there', async () => {
    await expect(plugin.admit(attributes(kind('pods'), podOf({ serviceAccountName: 'x' })))).rejects.toMatchObject({ code: 403, message: 'pods "p" is forbidden: error looking up service account default/x: serviceaccount "x" not found' });
  });
});

describe('LimitRanger', () => {
  const withRange = (item: V1LimitRangeItem): LimitRanger => new LimitRanger(stored(['/registry/limitranges/default/r', { metadata: { name: 'r' }, spec: { limits: [item] } }]).cache);

  test('fills in defaults, and says so', async () => {
    const pod = podOf({ containers: [{ name: 'c', resources: { limits: { memory: '1Gi' } } }] });
    await withRange({ type: 'Container', default: { cpu: '1', memory: '2Gi' }, defaultRequest: { cpu: '100m' } }).admit(attributes(kind('pods'), pod));
    expect(pod.spec?.containers[0]?.resources).toEqual({ requests: { cpu: '100m' }, limits: { cpu: '1', memory: '1Gi' } });
    expect(pod.metadata.annotations).toEqual({ 'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; cpu limit for container c' });
  });

  const resources = { requests: { cpu: '50m' }, limits: { cpu: '2' } };

  test.each<[string, V1LimitRangeItem, string]>([
    ['too little', { type: 'Container', min: { cpu: '100m' } }, 'minimum cpu usage per Container is 100m, but request is 50m'],
    ['too much', { type: 'Container', max: { cpu: '1' } }, 'maximum cpu usage per Container is 1, but limit is 2'],
    ['too much in all', { type: 'Pod', max: { cpu: '1' } }, 'maximum cpu usage per Pod is 1, but limit is 2'],
    ['no limit', { type: 'Container', max: { memory: '1Gi' } }, 'maximum memory usage per Container is 1Gi.  No limit is specified'],
    ['too far apart', { type: 'Container', maxLimitRequestRatio: { cpu: '2' } }, 'cpu max limit to request ratio per Container is 2, but provided ratio is 40.000000'],
    ['no ratio', { type: 'Container', maxLimitRequestRatio: { memory: '2' } }, 'memory max limit to request ratio per Container is 2, but no request is specified or request is 0'],
  ])('%s is refused', async (_, item, message) => {
    await expect(withRange(item).validate(attributes(kind('pods'), podOf({ containers: [{ name: 'c', resources }] })))).rejects.toMatchObject({ code: 403, message: `pods "p" is forbidden: ${message}` });
  });

  test('all faults of one range are named, and none of the next', async () => {
    const ranges = stored(
      ['/registry/limitranges/default/a', { metadata: { name: 'a' }, spec: { limits: [{ type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' } }] } }],
      ['/registry/limitranges/default/b', { metadata: { name: 'b' }, spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } }],
    );
    await expect(new LimitRanger(ranges.cache).validate(attributes(kind('pods'), podOf({ containers: [{ name: 'c', resources }] })))).rejects.toMatchObject({
      message: 'pods "p" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 1, but limit is 2]',
    });
  });

  test('a limit may not be below the least either, nor a request above the most', async () => {
    const pod = podOf({ containers: [{ name: 'c', resources: { requests: { cpu: '3' }, limits: { cpu: '1' } } }] });
    await expect(withRange({ type: 'Container', min: { cpu: '2' } }).validate(attributes(kind('pods'), pod))).rejects.toMatchObject({ message: expect.stringContaining('minimum cpu usage per Container is 2, but limit is 1') });
    await expect(withRange({ type: 'Container', max: { cpu: '2' } }).validate(attributes(kind('pods'), pod))).rejects.toMatchObject({ message: expect.stringContaining('maximum cpu usage per Container is 2, but request is 3') });
  });

  test('claims are held to theirs', async () => {
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'p' }, spec: { resources: { requests: { storage: '5Gi' } } } } as IncomingObject;
    await expect(withRange({ type: 'PersistentVolumeClaim', max: { storage: '2Gi' } }).validate(attributes(kind('persistentvolumeclaims'), claim))).rejects.toMatchObject({
      message: 'persistentvolumeclaims "p" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 5Gi',
    });
  });

  test('a pod that was there before can still be updated', async () => {
    await expect(withRange({ type: 'Container', max: { cpu: '1' } }).validate(attributes(kind('pods'), podOf({ containers: [{ name: 'c', resources }] }), { operation: 'UPDATE' }))).resolves.toBeUndefined();
  });
});

describe('Priority', () => {
  const { cache, storage } = stored(
    ['/registry/scheduling.k8s.io/priorityclasses/high', { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' }],
    ['/registry/scheduling.k8s.io/priorityclasses/usual', { metadata: { name: 'usual' }, value: 7, globalDefault: true }],
  );
  const admitted = async (spec: Partial<V1PodSpec>): Promise<V1PodSpec | undefined> => {
    const pod = podOf(spec);
    await new Priority(new StoredObjects(cache, storage)).admit(attributes(kind('pods'), pod));
    return pod.spec;
  };

  test('a class gives its number and policy; without one, the default\'s', async () => {
    expect(await admitted({ priorityClassName: 'high' })).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' });
    expect(await admitted({})).toMatchObject({ priorityClassName: 'usual', priority: 7, preemptionPolicy: 'PreemptLowerPriority' });
  });

  test('an unknown class, and another number than its own, are refused', async () => {
    await expect(admitted({ priorityClassName: 'none' })).rejects.toMatchObject({ message: 'pods "p" is forbidden: no PriorityClass with name none was found' });
    await expect(admitted({ priorityClassName: 'high', priority: 5 })).rejects.toMatchObject({
      message: 'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    });
  });

  test('a pod that has no name yet is called by its prefix', async () => {
    const pod = { ...podOf({ priorityClassName: 'none' }), metadata: { generateName: 'web-' } };
    await expect(new Priority(new StoredObjects(cache, storage)).admit(attributes(kind('pods'), pod, { name: '' }))).rejects.toMatchObject({ message: 'pods "web-" is forbidden: no PriorityClass with name none was found' });
  });
});

test('there is one default priority class', async () => {
  const { cache, storage } = stored(['/registry/scheduling.k8s.io/priorityclasses/usual', { metadata: { name: 'usual' }, value: 7, globalDefault: true }]);
  const sent = (name: string, operation: 'CREATE' | 'UPDATE' = 'CREATE'): Promise<void> =>
    new Priority(new StoredObjects(cache, storage)).validate(attributes(kind('priorityclasses'), { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, globalDefault: true } as IncomingObject, { operation, namespace: '', name }));
  await expect(sent('usual', 'UPDATE')).resolves.toBeUndefined();
  await expect(sent('usual')).rejects.toMatchObject({ code: 403 });
  await expect(sent('more')).rejects.toMatchObject({ message: 'priorityclasses.scheduling.k8s.io "more" is forbidden: PriorityClass usual is already marked as default. Only one default can exist' });
});

test('DefaultTolerationSeconds gives five minutes, where the pod says nothing', async () => {
  const pod = podOf({ tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }] });
  await new DefaultTolerationSeconds().admit(attributes(kind('pods'), pod));
  expect(pod.spec?.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([['node.kubernetes.io/not-ready', 10], ['node.kubernetes.io/unreachable', 300]]);
});

test('PodTopologyLabels has the last word on where a pod is', async () => {
  const { cache } = stored(['/registry/nodes/n1', { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'a', 'topology.kubernetes.io/region': 'r', other: 'x' } } }]);
  const pod = { ...podOf({ nodeName: 'n1' }), metadata: { name: 'p', labels: { 'topology.kubernetes.io/zone': 'b', app: 'web' } } };
  await new PodTopologyLabels(cache).admit(attributes(kind('pods'), pod));
  expect(pod.metadata.labels).toEqual({ 'topology.kubernetes.io/zone': 'a', 'topology.kubernetes.io/region': 'r', app: 'web' });
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } };
  await new PodTopologyLabels(cache).admit(attributes(kind('pods'), binding, { subresource: 'binding' }));
  expect(binding.metadata).toEqual({ name: 'p', labels: { 'topology.kubernetes.io/zone': 'a', 'topology.kubernetes.io/region': 'r' } });
});

test('TaintNodesByCondition lets no pod onto a node before it is ready', async () => {
  const node: IncomingObject & { spec?: object } = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
  await new TaintNodesByCondition().admit(attributes(kind('nodes'), node, { namespace: '' }));
  expect(node.spec).toEqual({ taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] });
});

import type { Answer } from '../../rig/apiserver.ts';
import { MERGE, namesOf } from './caller.ts';
import { makeDefinition, until } from './definitions.ts';
import { usePlane } from './plane.ts';

const used = usePlane();
const ok = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer['json']> => used().caller.ok(method, path, body, headers);
type Counts = Readonly<Record<string, string>>;

/** What Kubernetes' tests limit. */
const HARD: Counts = {
  pods: '5', services: '10', 'services.nodeports': '1', 'services.loadbalancers': '1', replicationcontrollers: '10', resourcequotas: '1', secrets: '10', configmaps: '10', persistentvolumeclaims: '10',
  'requests.cpu': '1', 'requests.memory': '500Mi', 'requests.ephemeral-storage': '50Gi', 'requests.storage': '10Gi', 'requests.example.com/dongle': '3', 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '10', 'gold.storageclass.storage.k8s.io/requests.storage': '10Gi',
  'count/replicasets.apps': '5', 'count/configmaps': '10',
};

class Space {
  readonly namespace: string;
  constructor(namespace: string) {
    this.namespace = namespace;
  }
  path(rest: string, group = '/api/v1'): string {
    return `${group}/namespaces/${this.namespace}/${rest}`;
  }
  make(resource: string, body: object, group?: string): Promise<Answer['json']> {
    return ok('POST', this.path(resource, group), body);
  }
  drop(rest: string, group?: string): Promise<Answer['json']> {
    return ok('DELETE', this.path(rest, group), { gracePeriodSeconds: 0 });
  }
  async refused(resource: string, body: object): Promise<string> {
    const { status, json } = await used().caller.request('POST', this.path(resource), body);
    if (status !== 403 || json.reason !== 'Forbidden') throw new Error(`it was to be forbidden: ${status} ${json.reason}`);
    return json.message;
  }
  /** Makes a quota and waits until it has been counted. */
  async quota(name: string, hard: Counts, spec: object = {}): Promise<void> {
    await this.make('resourcequotas', { metadata: { name }, spec: { hard, ...spec } });
    await until(`${name} is counted`, async () => Object.keys((await this.read(name)).status.hard ?? {}).length === Object.keys(hard).length);
  }
  read(name: string): Promise<Answer['json']> {
    return ok('GET', this.path(`resourcequotas/${name}`));
  }
  /** Waits until so much is used. */
  async uses(name: string, counts: Counts): Promise<void> {
    let now: Counts = {};
    await until(`${name} uses ${JSON.stringify(counts)}`, async () => {
      now = (await this.read(name)).status.used;
      return Object.entries(counts).every(([resource, count]) => now[resource] === count);
    }).catch(() => {
      throw new Error(`${name} uses ${JSON.stringify(now)}, not ${JSON.stringify(counts)}`);
    });
  }
}
/** An object's metadata for a PUT that meets no conflict: control loops may write at the same time. */
const ofAnyVersion = ({ metadata }: Answer['json']): object => ({ metadata: { ...metadata, resourceVersion: undefined } });
const space = async (): Promise<Space> => new Space(await used().namespace());
const pod = (name: string, requests: object, limits: object = {}, spec: object = {}): object => ({ metadata: { name }, spec: { terminationGracePeriodSeconds: 0, ...spec, containers: [{ name: 'pause', image: 'pause', resources: { requests, limits } }] } });
const service = (name: string, type: string, more: object = {}): object => ({ metadata: { name }, spec: { type, ports: [{ port: 80, targetPort: 80 }], ...more } });
const template = { metadata: { labels: { name: 'q' } }, spec: { containers: [{ name: 'c', image: 'pause' }] } };

describe('[sig-api-machinery] ResourceQuota', () => {
  test('should create a ResourceQuota and ensure its status is promptly calculated.', async () => {
    const at = await space();
    await at.quota('test-quota', HARD);
    await at.uses('test-quota', { resourcequotas: '1', pods: '0', 'requests.cpu': '0', 'count/replicasets.apps': '0' });
  });

  test('should create a ResourceQuota and capture the life of a service.', async () => {
    const at = await space();
    await at.quota('test-quota', HARD);
    await at.make('services', service('test-service', 'ClusterIP'));
    await at.make('services', service('test-service-np', 'NodePort'));
    expect(await at.refused('services', service('test-service-lb-default', 'LoadBalancer'))).toMatch(/exceeded quota: test-quota, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1/);
    await at.make('services', service('test-service-lb', 'LoadBalancer', { allocateLoadBalancerNodePorts: false }));
    await at.uses('test-quota', { services: '3', 'services.nodeports': '1', 'services.loadbalancers': '1' });
    for (const name of ['test-service', 'test-service-np', 'test-service-lb']) await at.drop(`services/${name}`);
    await at.uses('test-quota', { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' });
  });

  test('should create a ResourceQuota and capture the life of a secret.', async () => {
    const at = await space();
    await at.quota('test-quota', HARD);
    await at.make('secrets', { metadata: { name: 'test-secret' }, data: { 'data-1': 'dmFsdWUtMQ==' } });
    await at.uses('test-quota', { secrets: '1' });
    await at.drop('secrets/test-secret');
    await at.uses('test-quota', { secrets: '0' });
  });

  test('should create a ResourceQuota and capture the life of a pod.', async () => {
    const at = await space();
    await at.quota('test-quota', HARD);
    const requests = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', 'example.com/dongle': '2' };
    const made = await at.make('pods', pod('test-pod', requests, { 'example.com/dongle': '2' }));
    const counts = { pods: '1', 'requests.cpu': '500m', 'requests.memory': '252Mi', 'requests.ephemeral-storage': '30Gi', 'requests.example.com/dongle': '2' };
    await at.uses('test-quota', counts);
    const small = { cpu: '100m', memory: '100Mi', 'ephemeral-storage': '10Gi' };
    expect(await at.refused('pods', pod('fail-pod', { ...small, cpu: '600m', 'example.com/dongle': '1' }, { 'example.com/dongle': '1' }))).toMatch(/exceeded quota: test-quota, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1/);
    expect(await at.refused('pods', pod('fail-pod-for-extended-resource', { ...small, 'example.com/dongle': '2' }, { 'example.com/dongle': '2' }))).toMatch(/requested: requests.example.com\/dongle=2/);
    const changed = structuredClone(await ok('GET', at.path('pods/test-pod')));
    changed.spec.containers[0].resources.requests.cpu = '100m';
    // The scheduler may be telling that it finds no node.
    expect((await used().caller.request('PUT', at.path('pods/test-pod'), { ...changed, ...ofAnyVersion(changed) })).status).toBe(422);
    await at.uses('test-quota', counts);
    await at.drop(`pods/${made.metadata.name}`);
    await at.uses('test-quota', { pods: '0', 'requests.cpu': '0', 'requests.memory': '0', 'requests.ephemeral-storage': '0', 'requests.example.com/dongle': '0' });
  });

  test('should create a ResourceQuota and capture the life of a configMap.', async () => {
    const at = await space();
    await until('the namespace has its authority', async () => namesOf(await ok('GET', at.path('configmaps'))).includes('kube-root-ca.crt'));
    await at.quota('test-quota', HARD);
    await at.make('configmaps', { metadata: { name: 'test-configmap' } });
    await at.uses('test-quota', { configmaps: '2', 'count/configmaps': '2' });
    await at.drop('configmaps/test-configmap');
    await at.uses('test-quota', { configmaps: '1', 'count/configmaps': '1' });
  });

  test('should create a ResourceQuota and capture the life of a replication controller.', async () => {
    const at = await space();
    await at.quota('test-quota', HARD);
    await at.make('replicationcontrollers', { metadata: { name: 'test-rc' }, spec: { replicas: 0, selector: { name: 'q' }, template } });
    await at.uses('test-quota', { replicationcontrollers: '1' });
    await at.drop('replicationcontrollers/test-rc');
    await at.uses('test-quota', { replicationcontrollers: '0' });
  });

  test('should create a ResourceQuota and capture the life of a replica set.', async () => {
    const at = await space();
    await at.quota('test-quota', HARD);
    await at.make('replicasets', { metadata: { name: 'test-rs' }, spec: { replicas: 0, selector: { matchLabels: { name: 'q' } }, template } }, '/apis/apps/v1');
    await at.uses('test-quota', { 'count/replicasets.apps': '1' });
    await at.drop('replicasets/test-rs', '/apis/apps/v1');
    await at.uses('test-quota', { 'count/replicasets.apps': '0' });
  });

  const claim = (name: string, storageClassName?: string): object => ({ metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...(storageClassName ? { storageClassName } : {}) } });
  test.each([
    ['should create a ResourceQuota and capture the life of a persistent volume claim', undefined, {}],
    ['should create a ResourceQuota and capture the life of a persistent volume claim with a storage class', 'gold', { 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' }],
  ])('%s', async (_, storageClass, more) => {
    const at = await space();
    await at.quota('test-quota', HARD);
    await at.make('persistentvolumeclaims', claim('test-claim', storageClass));
    await at.uses('test-quota', { persistentvolumeclaims: '1', 'requests.storage': '1Gi', ...more });
    await at.drop('persistentvolumeclaims/test-claim');
    await at.uses('test-quota', { persistentvolumeclaims: '0', 'requests.storage': '0' });
  });

  test('should create a ResourceQuota and capture the life of a custom resource.', async () => {
    const at = await space();
    const made = await makeDefinition(used().caller, {});
    const counted = `count/${made.plural}.${made.group}`;
    await at.quota('quota-for-custom', { [counted]: '1' });
    const object = (name: string): object => ({ apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name } });
    const group = `/apis/${made.group}/v1`;
    await at.make(made.plural, object('one'), group);
    await at.uses('quota-for-custom', { [counted]: '1' });
    expect((await used().caller.request('POST', at.path(made.plural, group), object('two'))).json.message).toMatch(/exceeded quota/);
    await at.drop(`${made.plural}/one`, group);
    await at.uses('quota-for-custom', { [counted]: '0' });
    await made.remove();
  });

  const SCOPED: Counts = { pods: '5', 'requests.cpu': '1', 'requests.memory': '500Mi', 'limits.cpu': '2', 'limits.memory': '1Gi' };
  const scopes = (scope: string): object => ({ scopes: [scope] });
  const selected = (scopeName: string): object => ({ scopeSelector: { matchExpressions: [{ scopeName, operator: 'Exists' }] } });

  test.each([
    ['should verify ResourceQuota with terminating scopes.', scopes],
    ['should verify ResourceQuota with terminating scopes through scope selectors.', selected],
  ])('%s', async (_, by) => {
    const at = await space();
    await at.quota('quota-terminating', SCOPED, by('Terminating'));
    await at.quota('quota-not-terminating', SCOPED, by('NotTerminating'));
    const counts = { pods: '1', 'requests.cpu': '500m', 'requests.memory': '200Mi', 'limits.cpu': '1', 'limits.memory': '400Mi' };
    const none = { pods: '0', 'requests.cpu': '0', 'requests.memory': '0', 'limits.cpu': '0', 'limits.memory': '0' };
    for (const [name, spec, counting, other] of [['test-pod', {}, 'quota-not-terminating', 'quota-terminating'], ['terminating-pod', { activeDeadlineSeconds: 3_600 }, 'quota-terminating', 'quota-not-terminating']] as const) {
      await at.make('pods', pod(name, { cpu: '500m', memory: '200Mi' }, { cpu: '1', memory: '400Mi' }, spec));
      await at.uses(counting, counts);
      await at.uses(other, none);
      await at.drop(`pods/${name}`);
      await at.uses(counting, none);
    }
  });

  test('should verify ResourceQuota with terminating scopes through scope selectors: a pod that is given a deadline changes sides at once', async () => {
    const at = await space();
    const hard = { pods: '1', 'requests.cpu': '1' };
    await at.quota('quota-terminating', hard, selected('Terminating'));
    await at.quota('quota-not-terminating', hard, selected('NotTerminating'));
    await at.make('pods', pod('test-pod', { cpu: '500m' }));
    await at.uses('quota-not-terminating', { pods: '1' });
    await ok('PATCH', at.path('pods/test-pod'), { spec: { activeDeadlineSeconds: 3_600 } }, MERGE);
    expect(await at.refused('pods', pod('terminating-pod', { cpu: '500m' }, {}, { activeDeadlineSeconds: 3_600 }))).toMatch(/exceeded quota: quota-terminating/);
    await at.uses('quota-terminating', { pods: '1', 'requests.cpu': '500m' });
    await at.uses('quota-not-terminating', { pods: '0', 'requests.cpu': '0' });
  });

  test.each([
    ['should verify ResourceQuota with best effort scope.', scopes],
    ['should verify ResourceQuota with best effort scope using scope-selectors.', selected],
  ])('%s', async (_, by) => {
    const at = await space();
    await at.quota('quota-besteffort', { pods: '5' }, by('BestEffort'));
    await at.quota('quota-not-besteffort', { pods: '5' }, by('NotBestEffort'));
    for (const [name, requests, limits, counting, other] of [['besteffort-pod', {}, {}, 'quota-besteffort', 'quota-not-besteffort'], ['burstable-pod', { cpu: '500m', memory: '200Mi' }, { cpu: '1', memory: '400Mi' }, 'quota-not-besteffort', 'quota-besteffort']] as const) {
      await at.make('pods', pod(name, requests, limits));
      await at.uses(counting, { pods: '1' });
      await at.uses(other, { pods: '0' });
      await at.drop(`pods/${name}`);
      await at.uses(counting, { pods: '0' });
    }
  });

  test('should be able to update and delete ResourceQuota.', async () => {
    const at = await space();
    await at.quota('test-quota', { cpu: '1', memory: '500Mi' });
    const read = await at.read('test-quota');
    expect(read.spec.hard).toEqual({ cpu: '1', memory: '500Mi' });
    await ok('PUT', at.path('resourcequotas/test-quota'), { ...read, ...ofAnyVersion(read), spec: { hard: { cpu: '2', memory: '1Gi' } } });
    expect((await at.read('test-quota')).spec.hard).toEqual({ cpu: '2', memory: '1Gi' });
    await at.drop('resourcequotas/test-quota');
    expect((await used().caller.request('GET', at.path('resourcequotas/test-quota'))).status).toBe(404);
  });

  test('should manage the lifecycle of a ResourceQuota', async () => {
    const at = await space();
    await at.make('resourcequotas', { metadata: { name: 'e2e-quota', labels: { 'e2e-quota': 'lifecycle' } }, spec: { hard: { cpu: '1', memory: '500Mi' } } });
    await at.read('e2e-quota');
    expect(namesOf(await ok('GET', '/api/v1/resourcequotas?labelSelector=e2e-quota%3Dlifecycle'))).toEqual(['e2e-quota']);
    const patched = await ok('PATCH', at.path('resourcequotas/e2e-quota'), { metadata: { labels: { 'e2e-quota': 'patched' } }, spec: { hard: { memory: '750Mi' } } }, { 'content-type': 'application/strategic-merge-patch+json' });
    expect([patched.metadata.labels['e2e-quota'], patched.spec.hard.memory]).toEqual(['patched', '750Mi']);
    await ok('DELETE', `${at.path('resourcequotas')}?labelSelector=e2e-quota%3Dpatched`);
    expect((await ok('GET', '/api/v1/resourcequotas?labelSelector=e2e-quota%3Dpatched')).items).toEqual([]);
  });

  test('should apply changes to a resourcequota status', async () => {
    const at = await space();
    await at.quota('e2e-status', { cpu: '1', memory: '500Mi' });
    const status = at.path('resourcequotas/e2e-status/status');
    const hardOf = async (): Promise<unknown> => (await at.read('e2e-status')).status.hard;
    expect(await hardOf()).toEqual({ cpu: '1', memory: '500Mi' });
    const read = await ok('GET', status);
    expect((await ok('PUT', status, { ...read, ...ofAnyVersion(read), status: { ...read.status, hard: { cpu: '2', memory: '1Gi' } } })).status.hard).toEqual({ cpu: '2', memory: '1Gi' });
    await ok('PATCH', at.path('resourcequotas/e2e-status'), { metadata: { labels: { 'e2e-status': 'patched' } }, spec: { hard: { cpu: '3', memory: '1500Mi' } } }, MERGE);
    await until('the status follows', async () => ((await hardOf()) as Counts)['cpu'] === '3');
    const patched = await ok('PATCH', status, { metadata: { labels: { 'e2e-rq-status': 'patched' } }, status: { hard: { cpu: '4', memory: '2Gi' } } }, MERGE);
    expect([patched.status.hard, patched.spec.hard]).toEqual([{ cpu: '4', memory: '2Gi' }, { cpu: '3', memory: '1500Mi' }]);
    expect((await at.read('e2e-status')).spec.hard).toEqual({ cpu: '3', memory: '1500Mi' });
  });
});

describe('[sig-api-machinery] ResourceQuota [Feature:PodPriority]', () => {
  const selector = (operator: string, ...values: string[]): object => ({ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values.length > 0 ? { values } : {}) }] } });
  const withClass = (name: string, priorityClassName: string): object => pod(name, {}, {}, { priorityClassName });
  beforeAll(async () => {
    for (let index = 1; index <= 3; index += 1) await ok('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: `pclass${index}` }, value: 1_000 });
  });

  test("should verify ResourceQuota's priority class scope (quota set to pod count: 1) against 2 pods with same priority class.", async () => {
    const at = await space();
    await at.quota('quota-priorityclass', { pods: '1' }, selector('In', 'pclass1'));
    await at.make('pods', withClass('testpod-pclass1', 'pclass1'));
    await at.uses('quota-priorityclass', { pods: '1' });
    expect(await at.refused('pods', withClass('testpod-pclass1-2', 'pclass1'))).toMatch(/exceeded quota: quota-priorityclass/);
    await at.drop('pods/testpod-pclass1');
    await at.uses('quota-priorityclass', { pods: '0' });
  });
  test("should verify ResourceQuota's priority class scope (quota set to pod count: 1) against 2 pods with different priority class.", async () => {
    const at = await space();
    await at.quota('quota-priorityclass', { pods: '1' }, selector('In', 'pclass3'));
    for (const name of ['pclass1', 'pclass2']) await at.make('pods', withClass(`testpod-${name}`, name));
    await at.uses('quota-priorityclass', { pods: '0' });
  });
  test("should verify ResourceQuota's multiple priority class scope (quota set to pod count: 2) against 2 pods with same priority classes.", async () => {
    const at = await space();
    await at.quota('quota-priorityclass', { pods: '2' }, selector('In', 'pclass1', 'pclass2'));
    for (const name of ['pclass1', 'pclass2']) await at.make('pods', withClass(`testpod-${name}`, name));
    await at.uses('quota-priorityclass', { pods: '2' });
    expect(await at.refused('pods', withClass('third', 'pclass2'))).toMatch(/exceeded quota/);
  });
  test.each([
    ["should verify ResourceQuota's priority class scope (quota set to pod count: 1) against a pod with different priority class (ScopeSelectorOpNotIn).", selector('NotIn', 'pclass1'), 'pclass1', '0'],
    ["should verify ResourceQuota's priority class scope (quota set to pod count: 1) against a pod with different priority class (ScopeSelectorOpExists).", selector('Exists'), 'pclass1', '1'],
  ])('%s', async (_, spec, priorityClass, count) => {
    const at = await space();
    await at.quota('quota-priorityclass', { pods: '1' }, spec);
    await at.make('pods', withClass('testpod', priorityClass));
    await at.uses('quota-priorityclass', { pods: count });
  });
  test("should verify ResourceQuota's priority class scope (cpu, memory quota set) against a pod with same priority class.", async () => {
    const at = await space();
    await at.quota('quota-priorityclass', { pods: '1', 'requests.cpu': '1', 'requests.memory': '1Gi', 'limits.cpu': '3', 'limits.memory': '3Gi' }, selector('In', 'pclass1'));
    await at.make('pods', pod('testpod', { cpu: '1', memory: '1Gi' }, { cpu: '2', memory: '2Gi' }, { priorityClassName: 'pclass1' }));
    await at.uses('quota-priorityclass', { pods: '1', 'requests.cpu': '1', 'requests.memory': '1Gi', 'limits.cpu': '2', 'limits.memory': '2Gi' });
  });
  test('should verify ResourceQuota with cross namespace pod affinity scope using scope-selectors.', async () => {
    const at = await space();
    await at.quota('quota-cross-namespace-pod-affinity', { pods: '1' }, { scopeSelector: { matchExpressions: [{ scopeName: 'CrossNamespacePodAffinity', operator: 'Exists' }] } });
    const term = (more: object): object => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'region', labelSelector: {}, ...more }] } } });
    await at.make('pods', pod('no-cross-namespace-affinity', {}, {}, term({})));
    await at.uses('quota-cross-namespace-pod-affinity', { pods: '0' });
    await at.make('pods', pod('with-namespaces', {}, {}, term({ namespaces: ['ns1'] })));
    await at.uses('quota-cross-namespace-pod-affinity', { pods: '1' });
    await at.drop('pods/with-namespaces');
    await at.uses('quota-cross-namespace-pod-affinity', { pods: '0' });
    await at.make('pods', pod('with-namespace-selector', {}, {}, term({ namespaceSelector: {} })));
    await at.uses('quota-cross-namespace-pod-affinity', { pods: '1' });
  });
});

describe('[sig-api-machinery] ResourceQuota [Feature:VolumeAttributesClass]', () => {
  const selector = (operator: string, ...values: string[]): object => ({ scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator, ...(values.length > 0 ? { values } : {}) }] } });
  const claim = (name: string, volumeAttributesClassName?: string): object => ({ metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...(volumeAttributesClassName ? { volumeAttributesClassName } : {}) } });

  test("should verify ResourceQuota's volume attributes class scope (quota set to pvc count: 1) against 2 pvcs with same volume attributes class.", async () => {
    const at = await space();
    await at.quota('quota-volumeattributesclass', { persistentvolumeclaims: '1', 'requests.storage': '5Gi' }, selector('In', 'gold'));
    await at.make('persistentvolumeclaims', claim('test-pvc-1', 'gold'));
    await at.uses('quota-volumeattributesclass', { persistentvolumeclaims: '1', 'requests.storage': '1Gi' });
    expect(await at.refused('persistentvolumeclaims', claim('test-pvc-2', 'gold'))).toMatch(/exceeded quota: quota-volumeattributesclass/);
    await at.make('persistentvolumeclaims', claim('test-pvc-3', 'silver'));
    await at.drop('persistentvolumeclaims/test-pvc-1');
    await at.uses('quota-volumeattributesclass', { persistentvolumeclaims: '0', 'requests.storage': '0' });
  });
});

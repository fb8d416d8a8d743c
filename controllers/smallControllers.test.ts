import type { V1ClusterRole, V1Node, V1Pod, V1PodDisruptionBudget, V1ResourceQuota } from '../api/generated/types.ts';
import { aggregatedRules } from './clusterRoleAggregation.ts';
import { CONTROLLERS, selectControllers } from './controllers.ts';
import { budgetStatus } from './disruption.ts';
import { deletionConditions } from './namespace.ts';
import { observe, silentConditions } from './nodeLifecycle/health.ts';
import { toleratedMilliseconds } from './nodeLifecycle/taintEviction.ts';
import { wantedTaints } from './nodeLifecycle/taints.ts';
import { surplusPods } from './podGarbageCollector.ts';
import { quotaStatus } from './resourceQuota.ts';
import { Pods } from '../client/resources.ts';
import { expiresAt } from './ttlAfterFinished.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const pod = (name: string, change: Partial<V1Pod> = {}): V1Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: meta(name), ...change });
const node = (ready: string, change: Partial<V1Node> = {}): V1Node => ({ apiVersion: 'v1', kind: 'Node', metadata: meta('n1'), status: { conditions: [{ type: 'Ready', status: ready }] }, ...change });

test('a silent node becomes Unknown once, measured on our own clock', () => {
  const first = observe(undefined, 'a', 1000);
  expect(observe(first, 'a', 60_000)).toBe(first);
  expect(observe(first, 'b', 60_000).changedAt).toBe(60_000);
  const unknown = silentConditions(node('True'), NOW)!;
  expect(unknown.find((each) => each.type === 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' });
  expect(unknown.find((each) => each.type === 'DiskPressure')?.reason).toBe('NodeStatusNeverUpdated');
  expect(silentConditions(node('True', { status: { conditions: unknown } }), NOW)).toBeUndefined();
});

test('taints follow the conditions; those of others are kept', () => {
  const gpu = { key: 'gpu', effect: 'NoSchedule' };
  const tainted = wantedTaints(node('Unknown', { spec: { taints: [gpu], unschedulable: true } }), NOW, 'allowed')!;
  expect(tainted.map((each) => `${each.key}:${each.effect}`)).toEqual(['gpu:NoSchedule', 'node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unschedulable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']);
  expect(wantedTaints(node('True', { spec: { taints: tainted } }), NOW, 'allowed')).toEqual([gpu]);
  expect(wantedTaints(node('True', { spec: { taints: [gpu] } }), NOW, 'allowed')).toBeUndefined();
});

test('a pod stays on a tainted node as long as it tolerates that', () => {
  const taints = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }];
  const tolerating = (tolerationSeconds?: number): V1Pod => pod('p', { spec: { containers: [], tolerations: [{ operator: 'Exists', ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }) }] } });
  expect(toleratedMilliseconds(pod('p'), taints)).toBe(0);
  expect(toleratedMilliseconds(tolerating(300), taints)).toBe(300_000);
  expect(toleratedMilliseconds(tolerating(), taints)).toBe(Infinity);
});

test('pods that nobody else removes are found', () => {
  const terminating = { ...meta('t'), deletionTimestamp: '2026-01-01T00:30:00Z' };
  const pods = [pod('lost', { spec: { containers: [], nodeName: 'gone' } }), pod('t', { metadata: terminating }), pod('old', { status: { phase: 'Failed' } }), pod('older', { status: { phase: 'Succeeded' } })];
  expect(surplusPods(pods, () => undefined, new Set(['gone']), 1).map(({ pod: each, reason }) => `${each.metadata.name} ${reason}`)).toEqual(['lost orphaned', 't unscheduled', 'old terminated']);
});

test('a terminating pod of a node that is out of service is given up only while the node is not ready', () => {
  const pods = [pod('t', { metadata: { ...meta('t'), deletionTimestamp: '2026-01-01T00:30:00Z' }, spec: { containers: [], nodeName: 'n1' } })];
  const outOfService = (ready: string): V1Node => node(ready, { spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] } });
  const reasons = (of: V1Node): string[] => surplusPods(pods, () => of, new Set(), 0).map(({ reason }) => reason);
  expect(reasons(outOfService('Unknown'))).toEqual(['outOfService']);
  expect(reasons(outOfService('True'))).toEqual([]);
  expect(reasons(node('Unknown'))).toEqual([]);
});

test('a finished Job goes after its time to live', () => {
  const finished = { apiVersion: 'batch/v1', kind: 'Job', metadata: meta('j'), spec: { ttlSecondsAfterFinished: 60, template: {} }, status: { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: '2026-01-01T00:59:30Z' }] } };
  expect(expiresAt(finished)).toBe(NOW + 30_000);
  expect(expiresAt({ ...finished, status: {} })).toBeUndefined();
});

test('an aggregated role is the sum of what its selectors choose, each rule once', () => {
  const role = (name: string, labels: Record<string, string>, verbs: string[]): V1ClusterRole => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { ...meta(name), labels }, rules: [{ verbs, resources: ['pods'], apiGroups: [''] }] });
  const sum: V1ClusterRole = { ...role('sum', {}, []), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'view' } }] } };
  const all = [sum, role('b', { to: 'view' }, ['list']), role('a', { to: 'view' }, ['get']), role('c', { to: 'view' }, ['get']), role('d', {}, ['delete'])];
  expect(aggregatedRules(sum, all)?.map((rule) => rule.verbs)).toEqual([['get'], ['list']]);
});

test('a budget allows what is healthy beyond what must be', () => {
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  const members = ['a', 'b', 'c'].map((name) => pod(name, { status: ready }));
  const budget = (spec: V1PodDisruptionBudget['spec']): V1PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: meta('b'), ...(spec ? { spec } : {}) });
  expect(budgetStatus(budget({ minAvailable: 2 }), members, 3, NOW)).toMatchObject({ disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3, currentHealthy: 3 });
  expect(budgetStatus(budget({ maxUnavailable: '50%' }), members, 4, NOW)).toMatchObject({ disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 4 });
});

test('quotas count what their scopes say', () => {
  const quota: V1ResourceQuota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: meta('q'), spec: { hard: { pods: '5', 'requests.cpu': '2' }, scopes: ['NotBestEffort'] } };
  const members = [pod('a', { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '250m' } } }] } }), pod('b', { spec: { containers: [{ name: 'c' }] } })];
  expect(quotaStatus(quota, new Map([['count/pods', { resource: Pods, inNamespace: () => members }]]), NOW).used).toEqual({ pods: '1', 'requests.cpu': '250m' });
});

test('a namespace that does not go away says why', () => {
  const conditions = deletionConditions([], { discoveryFailures: [], deletionFailures: [], remaining: { 'pods.': 2 }, finalizers: { 'example.org/wait': 1 } }, NOW);
  expect(conditions.filter((each) => each.status === 'True').map((each) => each.message)).toEqual(['Some resources are remaining: pods. has 2 resource instances', 'Some content in the namespace has finalizers remaining: example.org/wait in 1 resource instances']);
  const [undiscovered] = deletionConditions([], { discoveryFailures: ['metrics.k8s.io/v1beta1'], deletionFailures: [], remaining: {}, finalizers: {} }, NOW);
  expect(undiscovered).toMatchObject({ status: 'True', reason: 'DiscoveryFailed', message: 'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1' });
});

test('loops are chosen by name', () => {
  expect(selectControllers(CONTROLLERS, ['*']).length).toBe(CONTROLLERS.length);
  expect(selectControllers(CONTROLLERS, ['*', '-job-controller']).some((each) => each.name === 'job-controller')).toBe(false);
  expect(selectControllers(CONTROLLERS, ['job-controller']).map((each) => each.name)).toEqual(['job-controller']);
  expect(() => selectControllers(CONTROLLERS, ['nope'])).toThrow('"nope" is not in the list of known controllers');
});

import type { V1PodDisruptionBudget } from '../../api/generated/types.ts';
import type { ClusterCache } from '../cache/clusterCache.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { DEFAULT_CONFIGURATION } from '../configuration.ts';
import { findNode } from '../findNode.ts';
import { NO_NOMINATIONS } from '../framework/filterRun.ts';
import { makeCluster, makeInfo, makeNode } from '../testObjects.ts';
import { findPreemption, type PreemptionResult } from './defaultPreemption.ts';
import { buildProfile } from './registry.ts';

const profile = buildProfile({ ...DEFAULT_CONFIGURATION.profiles[0]!, siblings: () => undefined });

function preempt(pod: PodInfo, view: ClusterCache, budgets: readonly V1PodDisruptionBudget[] = []): PreemptionResult {
  const decision = findNode(pod, { view, profile, nominations: NO_NOMINATIONS, start: 0, random: () => 0 });
  if (decision.kind === 'Fits') throw new Error('it fits');
  return findPreemption(pod, { view, profile, nominations: NO_NOMINATIONS, budgets, diagnosis: decision.diagnosis, random: () => 0 });
}

const names = (result: PreemptionResult): unknown => (result.kind === 'Preempt' ? [result.node, result.victims.map(({ pod }) => pod.metadata.name)] : result.message);
const sized = (name: string, cpu: string, priority: number, more: object = {}): PodInfo => makeInfo(name, { requests: { cpu }, priority, ...more });

test('the node with the least important victims is chosen, and only as many as needed', () => {
  const cluster = makeCluster([makeNode('n1', { cpu: '2' }), makeNode('n2', { cpu: '2' })], {
    n1: [sized('important', '2', 50)],
    n2: [sized('small', '500m', 10), sized('large', '1500m', 5)],
  });
  expect(names(preempt(sized('p', '1', 100), cluster))).toEqual(['n2', ['large']]);
});

test('without victims the reasons are counted', () => {
  const cluster = makeCluster([makeNode('n1', { cpu: '2' }), makeNode('n2', { cpu: '500m' })], { n1: [sized('x', '2', 100)] });
  expect(names(preempt(sized('p', '1', 100), cluster))).toBe('preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.');
});

test('a pod that must not preempt does not', () => {
  const cluster = makeCluster([makeNode('n', { cpu: '1' })], { n: [sized('x', '1', 0)] });
  expect(names(preempt(sized('p', '1', 100, { preemptionPolicy: 'Never' }), cluster))).toBe('preemption: not eligible due to preemptionPolicy=Never.');
});

test('victims that a budget protects are spared where others do', () => {
  const guarded = { labels: { app: 'guarded' } };
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'default', uid: 'b', resourceVersion: '1', creationTimestamp: '' },
    spec: { selector: { matchLabels: guarded.labels } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  };
  const cluster = makeCluster([makeNode('n1', { cpu: '1' }), makeNode('n2', { cpu: '1' })], { n1: [sized('guarded', '1', 0, guarded)], n2: [sized('free', '1', 50)] });
  expect(names(preempt(sized('p', '1', 100), cluster, [budget]))).toEqual(['n2', ['free']]);
  expect(names(preempt(sized('p', '1', 100), cluster))).toEqual(['n1', ['guarded']]);
});

test('anti-affinity of lesser pods gives way, too', () => {
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' }] } };
  const cluster = makeCluster([makeNode('n')], { n: [sized('x', '100m', 0, { affinity })] });
  expect(names(preempt(sized('p', '100m', 100, { labels: { app: 'web' } }), cluster))).toEqual(['n', ['x']]);
});

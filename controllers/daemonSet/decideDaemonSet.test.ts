import type { V1DaemonSet, V1Node, V1Pod } from '../../api/generated/types.ts';
import { REVISION_HASH_LABEL } from '../revisionHistory.ts';
import { daemonPod, targetNode } from './daemonPod.ts';
import { daemonSetStatus, decideDaemonSet } from './decideDaemonSet.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const set = (spec: Partial<NonNullable<V1DaemonSet['spec']>> = {}): V1DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: meta('agent'),
  spec: { selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [] } }, ...spec },
});
const node = (name: string, change: { labels?: Record<string, string>; taints?: NonNullable<V1Node['spec']>['taints'] } = {}): V1Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...meta(name), labels: change.labels ?? {} },
  spec: change.taints ? { taints: change.taints } : {},
});
const pod = (name: string, nodeName: string, change: { revision?: string; phase?: string; ready?: boolean; deleted?: boolean } = {}): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...meta(name), labels: { [REVISION_HASH_LABEL]: change.revision ?? 'new' }, ...(change.deleted ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {}) },
  spec: { nodeName, containers: [] },
  status: { phase: change.phase ?? 'Running', conditions: [{ type: 'Ready', status: change.ready === false ? 'False' : 'True', lastTransitionTime: '2026-01-01T00:10:00Z' }] },
});
const say = (actions: ReturnType<typeof decideDaemonSet>): string[] => actions.map((action) => (action.kind === 'create' ? `create on ${action.node}` : `delete ${action.pod.metadata.name}`));

test('one on each node that it may run on; a cordoned node counts, a tainted one does not', () => {
  const nodes = [node('a'), node('b', { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }), node('c', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })];
  expect(say(decideDaemonSet(set(), nodes, [pod('x', 'a')], 'new', NOW))).toEqual(['create on b']);
  const selecting = set({ template: { spec: { containers: [], nodeSelector: { disk: 'ssd' } } } });
  expect(say(decideDaemonSet(selecting, [node('a'), node('d', { labels: { disk: 'ssd' } })], [pod('x', 'a')], 'new', NOW))).toEqual(['delete x', 'create on d']);
});

test('an ended daemon is replaced, a terminating one waited for, a second one removed', () => {
  expect(say(decideDaemonSet(set(), [node('a')], [pod('x', 'a', { phase: 'Failed' })], 'new', NOW))).toEqual(['delete x']);
  expect(decideDaemonSet(set(), [node('a')], [pod('x', 'a', { deleted: true })], 'new', NOW)).toEqual([]);
  expect(say(decideDaemonSet(set(), [node('a')], [pod('x', 'a'), pod('y', 'a', { revision: 'old' })], 'new', NOW))).toEqual(['delete y']);
});

test('an update replaces as many at a time as may be missing; what does not serve anyway goes first', () => {
  const nodes = [node('a'), node('b'), node('c')];
  const old = [pod('x', 'a', { revision: 'old' }), pod('y', 'b', { revision: 'old' }), pod('z', 'c', { revision: 'old' })];
  expect(say(decideDaemonSet(set(), nodes, old, 'new', NOW))).toEqual(['delete x']);
  expect(decideDaemonSet(set(), nodes, [pod('x2', 'a', { ready: false }), old[1]!, old[2]!], 'new', NOW)).toEqual([]);
  expect(say(decideDaemonSet(set(), nodes, [pod('x2', 'a', { ready: false }), pod('y', 'b', { revision: 'old', ready: false }), old[2]!], 'new', NOW))).toEqual(['delete y']);
});

test('with a surge the new one comes first', () => {
  const surging = set({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
  const old = pod('x', 'a', { revision: 'old' });
  expect(say(decideDaemonSet(surging, [node('a')], [old], 'new', NOW))).toEqual(['create on a']);
  expect(decideDaemonSet(surging, [node('a')], [old, pod('y', 'a', { ready: false })], 'new', NOW)).toEqual([]);
  expect(say(decideDaemonSet(surging, [node('a')], [old, pod('y', 'a')], 'new', NOW))).toEqual(['delete x']);
});

test('a daemon is bound for its node before it is scheduled', () => {
  const made = daemonPod(set(), set().spec!.template, 'r', 'a');
  expect(targetNode(made as V1Pod)).toBe('a');
  expect(made.spec?.tolerations).toHaveLength(6);
});

test('the status counts nodes, not pods', () => {
  const status = daemonSetStatus(set(), [node('a'), node('b')], [pod('x', 'a'), pod('y', 'a')], 'new', NOW);
  expect(status).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 1, numberReady: 1, numberAvailable: 1, numberUnavailable: 1, updatedNumberScheduled: 1 });
});

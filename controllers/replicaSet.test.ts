import type { V1Pod, V1ReplicaSet } from '../api/generated/types.ts';
import { selectorOf } from '../api/values/labelSelector.ts';
import { decideReplicas, nextReplicaSetStatus, nextStatus } from './replicaSet.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const set: V1ReplicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default', uid: 'set', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 2 },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } } } },
};

function pod(name: string, change: { ready?: boolean; phase?: string; node?: string; deleted?: boolean; created?: string } = {}): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: change.created ?? '2026-01-01T00:00:00Z',
      labels: { app: 'web' },
      ...(change.deleted ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {}),
    },
    spec: { containers: [], nodeName: change.node ?? 'n1' },
    status: { phase: change.phase ?? 'Running', conditions: [{ type: 'Ready', status: change.ready === false ? 'False' : 'True', lastTransitionTime: '2026-01-01T00:10:00Z' }] },
  };
}

test('missing pods are created; finished and terminating ones do not count', () => {
  const owned = [pod('a'), pod('b', { phase: 'Failed' }), pod('c', { deleted: true })];
  expect(decideReplicas(set, owned, NOW)).toEqual({ create: 1, delete: [] });
});

test('of too many, those without a node go first, then what is not ready, then the younger', () => {
  const owned = [pod('old'), pod('young', { created: '2026-01-01T00:59:59Z' }), pod('unready', { ready: false }), pod('unscheduled', { node: '', phase: 'Pending', ready: false })];
  expect(decideReplicas({ ...set, spec: { ...set.spec!, replicas: 1 } }, owned, NOW).delete.map((each) => each.metadata.name)).toEqual(['unscheduled', 'unready', 'young']);
});

test('a set that is being deleted creates and deletes nothing', () => {
  const deleted = { ...set, metadata: { ...set.metadata, deletionTimestamp: '2026-01-01T00:59:00Z' } };
  expect(decideReplicas(deleted, [], NOW)).toEqual({ create: 0, delete: [] });
});

test('the status counts, carries a failure, and is not written twice', () => {
  const selector = selectorOf(set.spec?.selector);
  const status = nextStatus(set, [pod('a'), pod('b', { ready: false })], selector, { reason: 'FailedCreate', message: 'no room' }, NOW)!;
  expect(status).toMatchObject({ replicas: 2, readyReplicas: 1, availableReplicas: 1, fullyLabeledReplicas: 2, observedGeneration: 2 });
  expect(status.conditions).toEqual([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'no room', lastTransitionTime: '2026-01-01T01:00:00Z' }]);
  expect(nextStatus({ ...set, status }, [pod('a'), pod('b', { ready: false })], selector, { reason: 'FailedCreate', message: 'no room' }, NOW)).toBeUndefined();
});

test('a ReplicaSet tells how many of its pods are about to go', () => {
  const selector = selectorOf(set.spec?.selector);
  const owned = [pod('a'), pod('b'), pod('going', { deleted: true }), pod('gone', { deleted: true, phase: 'Failed' })];
  const status = nextReplicaSetStatus(set, owned, selector, undefined, NOW)!;
  expect(status).toMatchObject({ replicas: 2, terminatingReplicas: 1 });
  expect(nextReplicaSetStatus({ ...set, status }, owned, selector, undefined, NOW)).toBeUndefined();
  expect(nextReplicaSetStatus({ ...set, status }, owned.slice(0, 2), selector, undefined, NOW)).toEqual({ ...status, terminatingReplicas: 0 });
});

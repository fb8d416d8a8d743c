import type { V1Pod, V1StatefulSet } from '../../api/generated/types.ts';
import { REVISION_HASH_LABEL } from '../revisionHistory.ts';
import { decideStatefulSet, statefulSetStatus } from './decideStatefulSet.ts';
import { statefulPod } from './identity.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const set = (replicas: number, spec: Partial<NonNullable<V1StatefulSet['spec']>> = {}): V1StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: meta('db'),
  spec: { replicas, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [] } }, ...spec },
});
const pod = (ordinal: number, change: { ready?: boolean; revision?: string; phase?: string; deleted?: boolean } = {}): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...meta(`db-${ordinal}`), labels: { [REVISION_HASH_LABEL]: change.revision ?? 'new' }, ...(change.deleted ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {}) },
  status: { phase: change.phase ?? 'Running', conditions: [{ type: 'Ready', status: change.ready === false ? 'False' : 'True', lastTransitionTime: '2026-01-01T00:10:00Z' }] },
});
const SAME = { current: 'new', update: 'new' };
const UPDATING = { current: 'old', update: 'new' };
const say = (actions: ReturnType<typeof decideStatefulSet>): string[] => actions.map((action) => (action.kind === 'create' ? `create ${action.ordinal} ${action.revision}` : `delete ${action.pod.metadata.name}`));

test('pods come one after the other, each when the one before is ready', () => {
  expect(say(decideStatefulSet(set(3), [], SAME, NOW))).toEqual(['create 0 new']);
  expect(decideStatefulSet(set(3), [pod(0, { ready: false })], SAME, NOW)).toEqual([]);
  expect(say(decideStatefulSet(set(3), [pod(0)], SAME, NOW))).toEqual(['create 1 new']);
  expect(say(decideStatefulSet(set(3, { podManagementPolicy: 'Parallel' }), [], SAME, NOW))).toEqual(['create 0 new', 'create 1 new', 'create 2 new']);
});

test('they go in the reverse order, one at a time', () => {
  expect(say(decideStatefulSet(set(1), [pod(0), pod(1), pod(2)], SAME, NOW))).toEqual(['delete db-2']);
  expect(decideStatefulSet(set(1), [pod(0), pod(1), pod(2, { deleted: true })], SAME, NOW)).toEqual([]);
});

test('none goes while several are unhealthy; the first that is may', () => {
  const unready = (ordinal: number): V1Pod => pod(ordinal, { ready: false });
  expect(decideStatefulSet(set(0), [unready(0), unready(1), unready(2)], SAME, NOW)).toEqual([]);
  expect(say(decideStatefulSet(set(0), [pod(0), pod(1), unready(2)], SAME, NOW))).toEqual(['delete db-2']);
  expect(say(decideStatefulSet(set(0), [unready(0), pod(1), pod(2)], SAME, NOW))).toEqual(['delete db-2']);
  expect(say(decideStatefulSet(set(0, { podManagementPolicy: 'Parallel' }), [unready(0), unready(1)], SAME, NOW))).toEqual(['delete db-1', 'delete db-0']);
});

test('an update replaces the highest first and waits for it; the partition keeps the lower ones', () => {
  const old = [0, 1, 2].map((ordinal) => pod(ordinal, { revision: 'old' }));
  expect(say(decideStatefulSet(set(3), old, UPDATING, NOW))).toEqual(['delete db-2']);
  expect(say(decideStatefulSet(set(3), old.slice(0, 2), UPDATING, NOW))).toEqual(['create 2 new']);
  expect(decideStatefulSet(set(3), [...old.slice(0, 2), pod(2, { ready: false })], UPDATING, NOW)).toEqual([]);
  const partitioned = set(3, { updateStrategy: { rollingUpdate: { partition: 2 } } });
  expect(decideStatefulSet(partitioned, [...old.slice(0, 2), pod(2)], UPDATING, NOW)).toEqual([]);
  expect(say(decideStatefulSet(partitioned, [old[0]!, pod(2)], UPDATING, NOW))).toEqual(['create 1 old']);
});

test('OnDelete replaces nothing by itself; a broken pod of an old revision does not block its own repair', () => {
  const old = [pod(0, { revision: 'old' })];
  expect(decideStatefulSet(set(1, { updateStrategy: { type: 'OnDelete' } }), old, UPDATING, NOW)).toEqual([]);
  expect(say(decideStatefulSet(set(1), [pod(0, { revision: 'old', ready: false })], UPDATING, NOW))).toEqual(['delete db-0']);
});

test('the status takes the new revision for the current one when all have it', () => {
  expect(statefulSetStatus(set(1), [pod(0)], UPDATING, NOW)).toMatchObject({ replicas: 1, readyReplicas: 1, updatedReplicas: 1, currentRevision: 'new' });
  expect(statefulSetStatus(set(1), [pod(0, { revision: 'old' })], UPDATING, NOW)).toMatchObject({ currentReplicas: 1, updatedReplicas: 0, currentRevision: 'old' });
});

test('a pod has the name, host name and claims of its ordinal', () => {
  const withClaim = set(1, { volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: meta('data') }] });
  const made = statefulPod(withClaim, withClaim.spec!.template, 'r', 4);
  expect(made.metadata.name).toBe('db-4');
  expect(made.spec).toMatchObject({ hostname: 'db-4', subdomain: 'db', volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-4' } }] });
});

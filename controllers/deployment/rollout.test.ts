import type { V1Deployment, V1ReplicaSet } from '../../api/generated/types.ts';
import { decideRollout, decideScaling, initialReplicas, surplusHistory } from './rollout.ts';
import { nextRevision, revisionOf, rollingLimits, splitReplicaSets } from './replicaSets.ts';
import { deploymentStatus } from './status.ts';

const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 });

function deployment(replicas: number, change: Partial<NonNullable<V1Deployment['spec']>> = {}): V1Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta('web'),
    spec: {
      replicas,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      ...change,
    },
  };
}

function set(name: string, replicas: number, available = replicas, annotations: Record<string, string> = {}): V1ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { ...meta(name), annotations },
    spec: { replicas, selector: { matchLabels: {} }, template: { metadata: { labels: { app: 'web', 'pod-template-hash': name } } } },
    status: { replicas, availableReplicas: available, readyReplicas: available, observedGeneration: 1 },
  };
}

const sizes = (scalings: readonly { set: V1ReplicaSet; replicas: number }[]): Record<string, number> => Object.fromEntries(scalings.map((each) => [each.set.metadata.name, each.replicas]));

test('limits round surge up and unavailability down, and never both to nothing', () => {
  expect(rollingLimits(deployment(3))).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  expect(rollingLimits(deployment(3, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }))).toEqual({ maxSurge: 0, maxUnavailable: 1 });
});

test('a rolling update of three goes up by one, then down by one, and so on', () => {
  const wanted = deployment(3);
  expect(initialReplicas(wanted, [set('old', 3)], true)).toBe(1);
  expect(decideRollout(wanted, set('new', 1, 0), [set('old', 3)], true)).toEqual([]);
  expect(sizes(decideRollout(wanted, set('new', 1, 1), [set('old', 3)], true))).toEqual({ old: 2 });
  expect(sizes(decideRollout(wanted, set('new', 1, 1), [set('old', 2)], true))).toEqual({ new: 2 });
  expect(sizes(decideRollout(wanted, set('new', 3, 3), [set('old', 1)], true))).toEqual({ old: 0 });
});

test('a broken image stops the update and keeps what serves; broken old pods go first', () => {
  const wanted = deployment(4);
  expect(decideRollout(wanted, set('new', 2, 0), [set('old', 3)], true)).toEqual([]);
  expect(sizes(decideRollout(wanted, set('newer', 1, 0), [set('broken', 1, 0), set('old', 3)], true))).toEqual({ broken: 0 });
});

test('pods that are about to go are not counted as available a second time', () => {
  const wanted = deployment(20);
  // The old set was just made smaller, 10 to 8, and its status has not followed; 15 must stay available, and 16 are.
  expect(sizes(decideRollout(wanted, set('new', 17, 8), [set('old', 8, 10)], true))).toEqual({ old: 7 });
});

test('Recreate empties the old sets, waits for their pods, then starts', () => {
  const wanted = deployment(2, { strategy: { type: 'Recreate' } });
  expect(sizes(decideRollout(wanted, set('new', 0), [set('old', 2)], true))).toEqual({ old: 0 });
  expect(decideRollout(wanted, set('new', 0), [set('old', 0)], true)).toEqual([]);
  expect(sizes(decideRollout(wanted, set('new', 0), [set('old', 0)], false))).toEqual({ new: 2 });
});

test('scaling in the middle of a rollout is shared in proportion', () => {
  const previous = () => 10;
  const shared = sizes(decideScaling(deployment(20, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }), set('new', 5, 2), [set('old', 5)], previous));
  expect(shared).toEqual({ new: 10, old: 10 });
  expect(sizes(decideScaling(deployment(5), set('new', 3), [], previous))).toEqual({ new: 5 });
});

test('the template tells the current set, the hash label aside', () => {
  const other = set('other', 1);
  other.spec!.template = { metadata: { labels: { app: 'web', color: 'red' } } };
  const { current, old } = splitReplicaSets(deployment(1), [other, set('same', 1)]);
  expect(current?.metadata.name).toBe('same');
  expect(old).toEqual([other]);
});

test('a revision is a 64-bit integer; one that cannot be read counts as none', () => {
  const adopted = set('adopted', 1, 1, { 'deployment.kubernetes.io/revision': '3546343826724305832' });
  expect(nextRevision([adopted, set('odd', 0, 0, { 'deployment.kubernetes.io/revision': 'x' })])).toBe(3546343826724305833n);
  expect(nextRevision([])).toBe(1n);
});

test('history beyond the limit goes, oldest revision first, only when empty', () => {
  const old = [set('r3', 0, 0, { 'deployment.kubernetes.io/revision': '3' }), set('r1', 0, 0, { 'deployment.kubernetes.io/revision': '1' }), set('r2', 1, 1, { 'deployment.kubernetes.io/revision': '2' })];
  expect(surplusHistory(deployment(1, { revisionHistoryLimit: 1 }), old, revisionOf).map((each) => each.metadata.name)).toEqual(['r1']);
});

test('conditions tell progress, completion and a missed deadline', () => {
  const reasonOf = (status: ReturnType<typeof deploymentStatus>): string | undefined => status.conditions?.find((each) => each.type === 'Progressing')?.reason;
  const start = Date.parse('2026-01-01T00:00:00Z');
  const begun = deploymentStatus(deployment(2), set('new', 2, 0), [], { kind: 'created', set: 'new' }, start);
  expect(begun.conditions?.map((each) => [each.type, each.reason])).toEqual([
    ['Available', 'MinimumReplicasUnavailable'],
    ['Progressing', 'NewReplicaSetCreated'],
  ]);
  const later = { ...deployment(2), status: begun };
  expect(reasonOf(deploymentStatus(later, set('new', 2, 2), [], undefined, start + 5000))).toBe('NewReplicaSetAvailable');
  expect(reasonOf(deploymentStatus(later, set('new', 2, 0), [], undefined, start + 700_000))).toBe('ProgressDeadlineExceeded');
});

test('a rollout that is over stays over when pods are lost or more are wanted, and another one begins anew', () => {
  const done = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: 'ReplicaSet "new" has successfully progressed.', lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const standing: V1Deployment = { ...deployment(3), status: { replicas: 3, updatedReplicas: 3, readyReplicas: 1, availableReplicas: 1, conditions: [done] } };
  const progressing = (wanted: V1Deployment, sets: readonly [V1ReplicaSet, ...V1ReplicaSet[]]): unknown =>
    deploymentStatus(wanted, sets[0], sets.slice(1), undefined, Date.parse('2026-01-01T01:00:00Z')).conditions?.find(({ type }) => type === 'Progressing');
  expect(progressing(standing, [set('new', 3, 2)])).toEqual(done);
  expect(progressing({ ...standing, spec: { ...standing.spec!, replicas: 5 } }, [set('new', 5, 3)])).toEqual(done);
  expect(progressing(standing, [set('newer', 1, 0), set('new', 3, 3)])).toMatchObject({ reason: 'ReplicaSetUpdated' });
});

test('pods that are about to go are told once all sets have counted them', () => {
  const counted = (name: string, terminatingReplicas: number): V1ReplicaSet => ({ ...set(name, 1), status: { ...set(name, 1).status!, terminatingReplicas } });
  const unseen: V1ReplicaSet = { ...set('unseen', 1), status: { replicas: 0 } };
  const told = (old: V1ReplicaSet): unknown => deploymentStatus(deployment(2), counted('new', 2), [old], undefined, 0).terminatingReplicas;
  expect(told(counted('old', 1))).toBe(3);
  expect(told(unseen)).toBe(2);
  expect(told(set('old', 1))).toBeUndefined();
});

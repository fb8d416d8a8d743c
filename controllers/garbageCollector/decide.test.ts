import { Pods } from '../../client/resources.ts';
import { decide, type OwnerState } from './decide.ts';
import { type ObjectNode, OwnerGraph } from './graph.ts';

const reference = (uid: string, blockOwnerDeletion = true) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid, controller: true, blockOwnerDeletion });
const node = (uid: string, change: Partial<ObjectNode> = {}): ObjectNode => ({ resource: Pods, uid, name: uid, namespace: 'default', resourceVersion: '1', owners: [], finalizers: [], deleting: false, ...change });
const states = (given: Record<string, OwnerState>) => (owner: { uid: string }) => given[owner.uid]!;

test('what has lost all owners goes, what has one left only forgets the others', () => {
  const owned = node('p', { owners: [reference('a'), reference('b')] });
  expect(decide(owned, [], states({ a: 'absent', b: 'absent' }))).toEqual({ kind: 'delete', propagationPolicy: 'Background' });
  expect(decide(owned, [], states({ a: 'absent', b: 'solid' }))).toEqual({ kind: 'forgetOwners', uids: ['a'] });
  expect(decide(owned, [], states({ a: 'solid', b: 'solid' }))).toEqual({ kind: 'none' });
});

test('under a foreground deletion dependents with dependents go in the foreground too, and the owner waits for those that block it', () => {
  const owner = node('o', { deleting: true, finalizers: ['foregroundDeletion'] });
  const child = node('c', { owners: [reference('o')] });
  expect(decide(owner, [child], states({}))).toEqual({ kind: 'visit', dependents: [child] });
  expect(decide(child, [node('g', { owners: [reference('c')] })], states({ o: 'waiting' }))).toEqual({ kind: 'delete', propagationPolicy: 'Foreground' });
  expect(decide(owner, [{ ...child, owners: [reference('o', false)] }], states({}))).toEqual({ kind: 'removeFinalizer', finalizer: 'foregroundDeletion' });
});

test('owners in a circle do not wait for each other', () => {
  const waiting = node('g', { deleting: true, finalizers: ['foregroundDeletion'], owners: [reference('c')] });
  const child = node('c', { owners: [reference('o')] });
  expect(decide(child, [waiting], states({ o: 'waiting' }))).toEqual({ kind: 'unblockOwners' });
  expect(decide({ ...child, owners: [reference('o', false)] }, [waiting], states({ o: 'waiting' }))).toEqual({ kind: 'delete', propagationPolicy: 'Foreground' });
});

test('orphaning frees the dependents first', () => {
  const child = node('c', { owners: [reference('o')] });
  expect(decide(node('o', { deleting: true, finalizers: ['orphan'] }), [child], states({}))).toEqual({ kind: 'orphan', dependents: [child] });
});

test('the graph knows the dependents of an owner that it has not seen, and forgets links that were cut', () => {
  const graph = new OwnerGraph();
  graph.set(node('c', { owners: [reference('o')] }));
  expect(graph.dependentsOf('o').map((each) => each.uid)).toEqual(['c']);
  graph.set(node('c'));
  expect(graph.dependentsOf('o')).toEqual([]);
});

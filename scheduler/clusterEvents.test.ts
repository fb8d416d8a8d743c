import { nodeChanges } from './clusterEvents.ts';
import { makeNode } from './testObjects.ts';

test('heartbeats are no event; what decides about pods is', () => {
  const node = makeNode('n');
  const heartbeat = { ...node, status: { ...node.status, conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'now' }] } };
  expect(nodeChanges(node, heartbeat)).toEqual([]);
  expect(nodeChanges(node, makeNode('n', { cpu: '8' }))).toEqual(['NodeAllocatableChanged']);
  expect(nodeChanges(node, makeNode('n', { labels: { a: 'b' } }))).toEqual(['NodeLabelsChanged']);
  expect(nodeChanges(makeNode('n', { unschedulable: true }), node)).toEqual(['NodeTaintsChanged']);
  expect(nodeChanges(node, { ...node, status: { ...node.status, declaredFeatures: ['A'] } })).toEqual(['NodeFeaturesChanged']);
});

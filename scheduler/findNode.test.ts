import { DEFAULT_CONFIGURATION } from './configuration.ts';
import { enoughNodes, findNode } from './findNode.ts';
import { NO_NOMINATIONS } from './framework/filterRun.ts';
import { buildProfile } from './plugins/registry.ts';
import { makeCluster, makeInfo, makeNode } from './testObjects.ts';

const profile = buildProfile({ ...DEFAULT_CONFIGURATION.profiles[0]!, siblings: () => undefined });

test.each([
  [50, 0, 50],
  [99, 10, 99],
  [500, 0, 230],
  [1000, 0, 420],
  [6000, 0, 300],
  [5000, 30, 1500],
  [500, 100, 500],
])('of %d nodes at %d %%, %d are enough', (nodes, percentage, expected) => {
  expect(enoughNodes(nodes, percentage)).toBe(expected);
});

test('a search of many nodes stops early, and begins where the last one ended', () => {
  const cluster = makeCluster(Array.from({ length: 300 }, (_, at) => makeNode(`n${at}`)));
  const decision = findNode(makeInfo('p'), { view: cluster, profile, nominations: NO_NOMINATIONS, start: 290, random: () => 0 });
  expect(decision).toMatchObject({ kind: 'Fits', evaluated: 144, feasible: 144 });
});

test('pods that were promised a node keep lesser ones away', () => {
  const cluster = makeCluster([makeNode('n', { cpu: '1' })]);
  const promised = makeInfo('promised', { requests: { cpu: '1' }, priority: 10 });
  const search = { view: cluster, profile, nominations: { on: () => [promised] }, start: 0, random: () => 0 };
  expect(findNode(makeInfo('p', { requests: { cpu: '1' } }), search).kind).toBe('FitsNowhere');
  expect(findNode(makeInfo('p', { requests: { cpu: '1' }, priority: 20 }), search).kind).toBe('Fits');
});

test('a pod of a DaemonSet is tried on its node only', () => {
  const cluster = makeCluster([makeNode('a', { pods: '0' }), makeNode('b'), makeNode('c')]);
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }] } } };
  const decision = findNode(makeInfo('p', { affinity }), { view: cluster, profile, nominations: NO_NOMINATIONS, start: 0, random: () => 0 });
  expect(decision).toMatchObject({ kind: 'FitsNowhere', evaluated: 1, diagnosis: { others: { reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"] } } });
});

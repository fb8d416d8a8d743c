import type { V1TopologySpreadConstraint } from '../../api/generated/types.ts';
import { selectorOfMap } from '../../api/values/labelSelector.ts';
import { filterAll, makeCluster, makeInfo, makeNode, scoreAll } from '../testObjects.ts';
import { podTopologySpread, SYSTEM_DEFAULTS } from './podTopologySpread.ts';

const ZONE = 'topology.kubernetes.io/zone';
const spread = podTopologySpread({ defaults: SYSTEM_DEFAULTS, systemDefaulted: true, siblings: (pod) => (pod.labels['app'] ? selectorOfMap({ app: pod.labels['app'] }) : undefined) });
const labels = { app: 'web' };
const web = (name: string) => makeInfo(name, { labels });
const nodes = [makeNode('a1', { labels: { [ZONE]: 'a' } }), makeNode('a2', { labels: { [ZONE]: 'a' } }), makeNode('b1', { labels: { [ZONE]: 'b' } }), makeNode('none')];
const constraint = (more: Partial<V1TopologySpreadConstraint> = {}): V1TopologySpreadConstraint => ({ topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: labels }, ...more });
const SKEW = "node(s) didn't match pod topology spread constraints";
const MISSING = `${SKEW} (missing required label) !`;

test('a domain that is ahead by maxSkew takes no more', () => {
  const cluster = makeCluster(nodes, { a1: [web('x')], a2: [makeInfo('other', { labels: { app: 'db' } })] });
  const pod = makeInfo('p', { labels, topologySpreadConstraints: [constraint()] });
  expect(filterAll(spread, pod, cluster)).toEqual({ a1: SKEW, a2: SKEW, b1: 'fits', none: MISSING });
  cluster.setPod(web('y'), 'b1');
  expect(filterAll(spread, pod, cluster)).toEqual({ a1: 'fits', a2: 'fits', b1: 'fits', none: MISSING });
});

test('counts follow pods that come and go, and leave out those that are being deleted', () => {
  const x = web('x');
  const cluster = makeCluster(nodes, { a1: [x] });
  const pod = makeInfo('p', { labels, topologySpreadConstraints: [constraint()] });
  expect(filterAll(spread, pod, cluster)['a2']).toBe(SKEW);
  cluster.setPod({ ...x, pod: { ...x.pod, metadata: { ...x.pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } } }, 'a1');
  expect(filterAll(spread, pod, cluster)['a2']).toBe('fits');
});

test('fewer domains than minDomains count as if one were empty', () => {
  const cluster = makeCluster(nodes, { a1: [web('x')], b1: [web('y')] });
  const pod = makeInfo('p', { labels, topologySpreadConstraints: [constraint({ minDomains: 3 })] });
  expect(filterAll(spread, pod, cluster)).toMatchObject({ a1: SKEW, b1: SKEW });
});

test('nodes that the pod cannot go to do not count, unless the policy says so', () => {
  const cluster = makeCluster([makeNode('a', { labels: { [ZONE]: 'a', disk: 'ssd' } }), makeNode('b', { labels: { [ZONE]: 'b' } })], { a: [web('x')] });
  const pod = (more: Partial<V1TopologySpreadConstraint>) => makeInfo('p', { labels, nodeSelector: { disk: 'ssd' }, topologySpreadConstraints: [constraint(more)] });
  expect(filterAll(spread, pod({}), cluster)['a']).toBe('fits');
  expect(filterAll(spread, pod({ nodeAffinityPolicy: 'Ignore' }), cluster)['a']).toBe(SKEW);
});

test('ScheduleAnyway, and the default constraints, prefer where fewer siblings are', () => {
  const cluster = makeCluster(nodes.slice(0, 3), { a1: [web('x'), web('y')], b1: [web('z')] });
  const scores = scoreAll(spread, makeInfo('p', { labels }), cluster)!;
  expect(scores['a1']).toBeLessThan(scores['a2']!);
  expect(scores['a1']).toBeLessThan(scores['b1']!);
  expect(scoreAll(spread, makeInfo('p'), cluster)).toBeUndefined();
  const own = scoreAll(spread, makeInfo('p', { labels, topologySpreadConstraints: [constraint({ whenUnsatisfiable: 'ScheduleAnyway' })] }), cluster)!;
  expect(own).toEqual({ a1: 33, a2: 33, b1: 100 });
});

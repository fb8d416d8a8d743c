import type { V1PodAffinityTerm } from '../../api/generated/types.ts';
import { filterAll, makeCluster, makeInfo, makeNode, scoreAll } from '../testObjects.ts';
import { interPodAffinity } from './interPodAffinity.ts';

const plugin = interPodAffinity();
const ZONE = 'zone';
const nodes = [makeNode('a1', { labels: { zone: 'a' } }), makeNode('a2', { labels: { zone: 'a' } }), makeNode('b1', { labels: { zone: 'b' } })];
const term = (app: string, more: Partial<V1PodAffinityTerm> = {}): V1PodAffinityTerm => ({ labelSelector: { matchLabels: { app } }, topologyKey: ZONE, ...more });
const near = (...terms: V1PodAffinityTerm[]) => ({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } });
const apart = (...terms: V1PodAffinityTerm[]) => ({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } });
const AFFINITY = "node(s) didn't match pod affinity rules !";
const ANTI = "node(s) didn't match pod anti-affinity rules";
const EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules";

test('affinity holds a pod in the domains of the pods that it names', () => {
  const cluster = makeCluster(nodes, { a1: [makeInfo('db', { labels: { app: 'db' } })] });
  expect(filterAll(plugin, makeInfo('p', { affinity: near(term('db')) }), cluster)).toEqual({ a1: 'fits', a2: 'fits', b1: AFFINITY });
  expect(filterAll(plugin, makeInfo('p', { affinity: near(term('db', { topologyKey: 'rack' })) }), cluster)).toEqual({ a1: AFFINITY, a2: AFFINITY, b1: AFFINITY });
  // A label that no node has, though every object of JavaScript answers to its name.
  expect(filterAll(plugin, makeInfo('p', { affinity: near(term('db', { topologyKey: 'constructor' })) }), cluster)).toEqual({ a1: AFFINITY, a2: AFFINITY, b1: AFFINITY });
});

test('the first of a group that wants to be together may start anywhere', () => {
  const pod = makeInfo('p', { labels: { app: 'web' }, affinity: near(term('web')) });
  expect(filterAll(plugin, pod, makeCluster(nodes))).toEqual({ a1: 'fits', a2: 'fits', b1: 'fits' });
  expect(filterAll(plugin, makeInfo('p', { affinity: near(term('web')) }), makeCluster(nodes))['a1']).toBe(AFFINITY);
});

test('anti-affinity works from both sides', () => {
  const cluster = makeCluster(nodes, { a1: [makeInfo('x', { labels: { app: 'x' }, affinity: apart(term('web')) })] });
  expect(filterAll(plugin, makeInfo('p', { labels: { app: 'web' } }), cluster)).toEqual({ a1: EXISTING, a2: EXISTING, b1: 'fits' });
  expect(filterAll(plugin, makeInfo('p', { affinity: apart(term('x')) }), cluster)).toEqual({ a1: ANTI, a2: ANTI, b1: 'fits' });
  expect(filterAll(plugin, makeInfo('p', { labels: { app: 'web' }, namespace: 'other' }), cluster)['a1']).toBe('fits');
});

test('what is counted follows pods that come and go', () => {
  const holder = makeInfo('x', { labels: { app: 'x' }, affinity: apart(term('web')) });
  const cluster = makeCluster(nodes, { a1: [holder] });
  const pod = makeInfo('p', { labels: { app: 'web' }, affinity: apart(term('x')) });
  expect(filterAll(plugin, pod, cluster)['a1']).toBe(ANTI);
  cluster.removePod(holder.uid);
  expect(filterAll(plugin, pod, cluster)['a1']).toBe('fits');
});

test('namespaces are selected by name and by label', () => {
  const cluster = makeCluster(nodes, { a1: [makeInfo('db', { namespace: 'data', labels: { app: 'db' } })] }, { data: { team: 'storage' } });
  const fits = (more: Partial<V1PodAffinityTerm>) => filterAll(plugin, makeInfo('p', { affinity: near(term('db', more)) }), cluster)['a2'];
  expect([fits({}), fits({ namespaces: ['data'] }), fits({ namespaceSelector: { matchLabels: { team: 'storage' } } }), fits({ namespaceSelector: {} })]).toEqual([AFFINITY, 'fits', 'fits', 'fits']);
});

test('preferences of both sides score', () => {
  const preferred = (weight: number, app: string) => ({ preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: term(app) }] });
  const cluster = makeCluster(nodes, { a1: [makeInfo('db', { labels: { app: 'db' } })], b1: [makeInfo('cache', { labels: { app: 'cache' }, affinity: { podAffinity: preferred(10, 'web') } })] });
  expect(scoreAll(plugin, makeInfo('p', { affinity: { podAffinity: preferred(5, 'db') } }), cluster)).toEqual({ a1: 100, a2: 100, b1: 0 });
  expect(scoreAll(plugin, makeInfo('p', { affinity: { podAntiAffinity: preferred(5, 'db') } }), cluster)).toEqual({ a1: 0, a2: 0, b1: 100 });
  expect(scoreAll(plugin, makeInfo('p', { labels: { app: 'web' } }), cluster)).toEqual({ a1: 0, a2: 0, b1: 100 });
  expect(scoreAll(plugin, makeInfo('p'), cluster)).toBeUndefined();
});

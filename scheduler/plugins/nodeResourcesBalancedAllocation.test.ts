import { makeCluster, makeInfo, makeNode, scoreAll } from '../testObjects.ts';
import { nodeResourcesBalancedAllocation } from './nodeResourcesBalancedAllocation.ts';

test('like shares of CPU and memory are best', () => {
  const cluster = makeCluster([makeNode('even', { cpu: '4', memory: '8Gi' }), makeNode('skewed', { cpu: '2', memory: '16Gi' })]);
  expect(scoreAll(nodeResourcesBalancedAllocation, makeInfo('p', { requests: { cpu: '2', memory: '4Gi' } }), cluster)).toEqual({ even: 100, skewed: 62 });
});

test('a pod without requests leaves the balance as it is', () => {
  expect(scoreAll(nodeResourcesBalancedAllocation, makeInfo('p'), makeCluster([makeNode('n')]))).toBeUndefined();
});

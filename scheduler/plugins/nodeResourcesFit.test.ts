import { filterAll, makeCluster, makeInfo, makeNode, scoreAll } from '../testObjects.ts';
import { nodeResourcesFit } from './nodeResourcesFit.ts';

const fit = nodeResourcesFit();

test('what is missing is named; what the whole node does not have cannot be preempted', () => {
  const cluster = makeCluster([makeNode('used', { cpu: '2', memory: '4Gi' }), makeNode('tiny', { cpu: '1', memory: '1Gi' }), makeNode('full', { pods: '1' })], {
    used: [makeInfo('x', { requests: { cpu: '1500m' } })],
    full: [makeInfo('y')],
  });
  const pod = makeInfo('p', { requests: { cpu: '1', memory: '2Gi' } });
  expect(filterAll(fit, pod, cluster)).toEqual({ used: 'Insufficient cpu', tiny: 'Insufficient memory !', full: 'Too many pods' });
  expect(filterAll(fit, makeInfo('p', { requests: { 'example.com/gpu': '1' } }), cluster)['used']).toBe('Insufficient example.com/gpu !');
  expect(filterAll(fit, makeInfo('p'), cluster)['used']).toBe('fits');
});

test('extended resources and storage are counted as pods come and go', () => {
  const holder = makeInfo('x', { requests: { 'example.com/gpu': '2', 'ephemeral-storage': '6Gi' } });
  const cluster = makeCluster([makeNode('n', { more: { 'example.com/gpu': '2', 'ephemeral-storage': '10Gi' } })], { n: [holder] });
  const pod = makeInfo('p', { requests: { 'example.com/gpu': '1', 'ephemeral-storage': '5Gi' } });
  expect(filterAll(fit, pod, cluster)).toEqual({ n: 'Insufficient ephemeral-storage, Insufficient example.com/gpu' });
  cluster.removePod(holder.uid);
  expect(filterAll(fit, pod, cluster)).toEqual({ n: 'fits' });
});

test('LeastAllocated prefers free nodes, MostAllocated used ones', () => {
  const cluster = makeCluster([makeNode('free', { cpu: '4', memory: '8Gi' }), makeNode('half', { cpu: '4', memory: '8Gi' })], { half: [makeInfo('x', { requests: { cpu: '2', memory: '4Gi' } })] });
  const pod = makeInfo('p', { requests: { cpu: '1', memory: '2Gi' } });
  expect(scoreAll(fit, pod, cluster)).toEqual({ free: 75, half: 25 });
  expect(scoreAll(nodeResourcesFit({ type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] }), pod, cluster)).toEqual({ free: 25, half: 75 });
});

test('room on a node can help, too little cannot', () => {
  const cluster = makeCluster([makeNode('n', { cpu: '2' })]);
  const event = { kind: 'NodeAllocatableChanged', node: cluster.node('n')! } as const;
  expect(fit.mayHelp?.(makeInfo('p', { requests: { cpu: '1' } }), event)).toBe(true);
  expect(fit.mayHelp?.(makeInfo('p', { requests: { cpu: '3' } }), event)).toBe(false);
});

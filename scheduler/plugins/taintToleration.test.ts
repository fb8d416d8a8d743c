import { filterAll, makeCluster, makeInfo, makeNode, scoreAll } from '../testObjects.ts';
import { taintToleration } from './taintToleration.ts';

const cluster = makeCluster([
  makeNode('free'),
  makeNode('gpu', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }),
  makeNode('slow', { taints: [{ key: 'slow', effect: 'PreferNoSchedule' }] }),
]);

test('an untolerated taint is named with its value', () => {
  expect(filterAll(taintToleration, makeInfo('p'), cluster)).toEqual({ free: 'fits', gpu: 'node(s) had untolerated taint {gpu: yes} !', slow: 'fits' });
  const tolerant = makeInfo('p', { tolerations: [{ key: 'gpu', operator: 'Equal', value: 'yes' }] });
  expect(filterAll(taintToleration, tolerant, cluster)['gpu']).toBe('fits');
});

test('PreferNoSchedule costs points', () => {
  expect(scoreAll(taintToleration, makeInfo('p'), cluster)).toEqual({ free: 100, gpu: 100, slow: 0 });
  expect(scoreAll(taintToleration, makeInfo('p'), makeCluster([makeNode('free')]))).toBeUndefined();
});

test('a taint that goes can help', () => {
  expect(taintToleration.mayHelp?.(makeInfo('p'), { kind: 'NodeTaintsChanged', node: cluster.node('free')! })).toBe(true);
  expect(taintToleration.mayHelp?.(makeInfo('p'), { kind: 'NodeTaintsChanged', node: cluster.node('gpu')! })).toBe(false);
});

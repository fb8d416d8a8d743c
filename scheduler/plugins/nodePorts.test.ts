import { filterAll, makeCluster, makeInfo, makeNode } from '../testObjects.ts';
import { nodePorts } from './nodePorts.ts';

test('a host port that is taken rejects, until its pod is gone', () => {
  const holder = makeInfo('holder', { hostPort: 80 });
  const cluster = makeCluster([makeNode('a'), makeNode('b')], { a: [holder] });
  const pod = makeInfo('p', { hostPort: 80 });
  expect(filterAll(nodePorts, pod, cluster)).toEqual({ a: "node(s) didn't have free ports for the requested pod ports", b: 'fits' });
  expect(filterAll(nodePorts, makeInfo('p', { hostPort: 81 }), cluster)['a']).toBe('fits');
  expect(nodePorts.mayHelp?.(pod, { kind: 'PodDeleted', pod: holder, node: undefined })).toBe(true);
  expect(nodePorts.mayHelp?.(pod, { kind: 'PodDeleted', pod: makeInfo('x'), node: undefined })).toBe(false);
  cluster.removePod(holder.uid);
  expect(filterAll(nodePorts, pod, cluster)['a']).toBe('fits');
});

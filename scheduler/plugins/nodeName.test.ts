import { filterAll, makeCluster, makeInfo, makeNode } from '../testObjects.ts';
import { nodeName } from './nodeName.ts';

test('a pod that names its node fits there only', () => {
  const cluster = makeCluster([makeNode('a'), makeNode('b')]);
  expect(filterAll(nodeName, makeInfo('p', { nodeName: 'b' }), cluster)).toEqual({ a: "node(s) didn't match the requested node name !", b: 'fits' });
  expect(filterAll(nodeName, makeInfo('p'), cluster)).toEqual({ a: 'fits', b: 'fits' });
});

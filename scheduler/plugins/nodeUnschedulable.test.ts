import { filterAll, makeCluster, makeInfo, makeNode } from '../testObjects.ts';
import { nodeUnschedulable } from './nodeUnschedulable.ts';

const cluster = makeCluster([makeNode('cordoned', { unschedulable: true }), makeNode('open')]);

test('a cordoned node takes no pods but those that tolerate it', () => {
  expect(filterAll(nodeUnschedulable, makeInfo('p'), cluster)).toEqual({ cordoned: 'node(s) were unschedulable !', open: 'fits' });
  const tolerant = makeInfo('p', { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] });
  expect(filterAll(nodeUnschedulable, tolerant, cluster)).toEqual({ cordoned: 'fits', open: 'fits' });
});

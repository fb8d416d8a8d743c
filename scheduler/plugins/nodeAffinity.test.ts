import type { V1NodeAffinity } from '../../api/generated/types.ts';
import { filterAll, makeCluster, makeInfo, makeNode, scoreAll } from '../testObjects.ts';
import { nodeAffinity } from './nodeAffinity.ts';

const cluster = makeCluster([makeNode('a', { labels: { disk: 'ssd', size: '10' } }), makeNode('b', { labels: { disk: 'hdd' } })]);
const NO = "node(s) didn't match Pod's node affinity/selector !";
const required = (...nodeSelectorTerms: NonNullable<V1NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms']) =>
  makeInfo('p', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });

test('nodeSelector and required terms filter', () => {
  expect(filterAll(nodeAffinity, makeInfo('p', { nodeSelector: { disk: 'ssd' } }), cluster)).toEqual({ a: 'fits', b: NO });
  expect(filterAll(nodeAffinity, required({ matchExpressions: [{ key: 'size', operator: 'Gt', values: ['5'] }] }), cluster)).toEqual({ a: 'fits', b: NO });
  expect(filterAll(nodeAffinity, required({ matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }] }), cluster)).toEqual({ a: NO, b: 'fits' });
});

test('one of several terms is enough, an empty one selects nothing', () => {
  expect(filterAll(nodeAffinity, required({ matchExpressions: [{ key: 'disk', operator: 'In', values: ['none'] }] }, { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }), cluster)).toEqual({ a: NO, b: 'fits' });
  expect(filterAll(nodeAffinity, required({}), cluster)).toEqual({ a: NO, b: NO });
});

test('terms that name nodes narrow the search to them', () => {
  expect(nodeAffinity.preFilter?.(required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }), cluster)).toMatchObject({ only: new Set(['b']) });
});

test('preferred terms score by weight', () => {
  const prefers = makeInfo('p', {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 40, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } },
          { weight: 60, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
        ],
      },
    },
  });
  expect(scoreAll(nodeAffinity, prefers, cluster)).toEqual({ a: 100, b: 40 });
});

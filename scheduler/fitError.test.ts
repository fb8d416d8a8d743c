import { fitErrorMessage, rejectingPlugins } from './fitError.ts';

const rejection = (plugin: string, ...reasons: string[]) => ({ plugin, reasons, unresolvable: false });

test('reasons are counted and sorted as texts', () => {
  const byNode = new Map([
    ['a', rejection('NodeResourcesFit', 'Insufficient memory', 'Insufficient cpu')],
    ['b', rejection('NodeResourcesFit', 'Insufficient cpu')],
    ['c', rejection('TaintToleration', 'node(s) had untolerated taint {k: v}')],
  ]);
  expect(fitErrorMessage({ nodeCount: 3, byNode })).toBe('0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint {k: v}, 2 Insufficient cpu.');
  expect(fitErrorMessage({ nodeCount: 3, byNode }, 'preemption: no.')).toMatch(/cpu\. preemption: no\.$/);
  expect(rejectingPlugins({ nodeCount: 3, byNode })).toEqual(new Set(['NodeResourcesFit', 'TaintToleration']));
});

test('nodes that were not looked at count for what rules them out', () => {
  const others = rejection('NodeAffinity', "node(s) didn't satisfy plugin(s) [NodeAffinity]");
  expect(fitErrorMessage({ nodeCount: 5, byNode: new Map([['a', rejection('Fit', 'Too many pods')]]), others })).toBe("0/5 nodes are available: 1 Too many pods, 4 node(s) didn't satisfy plugin(s) [NodeAffinity].");
  expect(fitErrorMessage({ nodeCount: 2, byNode: new Map(), everywhere: rejection('X', 'pod has no chance') })).toBe('0/2 nodes are available: pod has no chance.');
});

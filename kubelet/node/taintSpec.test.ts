import { parseTaints } from './taintSpec.ts';

test('taints as the command line has them', () => {
  expect(parseTaints('')).toEqual([]);
  expect(parseTaints('dedicated=gpu:NoSchedule,node-role.kubernetes.io/control-plane:NoExecute')).toEqual([
    { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' },
    { key: 'node-role.kubernetes.io/control-plane', effect: 'NoExecute' },
  ]);
});

test('what is none is refused', () => {
  expect(() => parseTaints('dedicated=gpu')).toThrow('invalid taint spec: dedicated=gpu');
  expect(() => parseTaints('a=b=c:NoSchedule')).toThrow('invalid taint spec: a=b=c:NoSchedule');
  expect(() => parseTaints('a=b:Never')).toThrow('invalid taint effect: Never, unsupported taint effect');
  expect(() => parseTaints('-a=b:NoSchedule')).toThrow('invalid taint spec: -a=b:NoSchedule, ');
  expect(() => parseTaints('a=1:NoSchedule,a=2:NoSchedule')).toThrow('duplicated taints with the same key and effect: a=2:NoSchedule');
});

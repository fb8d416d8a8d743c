import type { Fault } from './faults.ts';
import { pairs, together } from './pairs.ts';
import { seededRandom } from '../../api/schema/seededRandom.ts';

const fault = (name: string): Fault => ({ name, promise: '', writable: true, inject: async () => async () => undefined });
const faults = ['a', 'b', 'c', 'd'].map(fault);
const names = (list: readonly (readonly [Fault, Fault])[]): string[] => list.map((pair) => pair.map(({ name }) => name).join('+'));

test('the same seed gives the same pairs, of two different faults each', () => {
  const list = names(pairs(faults, 20, seededRandom(7)));
  expect(list).toEqual(names(pairs(faults, 20, seededRandom(7))));
  expect(list).not.toEqual(names(pairs(faults, 20, seededRandom(8))));
  for (const each of list) expect(new Set(each.split('+')).size).toBe(2);
});

test('each pair comes once before one comes again', () => {
  const list = names(pairs(faults, 12, seededRandom(1)));
  expect(new Set(list.slice(0, 6)).size).toBe(6);
  expect(new Set(list.slice(6)).size).toBe(6);
});

test('what is healed last is brought about first', () => {
  const disk = fault("loss of one etcd member's disk, and its replacement");
  const power = fault("a node's power cut");
  expect(names([together(faults[0]!, disk), together(power, disk), together(power, faults[0]!)])).toEqual([`${disk.name}+a`, `${disk.name}+${power.name}`, `a+${power.name}`]);
});

test('two faults that take a member of etcd each promise no writes', () => {
  expect(together(fault('SIGSTOP of etcd'), fault('a full disk under etcd')).map(({ writable }) => writable)).toEqual([false, false]);
  expect(together(fault('SIGSTOP of etcd'), fault('a')).map(({ writable }) => writable)).toEqual([true, true]);
});

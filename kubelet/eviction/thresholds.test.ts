import { formatQuantity } from '../../api/values/quantity.ts';
import { amountOf, amountToReclaim, parseThresholds } from './thresholds.ts';

const amounts = (hard: Record<string, string>, reclaim: Record<string, string>, capacity: number): readonly string[] =>
  parseThresholds(hard, reclaim).map((each) => `${each.signal} ${formatQuantity(amountOf(each.value, capacity))} ${formatQuantity(amountToReclaim(each, capacity))}`);

test('thresholds are amounts, or parts of the whole', () => {
  expect(amounts({ 'memory.available': '100Mi', 'nodefs.available': '10%' }, { 'nodefs.available': '1Ki' }, 2 ** 20)).toEqual(['memory.available 100Mi 100Mi', 'nodefs.available 104857 105881']);
  // Kubernetes' part is a 32 bit number, a little more than a tenth.
  expect(amounts({ 'nodefs.available': '10%' }, {}, 10 ** 11)).toEqual(['nodefs.available 10000000149 10000000149']);
  expect(amounts({ 'nodefs.inodesFree': '0%', 'imagefs.available': '100%' }, {}, 100)).toEqual([]);
});

test('what is no threshold is refused', () => {
  const refused = (hard: Record<string, string>, reclaim: Record<string, string> = {}): (() => unknown) => () => parseThresholds(hard, reclaim);
  expect(refused({ 'disk.available': '1' })).toThrow('unsupported eviction signal disk.available');
  expect(refused({ 'memory.available': '0' })).toThrow('eviction threshold memory.available must be positive: 0');
  expect(refused({ 'nodefs.available': '101%' })).toThrow('eviction percentage threshold nodefs.available must be <= 100%: 101%');
  expect(refused({ 'nodefs.available': '-1%' })).toThrow('eviction percentage threshold nodefs.available must be >= 0%: -1%');
  expect(refused({ 'nodefs.available': 'much' })).toThrow('"much" is not a quantity');
  expect(refused({}, { 'nodefs.available': '-5Mi' })).toThrow('negative eviction minimum reclaim specified for nodefs.available');
});

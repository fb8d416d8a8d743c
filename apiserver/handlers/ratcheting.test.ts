import { forbidden, invalid, required } from '../../api/fieldError.ts';
import type { FieldError } from '../../api/fieldError.ts';
import { newFaults } from './ratcheting.ts';

const left = (errors: readonly FieldError[], object: object, previous: object, before = errors): string[] => newFaults(errors, object, previous, () => before).map(({ field }) => field);
const fault = invalid('spec.rules[0].host', 'A', 'must be lowercase');
const spec = (host: string | undefined, more: object = {}): object => ({ metadata: { labels: { 'a.b/c': 'x y' } }, spec: { rules: [{ host, path: '/' }], ...more } });

test('what was wrong before and is as it was does not stand in the way of other changes', () => {
  expect(left([fault], spec('A', { replicas: 3 }), spec('A'))).toEqual([]);
  expect(left([invalid('metadata.labels[a.b/c]', 'x y', 'no')], spec('b', { replicas: 3 }), spec('a'))).toEqual([]);
});

test('a path that begins with a capital is that of a field which does not', () => {
  const ranges = (value: string, more: object = {}): object => ({ spec: { loadBalancerSourceRanges: [value], ...more } });
  const wrong = invalid('spec.LoadBalancerSourceRanges[0]', '10.0.0.1/8', 'no range');
  expect(left([wrong], ranges('10.0.0.1/8', { type: 'LoadBalancer' }), ranges('10.0.0.1/8'))).toEqual([]);
  expect(left([wrong], ranges('10.0.0.1/8'), ranges('10.0.0.2/8'))).toHaveLength(1);
});

test('what is wrong anew does', () => {
  expect(left([fault], spec('A'), spec('b'), [])).toEqual(['spec.rules[0].host']);
  expect(left([fault], spec('A'), spec('A'), [])).toEqual(['spec.rules[0].host']);
  // The text is the same, what it is about is not.
  const hidden = forbidden('spec.rules[0].host', 'too complex');
  expect(left([hidden], spec('A'), spec('B'))).toEqual(['spec.rules[0].host']);
  const found = [fault, forbidden('spec.rules', 'not these')];
  expect(left(found, spec('A', { replicas: 3 }), spec('A'), [fault])).toEqual(['spec.rules']);
});

test('what is missing is as it was when everything around it is', () => {
  const missing = required('spec.rules[0].name');
  expect(left([missing], spec('A', { replicas: 3 }), spec('A'))).toEqual([]);
  expect(left([missing], spec('A'), spec('B'))).toEqual(['spec.rules[0].name']);
});

test('a fault of no place in particular is always told, and the stored object is only judged where it could matter', () => {
  expect(left([invalid('', 1, 'x')], spec('A'), spec('A'))).toEqual(['']);
  expect(left([invalid('service.connection', 1, 'x')], spec('A'), spec('A'))).toEqual(['service.connection']);
  const judged = jest.fn(() => []);
  newFaults([], spec('A'), spec('A'), judged);
  newFaults([fault], spec('A'), spec('B'), judged);
  expect(judged).not.toHaveBeenCalled();
});

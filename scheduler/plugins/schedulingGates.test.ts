import { makeInfo } from '../testObjects.ts';
import { schedulingGates } from './schedulingGates.ts';

test('gates are named, none lets pass', () => {
  expect(schedulingGates.preEnqueue?.(makeInfo('p', { schedulingGates: [{ name: 'a' }, { name: 'b' }] }))).toBe('waiting for scheduling gates: [a b]');
  expect(schedulingGates.preEnqueue?.(makeInfo('p', { schedulingGates: [] }))).toBeUndefined();
});

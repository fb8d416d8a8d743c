import { makePod } from './testObjects.ts';
import { statusPatch } from './podStatus.ts';

const NOW = Date.UTC(2026, 0, 1);
const said = { reason: 'Unschedulable', message: 'no room' } as const;

test('the condition is written once, and keeps the time since when it holds', () => {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room', lastTransitionTime: '2026-01-01T00:00:00Z' };
  expect(statusPatch(makePod('p'), said, NOW)).toEqual({ status: { conditions: [condition] } });
  const pod = makePod('p', { status: { conditions: [condition] } });
  expect(statusPatch(pod, said, NOW + 5000)).toBeUndefined();
  expect(statusPatch(pod, { ...said, message: 'other' }, NOW + 5000)).toEqual({ status: { conditions: [{ ...condition, message: 'other' }] } });
});

test('a promised node is written, and taken back', () => {
  const pod = makePod('p', { status: { nominatedNodeName: 'n' } });
  expect(statusPatch(pod, { ...said, nominatedNode: 'n' }, NOW)).toMatchObject({ status: { nominatedNodeName: 'n' } });
  expect(statusPatch(pod, { ...said, nominatedNode: '' }, NOW)).toMatchObject({ status: { nominatedNodeName: '' } });
});

import { prioritySort } from './prioritySort.ts';

test('the more important first, then who came first', () => {
  const queued = (priority: number, timestamp: number) => ({ info: { priority }, timestamp });
  expect(prioritySort(queued(2, 9), queued(1, 1))).toBe(true);
  expect(prioritySort(queued(1, 1), queued(2, 9))).toBe(false);
  expect(prioritySort(queued(1, 1), queued(1, 2))).toBe(true);
  expect(prioritySort(queued(1, 2), queued(1, 2))).toBe(false);
});

import { EventWindow, revisionOf } from './eventWindow.ts';
import type { CacheEvent } from './types.ts';

function deleted(revision: number): CacheEvent {
  const last = { key: '/r/a', revision, bytes: Buffer.from('{}'), object: { apiVersion: 'v1', kind: 'X', metadata: { name: 'a', uid: '', resourceVersion: '', creationTimestamp: '' } } };
  return { type: 'delete', last, revision };
}

const since = (window: EventWindow, revision: number): number[] => window.since(revision).map(revisionOf);

test('gives the events after a revision, all of a revision together', () => {
  const window = new EventWindow({ events: 10, milliseconds: 1_000 }, 3);
  for (const revision of [5, 5, 8]) window.push(deleted(revision), 0);
  expect(since(window, 3)).toEqual([5, 5, 8]);
  expect(since(window, 5)).toEqual([8]);
  expect(since(window, 8)).toEqual([]);
  expect(window.floor).toBe(3);
});

test('drops the oldest by number, and its floor says so', () => {
  const window = new EventWindow({ events: 3, milliseconds: 1_000 }, 0);
  for (let revision = 1; revision <= 500; revision += 1) window.push(deleted(revision), 0);
  expect(window.floor).toBe(497);
  expect(since(window, 497)).toEqual([498, 499, 500]);
});

test('drops the oldest by age', () => {
  const window = new EventWindow({ events: 10, milliseconds: 1_000 }, 0);
  window.push(deleted(1), 0);
  window.push(deleted(2), 900);
  window.trim(1_500);
  expect([window.floor, window.size]).toEqual([1, 1]);
});

import { type BackoffEntry, formatDelay, nextBackoff, retryAt } from './backoff.ts';

const MINUTE = 60_000;

test('the delay doubles from ten seconds to five minutes', () => {
  let entry: BackoffEntry | undefined;
  const delays: string[] = [];
  for (let now = 0; delays.length < 7; now += entry.delay) {
    entry = nextBackoff(entry, now, now);
    delays.push(formatDelay(entry.delay));
  }
  expect(delays).toEqual(['10s', '20s', '40s', '1m20s', '2m40s', '5m0s', '5m0s']);
});

test('it counts from the end of the last run', () => {
  const entry = { delay: 40_000, updatedAt: 0 };
  expect([retryAt(entry, 5000, 6000), retryAt(entry, 5000, 45_000), retryAt(undefined, 5000, 6000)]).toEqual([45_000, undefined, undefined]);
});

test('a run of more than ten minutes is forgiven', () => {
  const entry = { delay: 5 * MINUTE, updatedAt: 0 };
  expect(retryAt(entry, 10 * MINUTE, 10 * MINUTE + 1)).toBe(15 * MINUTE);
  expect(retryAt(entry, 10 * MINUTE + 1, 10 * MINUTE + 2)).toBeUndefined();
  expect(nextBackoff(entry, 10 * MINUTE + 1, 11 * MINUTE)).toEqual({ delay: 10_000, updatedAt: 11 * MINUTE });
});

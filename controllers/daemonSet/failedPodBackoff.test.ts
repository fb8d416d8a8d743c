import { FailedPodBackoff } from './failedPodBackoff.ts';

test('a daemon that keeps failing is replaced at once, then after 1 s, 2 s, 4 s', () => {
  const backoff = new FailedPodBackoff();
  expect([backoff.take('a', 0), backoff.take('a', 400), backoff.take('b', 400)]).toEqual([0, 600, 0]);
  expect([backoff.take('a', 1000), backoff.take('a', 1000), backoff.take('a', 3000), backoff.take('a', 3000)]).toEqual([0, 2000, 0, 4000]);
});

test('it is never put off for more than a quarter of an hour, and forgotten after twice that', () => {
  const backoff = new FailedPodBackoff();
  let now = 0;
  for (let times = 0; times < 20; times += 1) now += backoff.take('a', now);
  expect(backoff.take('a', now)).toBeLessThanOrEqual(900_000);
  expect([backoff.take('a', now + 10_000_000), backoff.take('a', now + 10_000_000)]).toEqual([0, 1000]);
});

import { failuresAfter, restartDelay } from './restartPolicy.ts';

test('one failure restarts at once, more of them ever later', () => {
  expect([0, 1, 2, 3, 4, 8, 40].map(restartDelay)).toEqual([0, 0, 500, 1000, 2000, 30_000, 30_000]);
});

test('a minute of running makes failures forgotten', () => {
  expect(failuresAfter(5, 59_000)).toBe(6);
  expect(failuresAfter(5, 60_000)).toBe(0);
});

import { formatMicroTime, formatTime } from './clock.ts';
import { FakeClock } from './fakeClock.ts';

test('times have the forms of metav1.Time and metav1.MicroTime', () => {
  const at = Date.UTC(2026, 10, 21, 1, 2, 3, 456);
  expect(formatTime(at)).toBe('2026-11-21T01:02:03Z');
  expect(formatMicroTime(at)).toBe('2026-11-21T01:02:03.456000Z');
  expect([at + 543, at + 544, at, -1].map(formatTime)).toEqual(['2026-11-21T01:02:03Z', '2026-11-21T01:02:04Z', '2026-11-21T01:02:03Z', '1969-12-31T23:59:59Z']);
});

test('a fake clock runs what falls due, in order, and lets sleepers end early', async () => {
  const clock = new FakeClock(0);
  const seen: string[] = [];
  clock.setTimeout(() => seen.push(`b at ${clock.now()}`), 20);
  clock.setTimeout(() => seen.push(`a at ${clock.now()}`), 10);
  clock.setTimeout(() => seen.push('never'), 15).cancel();
  const stop = new AbortController();
  void clock.sleep(1000, stop.signal).then(() => seen.push('woken'));
  await clock.advance(30);
  stop.abort();
  await clock.advance(0);
  expect(seen).toEqual(['a at 10', 'b at 20', 'woken']);
});

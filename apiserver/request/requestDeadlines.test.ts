import { FakeClock } from '../../process/fakeClock.ts';
import { RequestDeadlines, timeoutOf } from './requestDeadlines.ts';

test('a request that is too slow is given up with a 504, one in time is not', async () => {
  const clock = new FakeClock();
  const deadlines = new RequestDeadlines(clock, 60_000);
  let given = 0;
  const slow = deadlines.within('2s', () => (given += 1), () => new Promise(() => undefined));
  const quick = deadlines.within(null, () => (given += 1), async () => 'done');
  expect(await quick).toBe('done');
  const refused = slow.catch((error: unknown) => error);
  await clock.advance(1_750);
  expect(given).toBe(0);
  await clock.advance(500);
  expect(await refused).toMatchObject({ code: 504, reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' });
  expect(given).toBe(1);
});

test('errors pass', async () => {
  await expect(new RequestDeadlines(new FakeClock(), 1_000).within(null, undefined, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test.each([
  [null, 60_000],
  ['', 60_000],
  ['0s', 60_000],
  ['500ms', 500],
  ['1m30s', 60_000],
  ['1.5s', 1_500],
  ['-1s', 60_000],
  ['1000h', 60_000],
])('timeout=%s', (text, expected) => expect(timeoutOf(text, 60_000)).toBe(expected));

test.each([
  ['10', 'missing unit in duration "10"'],
  ['soon', 'invalid duration "soon"'],
  ['-', 'invalid duration "-"'],
  ['1s x', 'unknown unit "s x" in duration "1s x"'],
  ['1d', 'unknown unit "d" in duration "1d"'],
  ['1h.', 'invalid duration "1h."'],
])('timeout=%s is refused', (text, why) => expect(() => timeoutOf(text, 60_000)).toThrow(`invalid timeout specified in the request URL - time: ${why}`));

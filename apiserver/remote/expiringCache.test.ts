import { FakeClock } from '../../process/fakeClock.ts';
import { ExpiringCache } from './expiringCache.ts';

test('answers are kept for their time, shared while they are fetched, and bounded in number; failures are not kept', async () => {
  const clock = new FakeClock();
  const cache = new ExpiringCache<string>(clock, 2);
  let fetched = 0;
  const get = (key: string, lifetime = 1000): Promise<string> => cache.get(key, async () => `${key}${++fetched}`, () => lifetime);
  expect(await Promise.all([get('a'), get('a')])).toEqual(['a1', 'a1']);
  expect(await get('a')).toBe('a1');
  await clock.advance(1001);
  expect(await get('a')).toBe('a2');
  expect(await get('b', 0)).toBe('b3');
  expect(await get('b')).toBe('b4');
  expect(await get('c')).toBe('c5');
  expect(await get('b')).toBe('b4');
  expect(await get('a')).toBe('a6');
  await expect(cache.get('x', async () => Promise.reject(new Error('away')), () => 1000)).rejects.toThrow('away');
  expect(await get('x')).toBe('x7');
});

import { conflict } from '../api/apiError.ts';
import { FakeClock } from '../process/fakeClock.ts';
import { retryOnConflict } from './retryOnConflict.ts';

const lost = conflict({ group: '', resource: 'pods' }, 'web', 'modified');

test('tries five times on conflicts, and once on other errors', async () => {
  const clock = new FakeClock();
  let attempts = 0;
  const failing = (error: Error): Promise<unknown> =>
    retryOnConflict(clock, async () => {
      attempts += 1;
      throw error;
    }).catch((each: unknown) => each);
  const first = failing(lost);
  await clock.advance(1000);
  expect([await first, attempts]).toEqual([lost, 5]);
  attempts = 0;
  const other = new Error('other');
  expect([await failing(other), attempts]).toEqual([other, 1]);
});

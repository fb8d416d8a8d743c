import { FakeClock } from '../process/fakeClock.ts';
import { silentLogger } from '../process/log.ts';
import { failureDelay, WorkQueueImpl } from './workQueue.ts';

function setUp(): { clock: FakeClock; queue: WorkQueueImpl; stop: AbortController } {
  const clock = new FakeClock(0);
  return { clock, queue: new WorkQueueImpl({ clock, logger: silentLogger }), stop: new AbortController() };
}

test('1. a key that is added while it waits is handled once', async () => {
  const { clock, queue, stop } = setUp();
  const seen: string[] = [];
  queue.add('a');
  queue.add('a');
  expect(queue.length).toBe(1);
  const run = queue.run(2, async (key) => void seen.push(key), stop.signal);
  await clock.advance(1000);
  expect(seen).toEqual(['a']);
  stop.abort();
  await run;
});

test('2. a key that is added while it is being handled is handled again afterwards, never at the same time', async () => {
  const { clock, queue, stop } = setUp();
  let running = 0;
  let most = 0;
  let times = 0;
  queue.add('a');
  const run = queue.run(
    4,
    async () => {
      running += 1;
      most = Math.max(most, running);
      times += 1;
      await clock.sleep(10);
      running -= 1;
    },
    stop.signal,
  );
  await clock.advance(1);
  queue.add('a');
  queue.add('a');
  await clock.advance(100);
  expect({ most, times }).toEqual({ most: 1, times: 2 });
  stop.abort();
  await run;
});

test('3. keys are handled in the order in which they came', async () => {
  const { clock, queue, stop } = setUp();
  const seen: string[] = [];
  for (const key of ['c', 'a', 'b', 'a']) queue.add(key);
  const run = queue.run(1, async (key) => void seen.push(key), stop.signal);
  await clock.advance(1);
  expect(seen).toEqual(['c', 'a', 'b']);
  stop.abort();
  await run;
});

test('4. a failed key comes back after a delay that doubles from 5 ms up to 1,000 s, reset by a success', async () => {
  const { clock, queue, stop } = setUp();
  const at: number[] = [];
  let failures = 4;
  queue.add('a');
  const run = queue.run(
    1,
    async () => {
      at.push(clock.monotonic());
      failures -= 1;
      if (failures >= 0) throw new Error('no');
    },
    stop.signal,
  );
  await clock.advance(1000);
  expect(at).toEqual([0, 5, 15, 35, 75]);
  failures = 1;
  queue.add('a');
  await clock.advance(1000);
  expect(at.slice(5)).toEqual([1000, 1005]);
  expect(failureDelay(18)).toBe(655_360);
  expect(failureDelay(19)).toBe(1_000_000);
  expect(failureDelay(2000)).toBe(1_000_000);
  stop.abort();
  await run;
});

test('5. after the signal, running work is awaited and no new one begins', async () => {
  const { clock, queue, stop } = setUp();
  const seen: string[] = [];
  queue.add('a');
  queue.add('b');
  let ended = false;
  const run = queue
    .run(
      1,
      async (key) => {
        await clock.sleep(50);
        seen.push(key);
      },
      stop.signal,
    )
    .then(() => (ended = true));
  await clock.advance(10);
  stop.abort();
  await clock.advance(10);
  expect(ended).toBe(false);
  await clock.advance(100);
  await run;
  expect(seen).toEqual(['a']);
});

test('a result asks to be called again after a time, and the earliest of several times counts', async () => {
  const { clock, queue, stop } = setUp();
  const at: number[] = [];
  queue.addAfter('a', 500);
  queue.addAfter('a', 100);
  queue.addAfter('a', 300);
  const run = queue.run(
    1,
    async () => {
      at.push(clock.monotonic());
      return at.length === 1 ? { requeueAfterMilliseconds: 1000 } : undefined;
    },
    stop.signal,
  );
  await clock.advance(5000);
  expect(at).toEqual([100, 1100]);
  stop.abort();
  await run;
});

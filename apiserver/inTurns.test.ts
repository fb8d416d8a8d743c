import { setImmediate as turnOver } from 'node:timers/promises';
import { atOnce, inTurns, isLarge, nextTurn } from './inTurns.ts';

function* counting(): Generator<void, number> {
  let steps = 0;
  while (steps < 3) {
    steps += 1;
    yield;
  }
  return steps;
}

test('of works that wait for the next turn, each turn goes on with one', async () => {
  const order: string[] = [];
  const work = async (name: string): Promise<void> => {
    for (let step = 0; step < 2; step += 1) {
      await nextTurn();
      order.push(name);
    }
  };
  const turns = (async () => {
    while (order.filter((each) => each !== '-').length < 4) {
      await turnOver();
      order.push('-');
    }
  })();
  await Promise.all([work('a'), work('b'), turns]);
  expect(order.join('')).toMatch(/^-?a-+b-+a-+b-*$/);
});

test('work in steps gives what it gives in one go', async () => {
  expect(atOnce(counting())).toBe(3);
  expect(await inTurns(counting())).toBe(3);
});

test('what others need not wait for', () => {
  expect(isLarge(4_000)).toBe(false);
  expect(isLarge(200_000)).toBe(true);
});

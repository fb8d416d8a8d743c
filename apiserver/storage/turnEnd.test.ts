import { setImmediate as nextTurn } from 'node:timers/promises';
import { decideAtTurnEnd, writeAtTurnEnd } from './turnEnd.ts';

test('at the end of a turn come all decisions, then all writes, those of the decisions included', async () => {
  const order: string[] = [];
  writeAtTurnEnd(() => order.push('write 1'));
  decideAtTurnEnd(() => {
    order.push('decide 1');
    writeAtTurnEnd(() => order.push('write 2'));
    decideAtTurnEnd(() => order.push('decide in the next turn'));
  });
  queueMicrotask(() => decideAtTurnEnd(() => order.push('decide 2')));
  expect(order).toEqual([]);
  await nextTurn();
  expect(order).toEqual(['decide 1', 'decide 2', 'write 1', 'write 2']);
  await nextTurn();
  expect(order.at(-1)).toBe('decide in the next turn');
});

test('what is asked for in a write waits for the next turn', async () => {
  const order: string[] = [];
  writeAtTurnEnd(() => {
    order.push('write');
    writeAtTurnEnd(() => order.push('next write'));
  });
  await nextTurn();
  expect(order).toEqual(['write']);
  await nextTurn();
  expect(order).toEqual(['write', 'next write']);
});

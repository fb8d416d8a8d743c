import { FakeClock } from '../../process/fakeClock.ts';
import { NextRead } from './nextRead.ts';

interface Question {
  answer(revision: number): void;
  fail(error: Error): void;
}

function setup(atTurnEnd = (decide: () => void): void => decide()): { clock: FakeClock; read: NextRead; questions: Question[] } {
  const clock = new FakeClock();
  const questions: Question[] = [];
  const ask = (): Promise<number> => new Promise((answer, fail) => void questions.push({ answer, fail }));
  return { clock, read: new NextRead(ask, clock, atTurnEnd), questions };
}

test('callers at one time share one question', async () => {
  const { clock, read, questions } = setup();
  const answers = Promise.all([read.ask(), read.ask(), read.ask()]);
  await clock.advance(0);
  expect(questions).toHaveLength(1);
  questions[0]?.answer(7);
  expect(await answers).toEqual([7, 7, 7]);
});

test('a caller never joins a question that was sent before', async () => {
  const { clock, read, questions } = setup();
  const first = read.ask();
  await clock.advance(0);
  const later = Promise.all([read.ask(), read.ask()]);
  await clock.advance(10);
  expect(questions).toHaveLength(1);
  questions[0]?.answer(7);
  await clock.advance(0);
  expect(questions).toHaveLength(2);
  questions[1]?.answer(9);
  expect([await first, await later]).toEqual([7, [9, 9]]);
});

test('a question without an answer holds the next one for 50 ms only', async () => {
  const { clock, read, questions } = setup();
  const hung = read.ask();
  await clock.advance(0);
  const next = read.ask();
  await clock.advance(49);
  expect(questions).toHaveLength(1);
  await clock.advance(1);
  questions[1]?.answer(3);
  expect(await next).toBe(3);
  questions[0]?.fail(new Error('late'));
  await expect(hung).rejects.toThrow('late');
});

test('a failed question fails its callers, not the next ones', async () => {
  const { clock, read, questions } = setup();
  const failed = read.ask();
  await clock.advance(0);
  const next = read.ask();
  questions[0]?.fail(new Error('away'));
  await expect(failed).rejects.toThrow('away');
  await clock.advance(0);
  questions[1]?.answer(4);
  expect(await next).toBe(4);
});

test('callers of one turn of the event loop share one question, also those who come when it may be sent already', async () => {
  const ends: (() => void)[] = [];
  const { clock, read, questions } = setup((decide) => void ends.push(decide));
  const first = read.ask();
  await clock.advance(0);
  const second = read.ask();
  await clock.advance(0);
  expect([ends.length, questions.length]).toEqual([1, 0]);
  ends[0]?.();
  const third = read.ask();
  questions[0]?.answer(7);
  expect(await Promise.all([first, second])).toEqual([7, 7]);
  await clock.advance(0);
  ends[1]?.();
  questions[1]?.answer(8);
  expect(await third).toBe(8);
});

import { FakeClock } from '../../process/fakeClock.ts';
import type { Ticket } from '../request/requestLimit.ts';
import type { RequestInfo } from '../types.ts';
import type { Arrival, Rejected } from './fairQueues.ts';
import { FairQueues } from './fairQueues.ts';

const info = { verb: 'get' } as RequestInfo;
const narrow = { initialSeats: 1, finalSeats: 0, lingerMilliseconds: 0 };
const arrival = (distinguisher: string, initialSeats = 1): Arrival => ({ schema: 'all', distinguisher, work: { ...narrow, initialSeats }, info, user: { name: distinguisher, groups: [] } });
const never = new AbortController().signal;
const QUEUING = { queues: 32, handSize: 4, queueLengthLimit: 20 };

function level(limit: number, settings = QUEUING): { clock: FakeClock; queues: FairQueues } {
  const clock = new FakeClock();
  const queues = new FairQueues(clock);
  queues.configure(settings);
  queues.setLimit(limit);
  return { clock, queues };
}

/** Why a request is turned away. */
const refusalOf = (entered: Ticket | Promise<Ticket>): Promise<unknown> => Promise.resolve(entered).catch((error: Rejected) => error.reason);

/** Lets a request in, and writes down when it is let in. */
function enter(queues: FairQueues, who: string, entered: [string, Ticket][], seats = 1): Promise<void> | undefined {
  const result = queues.enter(arrival(who, seats), 15_000, never);
  if (!(result instanceof Promise)) return void entered.push([who, result]);
  return result.then((ticket) => void entered.push([who, ticket]));
}

test('what fits is let in at once, and nothing more', () => {
  const { queues } = level(2);
  queues.configure(undefined);
  const first = queues.enter(arrival('a'), 15_000, never) as Ticket;
  void queues.enter(arrival('a'), 15_000, never);
  expect(queues.seatsInUse).toBe(2);
  expect(() => queues.enter(arrival('b'), 15_000, never)).toThrow('concurrency-limit');
  first.leave();
  first.leave();
  expect(queues.seatsInUse).toBe(1);
  expect(queues.enter(arrival('b'), 15_000, never)).not.toBeInstanceOf(Promise);
});

test('one that fills its queues does not keep another from its turn', async () => {
  const { clock, queues } = level(1);
  const entered: [string, Ticket][] = [];
  for (let at = 0; at < 40; at += 1) void enter(queues, 'noisy', entered);
  await clock.advance(0);
  void enter(queues, 'quiet', entered);
  // Two of the noisy one's requests at most are before it, however many came earlier.
  for (let step = 0; step < 3; step += 1) {
    await clock.advance(10);
    entered.at(-1)![1].leave();
    await clock.advance(0);
  }
  expect(entered.map(([who]) => who)).toContain('quiet');
});

test('flows that are always there share the seats evenly, whatever they send', async () => {
  const { clock, queues } = level(2);
  const entered: [string, Ticket][] = [];
  for (let at = 0; at < 60; at += 1) void enter(queues, 'noisy', entered);
  for (let at = 0; at < 15; at += 1) void enter(queues, 'quiet', entered);
  for (let step = 0; step < 30; step += 1) {
    await clock.advance(10);
    for (const [, ticket] of entered.slice(-2)) ticket.leave();
    await clock.advance(0);
  }
  const among = entered.slice(2, 26).map(([who]) => who);
  expect(among.filter((who) => who === 'quiet').length).toBeGreaterThanOrEqual(5);
});

test('a full queue turns away, and only those whose queue it is', () => {
  const { queues } = level(1, { queues: 1, handSize: 1, queueLengthLimit: 2 });
  void queues.enter(arrival('a'), 15_000, never);
  for (let at = 0; at < 2; at += 1) expect(queues.enter(arrival('a'), 15_000, never)).toBeInstanceOf(Promise);
  expect(() => queues.enter(arrival('a'), 15_000, never)).toThrow('queue-full');
});

test('nobody waits longer than the limit, or for a client that has gone', async () => {
  const { clock, queues } = level(1);
  void queues.enter(arrival('a'), 15_000, never);
  const late = refusalOf(queues.enter(arrival('a'), 15_000, never));
  const client = new AbortController();
  const gone = refusalOf(queues.enter(arrival('a'), 15_000, client.signal));
  client.abort();
  expect(await gone).toBe('cancelled');
  await clock.advance(15_000);
  expect(await late).toBe('time-out');
  expect(queues.waiting).toBe(0);
});

test('a request that is wider than the level goes alone', async () => {
  const { queues } = level(2);
  const narrow = queues.enter(arrival('a'), 15_000, never) as Ticket;
  const wide = queues.enter(arrival('b', 10), 15_000, never);
  expect(wide).toBeInstanceOf(Promise);
  narrow.leave();
  await wide;
  expect(queues.enter(arrival('c'), 15_000, never)).toBeInstanceOf(Promise);
});

test('more seats let in those who wait', async () => {
  const { queues } = level(1);
  void queues.enter(arrival('a'), 15_000, never);
  const waiting = queues.enter(arrival('a'), 15_000, never);
  queues.setLimit(2);
  await waiting;
  expect(queues.executing).toBe(2);
});

test('a write that many watch keeps its seats for a while after its answer', async () => {
  const { clock, queues } = level(4);
  const watched = { ...arrival('a'), work: { initialSeats: 1, finalSeats: 3, lingerMilliseconds: 20 } };
  const first = queues.enter(watched, 15_000, never) as Ticket;
  const second = queues.enter(watched, 15_000, never);
  expect(second).toBeInstanceOf(Promise);
  first.leave();
  expect([queues.executing, queues.seatsInUse]).toEqual([0, 3]);
  await clock.advance(19);
  expect(queues.waiting).toBe(1);
  await clock.advance(1);
  await second;
  expect([queues.executing, queues.seatsInUse]).toEqual([1, 3]);
});

test('seats that a level does not have are made up for by time', async () => {
  const { clock, queues } = level(2);
  const first = queues.enter({ ...arrival('a'), work: { initialSeats: 1, finalSeats: 8, lingerMilliseconds: 10 } }, 15_000, never) as Ticket;
  first.leave();
  await clock.advance(39);
  expect(queues.seatsInUse).toBe(8);
  await clock.advance(1);
  expect(queues.seatsInUse).toBe(0);
});

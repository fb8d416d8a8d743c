import { once } from 'node:events';
import net from 'node:net';
import { formatMicroTime, formatTime, systemClock } from './clock.ts';
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

test('what came while the process stood still is read before what has fallen due since', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[net.Socket], unknown[]];
  const seen: string[] = [];
  socket.on('data', () => seen.push('answer'));
  const late = new Promise<void>((resolve) => systemClock.setTimeout(resolve, 10)).then(() => seen.push('late'));
  const slept = systemClock.sleep(10).then(() => seen.push('slept'));
  peer.write('x');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  await Promise.all([late, slept]);
  socket.destroy();
  peer.destroy();
  server.close();
  expect(seen).toEqual(['answer', 'late', 'slept']);
});

test('a timer of the machine that is cancelled does not run, and a sleeper ends early', async () => {
  const seen: string[] = [];
  systemClock.setTimeout(() => seen.push('never'), 1).cancel();
  const stop = new AbortController();
  const slept = systemClock.sleep(600_000, stop.signal);
  stop.abort();
  await slept;
  await systemClock.sleep(5);
  expect(seen).toEqual([]);
});

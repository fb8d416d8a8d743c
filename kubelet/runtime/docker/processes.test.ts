import type { ExecInspectInfo } from 'dockerode';
import { FakeClock } from '../../../process/fakeClock.ts';
import { exitCode } from './processes.ts';

const never = new AbortController().signal;

test('the exit code of a process is waited for, however late the engine notes it', async () => {
  const clock = new FakeClock();
  const endsAt = clock.now() + 120_000;
  const inspect = async (): Promise<ExecInspectInfo> => ({ Running: clock.now() < endsAt, ExitCode: clock.now() < endsAt ? null : 3 }) as ExecInspectInfo;
  const code = exitCode({ clock }, { inspect }, never);
  await clock.advance(119_000);
  expect(await Promise.race([code, Promise.resolve('none')])).toBe('none');
  await clock.advance(2000);
  expect(await code).toBe(3);
});

test('a process that is left has no exit code', async () => {
  const clock = new FakeClock();
  const left = new AbortController();
  const code = exitCode({ clock }, { inspect: async () => ({ Running: true }) as ExecInspectInfo }, left.signal);
  await clock.advance(1000);
  left.abort();
  expect(await code).toBeUndefined();
});

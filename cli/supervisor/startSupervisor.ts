import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import type { ClusterSettings } from '../clusterSettings.ts';
import { UserError } from '../invocation.ts';
import type { Clock } from '../../process/clock.ts';
import { isAlive, signalProcess } from './processMark.ts';
import { lockHolder, logFile } from './supervisorFiles.ts';

const START_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 50;

/** Starts the supervisor by its command in a session of its own, away from the terminal, and waits until it holds its lock. */
export async function startSupervisor(command: readonly string[], settings: ClusterSettings, clock: Clock): Promise<void> {
  const { paths, words } = settings;
  mkdirSync(paths.logs, { recursive: true });
  const log = openSync(logFile(paths, 'supervisor'), 'a', 0o640);
  const [program = '', ...first] = command;
  const child = spawn(program, [...first, ...words], { stdio: ['ignore', log, log], cwd: '/', detached: true, env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' } });
  closeSync(log);
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code) => resolve(`it ended with exit code ${code}`));
  });
  const started = async (): Promise<undefined> => {
    for (const end = clock.monotonic() + START_MILLISECONDS; clock.monotonic() < end; await clock.sleep(POLL_MILLISECONDS)) if (lockHolder(paths)?.pid === child.pid) return undefined;
    throw new Error('the supervisor does not take its lock');
  };
  const reason = await Promise.race([failed, started()]);
  child.unref();
  if (reason !== undefined) throw new UserError(`The supervisor does not start: ${reason}. Its log is ${logFile(paths, 'supervisor')}`);
}

/** Ends the supervisor with all its services, in order; false when none runs. */
export async function stopSupervisor(settings: ClusterSettings, clock: Clock, timeoutMilliseconds = 120_000): Promise<boolean> {
  const mark = lockHolder(settings.paths);
  if (!mark) return false;
  signalProcess(mark, 'SIGTERM');
  for (const end = clock.monotonic() + timeoutMilliseconds; isAlive(mark); await clock.sleep(POLL_MILLISECONDS)) {
    if (clock.monotonic() > end) throw new Error(`the supervisor (process ${mark.pid}) does not end`);
  }
  return true;
}

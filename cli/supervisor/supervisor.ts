import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, renameSync, statSync, truncateSync } from 'node:fs';
import type { Paths } from '../clusterSettings.ts';
import type { ComponentContext } from '../../process/component.ts';
import { isAlive, markProcess, signalProcess } from './processMark.ts';
import { failuresAfter, restartDelay } from './restartPolicy.ts';
import { logFile, readState, type Service, type ServiceState, stateFile, type SupervisorPlan, type SupervisorState, writeJson } from './supervisorFiles.ts';

/** A log file is cut at this size, bytes; one older part is kept. */
const LOG_BYTES = 20 * 1024 * 1024;
const LOG_CHECK_MILLISECONDS = 10_000;
const HOLD_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 50;

interface Slot {
  readonly service: Service;
  state: ServiceState;
}

/**
 * Keeps the services of a plan running until the signal: starts them in order, starts again what ends (with back-off), and
 * stops them in reverse order. They write to their log files themselves, so that they outlive a supervisor that is killed;
 * the next one ends what that one left, and starts anew.
 */
export async function supervise(plan: SupervisorPlan, paths: Paths, { clock, logger, signal }: ComponentContext): Promise<void> {
  mkdirSync(paths.logs, { recursive: true });
  // In the order of stopping: who still has an API server to say goodbye to ends at once.
  for (const left of (readState(paths)?.services ?? []).toReversed()) {
    if (!left.process || !isAlive(left.process)) continue;
    logger.info('ending what a supervisor before has left', { service: left.name, pid: left.process.pid });
    await endProcess(left.process, 10_000);
  }
  const slots: Slot[] = plan.services.map((service) => ({
    service,
    state: { name: service.name, state: 'waiting', process: undefined, since: clock.now(), restarts: 0, lastEnd: undefined },
  }));
  const note = (slot: Slot, change: Partial<ServiceState>): void => {
    slot.state = { ...slot.state, ...change };
    writeJson(stateFile(paths), { version: plan.version, services: slots.map(({ state }) => state) } satisfies SupervisorState);
  };
  // One signal per service, so that they stop one after the other.
  const stops = slots.map(() => new AbortController());
  const runs = slots.map((slot, at) => keepRunning(slot, stops[at]!.signal));
  const logs = rotateLogs();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  for (let at = slots.length - 1; at >= 0; at -= 1) {
    const held = slots[at]!.service.heldBy ?? '';
    for (const end = clock.monotonic() + HOLD_MILLISECONDS; existsSync(held) && clock.monotonic() < end; ) await clock.sleep(POLL_MILLISECONDS);
    stops[at]!.abort();
    await runs[at];
  }
  await logs;

  async function keepRunning(slot: Slot, stop: AbortSignal): Promise<void> {
    let failures = 0;
    while (!stop.aborted) {
      const started = clock.monotonic();
      const { child, ended } = startService(slot.service, logFile(paths, slot.service.name));
      if (child.pid !== undefined) note(slot, { state: 'running', process: markProcess(child.pid), since: clock.now() });
      const stopping = (): void => void (slot.state.process && endProcess(slot.state.process, slot.service.stopMilliseconds));
      stop.addEventListener('abort', stopping, { once: true });
      const lastEnd = await ended;
      stop.removeEventListener('abort', stopping);
      if (stop.aborted) break;
      failures = failuresAfter(failures, clock.monotonic() - started);
      logger.warn('a service has ended', { service: slot.service.name, how: lastEnd, restartInMilliseconds: restartDelay(failures) });
      note(slot, { state: 'waiting', process: undefined, since: clock.now(), restarts: slot.state.restarts + 1, lastEnd });
      await clock.sleep(restartDelay(failures), stop);
    }
    note(slot, { state: 'stopped', process: undefined, since: clock.now() });
  }

  async function endProcess(mark: NonNullable<ServiceState['process']>, graceMilliseconds: number): Promise<void> {
    signalProcess(mark, 'SIGTERM');
    for (const end = clock.monotonic() + graceMilliseconds; isAlive(mark) && clock.monotonic() < end; ) await clock.sleep(POLL_MILLISECONDS);
    signalProcess(mark, 'SIGKILL');
  }

  async function rotateLogs(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(LOG_CHECK_MILLISECONDS, signal);
      for (const { service } of slots) rotateLog(logFile(paths, service.name));
    }
  }
}

/** The service leads a process group and session of its own: neither a terminal nor the supervisor's end reaches it. */
function startService({ command, environment }: Service, log: string): { readonly child: ChildProcess; readonly ended: Promise<string> } {
  const output = openSync(log, 'a', 0o640);
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', output, output], cwd: '/', env: { ...environment }, detached: true });
  closeSync(output);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`));
  });
  return { child, ended };
}

/** The writer appends through the same descriptor all the time, so the file is copied and then emptied. */
function rotateLog(file: string): void {
  if (!existsSync(file) || statSync(file).size < LOG_BYTES) return;
  copyFileSync(file, `${file}.1.new`);
  renameSync(`${file}.1.new`, `${file}.1`);
  truncateSync(file, 0);
}

import { closeSync, constants, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../clusterSettings.ts';
import { isAlive, markProcess, type ProcessMark } from './processMark.ts';

/** One program to keep running; started in the order of the list, stopped in the reverse one. */
export interface Service {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Asked to stop by SIGTERM, killed after this time, in milliseconds. */
  readonly stopMilliseconds: number;
  /** While this file exists (for a minute at most), the service is not stopped. */
  readonly heldBy?: string;
}

/** What the supervisor is to keep running: written by `up`, read at its start. */
export interface SupervisorPlan {
  readonly version: string;
  readonly services: readonly Service[];
}

export interface ServiceState {
  readonly name: string;
  readonly state: 'running' | 'waiting' | 'stopped';
  readonly process: ProcessMark | undefined;
  /** Wall-clock milliseconds of the last change of `state`. */
  readonly since: number;
  readonly restarts: number;
  /** How it ended the last time, e.g. `exit code 1`. */
  readonly lastEnd: string | undefined;
}

/** What the supervisor says of itself, for `status` and for one that comes after it. */
export interface SupervisorState {
  readonly version: string;
  readonly services: readonly ServiceState[];
}

export const planFile = (paths: Paths): string => join(paths.state, 'services.json');
export const stateFile = (paths: Paths): string => join(paths.run, 'services.json');
/** Made by `down` while it still needs the Docker engine. */
export const engineHold = (paths: Paths): string => join(paths.run, 'engine.hold');
export const lockFile = (paths: Paths): string => join(paths.run, 'supervisor.lock');
export const logFile = (paths: Paths, service: string): string => join(paths.logs, `${service}.log`);

/** Readers see the old content or the new one, also after a power cut. */
export function writeJson(file: string, content: unknown, mode = 0o644): void {
  mkdirSync(join(file, '..'), { recursive: true });
  const descriptor = openSync(`${file}.new`, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, mode);
  writeSync(descriptor, `${JSON.stringify(content, undefined, 2)}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${file}.new`, file);
}

/** Undefined when there is no such file. */
export function readJson(file: string): unknown {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : undefined;
}

export const readState = (paths: Paths): SupervisorState | undefined => readJson(stateFile(paths)) as SupervisorState | undefined;
export const readPlan = (paths: Paths): SupervisorPlan | undefined => readJson(planFile(paths)) as SupervisorPlan | undefined;

/** The process that holds a lock now (the supervisor's, unless told), if one does. */
export function lockHolder(paths: Paths, file = lockFile(paths)): ProcessMark | undefined {
  const mark = readJson(file) as ProcessMark | null | undefined;
  return mark && isAlive(mark) ? mark : undefined;
}

/** Takes the lock for this process; false when another one holds it. A lock whose holder has died counts for nothing. */
export function takeLock(paths: Paths, file = lockFile(paths)): boolean {
  mkdirSync(paths.run, { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(markProcess(process.pid)));
  try {
    return takeWith(own, paths, file);
  } finally {
    rmSync(own, { force: true });
  }
}

/** A link appears with its content, so that no reader, and no kill, ever meets an empty lock. */
function takeWith(own: string, paths: Paths, file: string): boolean {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      linkSync(own, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (lockHolder(paths, file)) return false;
      rmSync(file, { force: true });
    }
  }
  return false;
}

export function releaseLock(paths: Paths, file = lockFile(paths)): void {
  rmSync(file, { force: true });
}

import { readFileSync } from 'node:fs';

/** A process, recognised even after its number was given to another one. */
export interface ProcessMark {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  readonly startTime: string;
}

/** Undefined when no such process runs; a zombie does not run. */
export function markProcess(pid: number): ProcessMark | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  // The second field, the name in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : { pid, startTime: fields[19]! };
}

export function isAlive(mark: ProcessMark): boolean {
  return markProcess(mark.pid)?.startTime === mark.startTime;
}

/** Sends the signal, unless the process has ended (its number may be another's by now). */
export function signalProcess(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!isAlive(mark)) return;
  try {
    process.kill(mark.pid, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}

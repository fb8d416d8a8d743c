import { readFileSync } from 'node:fs';

/** A process, recognised even after its number was given to another one. */
export interface ProcessMark {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  readonly startTime: string;
}

/** Undefined when no such process runs (a zombie does not run). */
export function markProcess(pid: number): ProcessMark | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  // The second field, the name in parentheses, may contain spaces.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTime: fields[19]! };
}

export function isAlive(mark: ProcessMark): boolean {
  return markProcess(mark.pid)?.startTime === mark.startTime;
}

export function killMarked(mark: ProcessMark, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    if (isAlive(mark)) process.kill(mark.pid, signal);
  } catch (error) {
    // It has ended between the question and the signal.
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** The children of a process, in the order of their start. */
export function childrenOf(pid: number): number[] {
  return (readProc(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
}

function readProc(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** Whether a system call failed for this reason. (Under jest, Node's errors are no instances of the test's own `Error`.) */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

export const delay = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again every 20 ms until the answer is something; throws `what` after the time. */
export async function eventually<T>(what: string, timeoutMilliseconds: number, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + timeoutMilliseconds; ; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`not within ${timeoutMilliseconds} ms: ${what}`);
    await delay(20);
  }
}

import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks of `/proc/PID/stat` per second (USER_HZ, the same on every Linux that Node.js runs on). */
const TICKS_PER_SECOND = 100;

/** Microseconds of CPU that a process has used, threads included. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the name in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6;
}

/** The process that serves the API: the one that was started as `gantry server` or `gantry apiserver`. */
export function serverPid(): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const [, program = '', component = ''] = commandLine(entry).filter((word) => !word.startsWith('--'));
    if (program.endsWith('/gantry.mjs') && (component === 'server' || component === 'apiserver')) return Number(entry);
  }
  throw new Error('no API server runs here');
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    // It ended meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH') return [];
    throw error;
  }
}

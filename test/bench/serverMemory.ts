import { readFileSync } from 'node:fs';
import { delay } from '../rig/processes.ts';

/** V8 gives memory back some seconds after the work that needed it. */
const SETTLE_MS = 10_000;

/** Mebibytes of resident memory of a process. */
export function residentMebibytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} has no memory of its own`);
  return Number(kibibytes) / 1024;
}

/** The same after ten seconds without work. */
export async function settledMebibytes(pid: number): Promise<number> {
  await delay(SETTLE_MS);
  return residentMebibytes(pid);
}

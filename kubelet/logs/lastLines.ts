import { open } from 'node:fs/promises';
import { parseLogLine } from './jsonLog.ts';

/** An entry of the log is longer than what it says. */
const OVERHEAD = 4;

/** The text of the last lines of an engine's log, at most so many bytes of it. */
export async function lastLines(file: string, lines: number, bytes: number): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, bytes * OVERHEAD + lines * 100);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const entries = buffer.toString('utf8').split('\n').filter((line) => line !== '').slice(-lines);
    const text = entries.flatMap((line) => parseLogLine(line)?.text ?? []).join('');
    return Buffer.from(text).subarray(-bytes).toString('utf8');
  } finally {
    await handle.close();
  }
}

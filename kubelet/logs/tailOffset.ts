import type { FileHandle } from 'node:fs/promises';
import { parseLogLine } from './jsonLog.ts';

const BLOCK = 64 * 1024;

/** Where the last `lines` lines of a json-file log begin; long lines take several entries of the file. */
export async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  let start = size;
  let bytes = Buffer.alloc(0);
  let found = 0;
  while (start > 0) {
    const length = Math.min(BLOCK, start);
    start -= length;
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
    bytes = Buffer.concat([buffer, bytes]);
    found = offsetIn(bytes, lines, start === 0);
    if (found >= 0) return start + found;
  }
  return 0;
}

/** The offset in these bytes, or -1 where they do not reach back far enough. `whole`: nothing comes before them. */
export function offsetIn(bytes: Buffer, lines: number, whole: boolean): number {
  let count = 0;
  let end = bytes.lastIndexOf(0x0a);
  while (end >= 0) {
    const previous = end === 0 ? -1 : bytes.lastIndexOf(0x0a, end - 1);
    if (previous < 0 && !whole) return -1;
    const entry = parseLogLine(bytes.subarray(previous + 1, end).toString('utf8'));
    if (entry?.text.endsWith('\n') || count === 0) count += 1;
    if (count > lines) return end + 1;
    end = previous;
  }
  return whole ? 0 : -1;
}

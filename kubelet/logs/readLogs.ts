import { open, type FileHandle } from 'node:fs/promises';
import type { Clock } from '../../process/clock.ts';
import { isMissing } from '../errorText.ts';
import { type LogEntry, parseLogLine } from './jsonLog.ts';
import { tailOffset } from './tailOffset.ts';

/** `PodLogOptions`, read. */
export interface LogOptions {
  /** Goes on with what is written later, until the container has ended. */
  readonly follow: boolean;
  /** The last lines only; undefined for all. */
  readonly tailLines: number | undefined;
  /** Milliseconds since the epoch: entries before are left out. */
  readonly since: number | undefined;
  /** Puts the time of the entry before each line. */
  readonly timestamps: boolean;
  /** The output ends after so many bytes; undefined for all. */
  readonly limitBytes: number | undefined;
  readonly stream: 'All' | 'Stdout' | 'Stderr';
}

export interface LogSource {
  /** The engine's json-file log, or a link to it. */
  readonly path: string;
  /** Whether the container still writes; asked when the end of the file is reached. */
  readonly running: () => Promise<boolean>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const POLL_MILLISECONDS = 100;
/** How often, at the end of the file, the runtime is asked whether the container still runs. */
const ASK_EVERY = 10;
const CHUNK = 64 * 1024;

/** A container's log as a client sees it, in pieces as they come. A log that was rotated away while it was followed goes on in the new file. */
export async function* readLogs(source: LogSource, options: LogOptions): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Infinity;
  let lineStart = true;
  for await (const entry of logEntries(source, options)) {
    if (options.stream !== 'All' && options.stream.toLowerCase() !== entry.stream) continue;
    if (options.since !== undefined && Date.parse(entry.time) < options.since) continue;
    const text = Buffer.from(options.timestamps && lineStart ? `${entry.time} ${entry.text}` : entry.text);
    lineStart = entry.text.endsWith('\n');
    yield text.subarray(0, left);
    left -= text.length;
    if (left <= 0) return;
  }
}

async function* logEntries(source: LogSource, options: LogOptions): AsyncGenerator<LogEntry> {
  let file = await open(source.path);
  try {
    let position = options.tailLines === undefined ? 0 : await tailOffset(file, options.tailLines);
    let rest = Buffer.alloc(0);
    for (let idle = 0; !source.signal.aborted; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
      if (bytesRead > 0) {
        position += bytesRead;
        idle = 0;
        const { entries, remainder } = split(Buffer.concat([rest, buffer.subarray(0, bytesRead)]));
        rest = remainder;
        yield* entries;
        continue;
      }
      if (!options.follow) return;
      const rotated = await successor(source.path, file);
      if (rotated) {
        await file.close();
        file = rotated;
        position = 0;
        rest = Buffer.alloc(0);
        continue;
      }
      if (idle % ASK_EVERY === ASK_EVERY - 1 && !(await source.running())) {
        // What it wrote last may have come after the last read.
        options = { ...options, follow: false };
        continue;
      }
      idle += 1;
      await source.clock.sleep(POLL_MILLISECONDS, source.signal);
    }
  } finally {
    await file.close();
  }
}

function split(bytes: Buffer): { readonly entries: readonly LogEntry[]; readonly remainder: Buffer<ArrayBuffer> } {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, end).toString('utf8').split('\n');
  return { entries: lines.flatMap((line) => (line === '' ? [] : (parseLogLine(line) ?? []))), remainder: Buffer.from(bytes.subarray(end)) };
}

/** The file that has taken this one's place, or has been cut; undefined where it is still the same. */
async function successor(path: string, file: FileHandle): Promise<FileHandle | undefined> {
  try {
    const next = await open(path);
    const [before, now] = await Promise.all([file.stat(), next.stat()]);
    if (before.ino !== now.ino) return next;
    await next.close();
    return undefined;
  } catch (error) {
    // Between the two steps of a rotation, or after the container was removed.
    if (isMissing(error)) return undefined;
    throw error;
  }
}

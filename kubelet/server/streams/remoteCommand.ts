import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { V1Status } from '../../../api/generated/types.ts';
import type { Logger } from '../../../process/log.ts';
import { messageOf } from '../../errorText.ts';
import type { ProcessStream } from '../../runtime/types.ts';
import { exitStatus, failedStatus, SUCCESS } from './exitStatus.ts';

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The client's side of an exec or attach, whatever protocol carries it. */
export interface RemoteStreams {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  /** The sizes of the client's terminal; ends with the connection. */
  readonly sizes: AsyncIterable<TerminalSize>;
  /** Tells how it ended, and ends the connection when that has been sent. */
  end(status: V1Status): Promise<void>;
  /** Resolves when the client has gone. */
  readonly closed: Promise<void>;
}

/**
 * Joins a process in a container with its client until the process ends, or the client goes.
 * @param reportsExit an attach says nothing of the exit code
 */
export async function serveProcess(start: () => Promise<ProcessStream>, streams: RemoteStreams, reportsExit: boolean, logger: Logger): Promise<void> {
  let process: ProcessStream;
  try {
    process = await start();
  } catch (error) {
    return streams.end(failedStatus(messageOf(error)));
  }
  // A client that goes takes its side of the process along; the process itself may go on, as with other engines.
  const gone = streams.closed.then(() => process.close());
  const inwards = streams.stdin && process.stdin ? copy(streams.stdin, process.stdin, logger) : undefined;
  const resizing = resize(process, streams.sizes, logger);
  const outwards = [copy(process.stdout, streams.stdout, logger), copy(process.stderr, streams.stderr, logger)];
  const code = await process.exit;
  await Promise.all(outwards);
  await streams.end(reportsExit ? exitStatus(code) : SUCCESS);
  // They end with the connection, which has just been ended.
  await Promise.all([gone, inwards, resizing]);
}

async function copy(from: Readable | undefined, to: Writable | undefined, logger: Logger): Promise<void> {
  if (!from) return;
  if (!to) return void from.resume();
  try {
    await pipeline(from, to);
  } catch (error) {
    // Either side may end before the other has said all.
    logger.debug('a stream of a process broke off', { error: messageOf(error) });
  }
}

async function resize(process: ProcessStream, sizes: AsyncIterable<TerminalSize>, logger: Logger): Promise<void> {
  for await (const { width, height } of sizes) {
    if (width < 1 || height < 1) continue;
    try {
      await process.resize(width, height);
    } catch (error) {
      logger.debug('a terminal could not be resized', { error: messageOf(error) });
    }
  }
}

/** Of more than this only the end is read: a terminal has one size at a time. */
const LONGEST_SIZES = 4096;

/** Reads `{"Width":80,"Height":24}`, one or several, from text that may be cut anywhere; gives what is left. */
export function parseSizes(text: string): { readonly sizes: readonly TerminalSize[]; readonly rest: string } {
  const sizes: TerminalSize[] = [];
  let rest = text.slice(-LONGEST_SIZES);
  for (let end = rest.indexOf('}'); end >= 0; end = rest.indexOf('}')) {
    const size = readSize(rest.slice(0, end + 1));
    if (size) sizes.push(size);
    rest = rest.slice(end + 1);
  }
  return { sizes, rest: rest.slice(0, 1024) };
}

function readSize(text: string): TerminalSize | undefined {
  const match = /\{\s*"Width"\s*:\s*(\d+)\s*,\s*"Height"\s*:\s*(\d+)\s*\}/.exec(text);
  return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined;
}

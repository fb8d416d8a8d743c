import { PassThrough, type Duplex, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import { ExecTimeoutError, type ExecResult, type ProcessStream, type StreamOptions } from '../types.ts';
import { asked, type Engine } from './engine.ts';
import { splitOutput } from './outputFrames.ts';

const OUTPUT_LIMIT = 64 * 1024;
/** How often it is asked whether a process has ended whose output has: the engine notes both in no fixed order, and it may have closed its output long before. */
const EXIT_CODE_POLL_MILLISECONDS = { first: 10, longest: 1000 } as const;

/** A command in a container with its streams. */
export async function exec(engine: Engine, id: string, command: readonly string[], options: StreamOptions): Promise<ProcessStream> {
  const created = await asked(
    engine.docker.getContainer(id).exec({ Cmd: [...command], AttachStdin: options.stdin, AttachStdout: options.stdout, AttachStderr: options.stderr && !options.tty, Tty: options.tty }),
  );
  const duplex = await asked(created.start({ hijack: true, stdin: options.stdin, Tty: options.tty }));
  const { streams, ended } = demultiplex(duplex, options);
  const left = new AbortController();
  return {
    ...streams,
    resize: (columns, rows) => asked(created.resize({ w: columns, h: rows })).then(() => undefined),
    exit: ended.then(() => exitCode(engine, created, left.signal)),
    close: () => {
      left.abort();
      duplex.destroy();
    },
  };
}

/** The streams of a container's first process. */
export async function attach(engine: Engine, id: string, options: StreamOptions): Promise<ProcessStream> {
  const container = engine.docker.getContainer(id);
  const duplex = (await asked(
    container.attach({ stream: true, hijack: true, stdin: options.stdin, stdout: options.stdout, stderr: options.stderr && !options.tty, logs: false }),
  )) as Duplex;
  const { streams, ended } = demultiplex(duplex, options);
  return {
    ...streams,
    resize: (columns, rows) => asked(container.resize({ w: columns, h: rows })).then(() => undefined),
    exit: ended.then(async () => {
      const { State } = await asked(container.inspect());
      return State.Running ? undefined : State.ExitCode;
    }),
    close: () => duplex.destroy(),
  };
}

/** A command to its end, its output collected. */
export async function execSync(engine: Engine, id: string, command: readonly string[], timeoutMilliseconds: number): Promise<ExecResult> {
  const process = await exec(engine, id, command, { stdin: false, stdout: true, stderr: true, tty: false });
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  const late = Promise.withResolvers<never>();
  const timer = engine.clock.setTimeout(() => {
    late.reject(new ExecTimeoutError(`command ${JSON.stringify(command.join(' '))} timed out`));
    process.close();
  }, timeoutMilliseconds);
  try {
    const exitCode = await Promise.race([process.exit, late.promise]);
    if (exitCode === undefined) throw new Error(`command ${JSON.stringify(command.join(' '))} was left before its end`);
    return { exitCode, stdout: await stdout, stderr: await stderr };
  } finally {
    timer.cancel();
  }
}

function demultiplex(duplex: Duplex, options: StreamOptions): { readonly streams: Pick<ProcessStream, 'stdin' | 'stdout' | 'stderr'>; readonly ended: Promise<void> } {
  const stdout = options.stdout ? new PassThrough() : undefined;
  const stderr = options.stderr && !options.tty ? new PassThrough() : undefined;
  const ended = Promise.withResolvers<void>();
  const end = (): void => {
    stdout?.end();
    stderr?.end();
    ended.resolve();
  };
  if (options.tty) {
    duplex.once('end', end).once('close', end).once('error', end);
    if (stdout) duplex.pipe(stdout, { end: false });
    else duplex.resume();
  } else {
    // A connection that broke is an end, too; what the process did is asked of the engine.
    splitOutput(duplex, stdout ?? discard(), stderr ?? discard()).then(end, end);
  }
  return { streams: { stdin: options.stdin ? duplex : undefined, stdout, stderr }, ended: ended.promise };
}

function discard(): PassThrough {
  const stream = new PassThrough();
  stream.resume();
  return stream;
}

/** The code of a process whose output has ended, as soon as it has one; undefined when it is left before. */
export async function exitCode({ clock }: Pick<Engine, 'clock'>, created: Pick<Docker.Exec, 'inspect'>, left: AbortSignal): Promise<number | undefined> {
  const { first, longest } = EXIT_CODE_POLL_MILLISECONDS;
  for (let delay: number = first; !left.aborted; delay = Math.min(delay * 1.5, longest)) {
    const info = await asked(created.inspect());
    if (!info.Running) return info.ExitCode ?? 0;
    await clock.sleep(delay, left);
  }
  return undefined;
}

async function collect(stream: Readable | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (!stream) return Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    if (size < OUTPUT_LIMIT) chunks.push(bytes.subarray(0, OUTPUT_LIMIT - size));
    size += bytes.length;
  }
  return Buffer.concat(chunks);
}

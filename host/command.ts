import { spawn } from 'node:child_process';

/** What a finished command left behind. */
export interface CommandResult {
  /** Exit code; 128 + signal number's conventions are not used: a killed command has code null and a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that ended with another code than 0, or could not be started. */
export class CommandError extends Error {
  readonly result: CommandResult;

  constructor(words: readonly string[], result: CommandResult) {
    super(`${words.join(' ')}: ${result.stderr.trim() || (result.signal ? `killed by ${result.signal}` : `exit code ${result.code}`)}`);
    this.name = 'CommandError';
    this.result = result;
  }
}

export interface CommandOptions {
  readonly input?: string;
  /** Killed after this time; 30,000 ms unless told. */
  readonly timeoutMilliseconds?: number;
}

/** Runs a program without a shell and waits for its end, whatever its exit code. Rejects where it cannot be started. */
export function runCommand(words: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(words[0]!, words.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], timeout: options.timeoutMilliseconds ?? 30_000, killSignal: 'SIGKILL' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    // A program that ends without reading its input makes the pipe fail; its exit code tells what matters.
    child.stdin.on('error', () => child.stdin.destroy());
    child.on('close', (code, signal) => resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
    child.stdin.end(options.input ?? '');
  });
}

/** Like `runCommand`, but any other exit code than 0 is a `CommandError`. Gives standard output. */
export async function checkCommand(words: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(words, options);
  if (result.code !== 0) throw new CommandError(words, result);
  return result.stdout;
}

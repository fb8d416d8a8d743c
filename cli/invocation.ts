import type { Clock } from '../process/clock.ts';
import type { Terminal } from './terminal.ts';

/** All that a command takes from the process it runs in. */
export interface Invocation {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The folder of the build that runs. */
  readonly build: string;
  /** The Node.js that runs it. */
  readonly node: string;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** A reason to end that the user is to read, without a stack. */
export class UserError extends Error {}

/** Ctrl-C, or SIGTERM: exit code 130, as shells have it. */
export class InterruptedError extends UserError {}

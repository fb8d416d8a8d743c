import type { CommandResult } from '../../host/command.ts';
import { delay } from './processes.ts';

/** Longer than any cluster under test needs to find new leaders. */
const PATIENCE_MILLISECONDS = 120_000;

/**
 * Runs a command until it succeeds, and gives its result; throws with what it said last. kubectl's connection may have been to what has just failed: then it is
 * run again, as a person does, and as an attempt without an answer may have done its work, `already exists` (or `not found`, of a deletion) is a success.
 */
export async function insist(what: string, attempt: () => Promise<CommandResult>): Promise<CommandResult> {
  for (const end = performance.now() + PATIENCE_MILLISECONDS; ; await delay(200)) {
    const result = await attempt();
    if (result.code === 0 || /already exists|\(NotFound\)/.test(result.stderr)) return result;
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MILLISECONDS} ms: ${what}: ${result.stderr}${result.stdout}`);
  }
}

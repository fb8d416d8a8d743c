import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../invocation.ts';

const FILE = '/etc/docker/daemon.json';
const OURS = `${JSON.stringify({ 'live-restore': true }, undefined, 2)}\n`;

/** What the machine's owner says of the engine; nothing where there is no file. Throws a `UserError` for one that is no JSON. */
export function engineConfiguration(): Readonly<Record<string, unknown>> {
  if (!existsSync(FILE)) return {};
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new UserError(`${FILE} is no JSON, so Docker cannot start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Only for an engine that `up` installed: containers go on while dockerd restarts. */
export function configureEngine(): void {
  if (existsSync(FILE)) return;
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, OURS);
}

/** Takes the file away as `configureEngine` wrote it; one that anybody has changed stays. */
export function removeEngineConfiguration(): void {
  if (existsSync(FILE) && readFileSync(FILE, 'utf8') === OURS) rmSync(FILE);
}

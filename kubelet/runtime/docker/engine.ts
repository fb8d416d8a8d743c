import type Docker from 'dockerode';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import { RuntimeNotFoundError } from '../types.ts';
import type { OptionsContext } from './containerOptions.ts';
import { messageOf } from '../../errorText.ts';

/** What every part of the Docker runtime works with. */
export interface Engine {
  readonly docker: Docker;
  readonly context: OptionsContext;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The HTTP status of an engine's refusal; undefined when the engine did not answer. */
export function statusCode(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The engine's own words, without what dockerode puts before them. */
export function engineMessage(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'json' in error && typeof error.json === 'object' && error.json !== null && 'message' in error.json && typeof error.json.message === 'string') return error.json.message;
  return messageOf(error);
}

/** How long a healthy engine may take to answer what it need not look for. */
const ANSWER_MILLISECONDS = 10_000;

/** Runs a request to which an engine that does not answer in time is taken for one that is down. */
export function inTime<T>(clock: Clock, request: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(new Error(`the engine does not answer within ${ANSWER_MILLISECONDS / 1000} s`)), ANSWER_MILLISECONDS);
    request.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** Runs a request; what is gone or already so (404, 304, and a removal in progress: 409) counts as done. */
export async function settled(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    const code = statusCode(error);
    if (code === 304 || code === 404) return;
    if (code === 409 && /already in progress|is not running/.test(engineMessage(error))) return;
    throw new Error(engineMessage(error), { cause: error });
  }
}

/** Runs a request whose failure is told in the engine's own words; a 404 is a `RuntimeNotFoundError`. */
export async function asked<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const message = engineMessage(error);
    throw statusCode(error) === 404 ? new RuntimeNotFoundError(message, { cause: error }) : new Error(message, { cause: error });
  }
}

/** Runs a request; undefined when what it asks for is not there. */
export async function ifFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await asked(request);
  } catch (error) {
    if (error instanceof RuntimeNotFoundError) return undefined;
    throw error;
  }
}

import { ApiError } from '../api/apiError.ts';
import { ConnectionError } from './connectionError.ts';

/** Attempts to reach a server with a request that changes nothing, beyond one for each server. */
const EXTRA_ATTEMPTS = 3;
const FIRST_DELAY_MILLISECONDS = 50;
/** Answers that ask to come back later are heeded so often, and so long at most. */
const BUSY_ATTEMPTS = 6;
const LONGEST_BUSY_DELAY_MILLISECONDS = 5000;

/** What decides about a retry; `attempt` counts those made, from 1. */
export interface Attempted {
  readonly method: string;
  readonly attempt: number;
  readonly servers: number;
}

/**
 * Milliseconds to wait before a request is sent again, or undefined where it must not be. A write is sent again only when it
 * cannot have had an effect: no connection came about, or it was turned away unread (429). A read also after a lost
 * connection or a 503 that says when to come back.
 */
export function retryDelay(error: unknown, { method, attempt, servers }: Attempted): number | undefined {
  const harmless = method === 'GET' || method === 'HEAD';
  if (error instanceof ConnectionError) {
    if (!harmless) return error.neverSent && attempt < servers ? 0 : undefined;
    if (attempt >= servers + EXTRA_ATTEMPTS) return undefined;
    return attempt < servers ? 0 : FIRST_DELAY_MILLISECONDS * 2 ** (attempt - servers);
  }
  if (!(error instanceof ApiError) || error.retryAfterSeconds === undefined || attempt >= BUSY_ATTEMPTS) return undefined;
  if (error.code === 429 || (error.code === 503 && harmless)) return Math.min(error.retryAfterSeconds * 1000, LONGEST_BUSY_DELAY_MILLISECONDS);
  return undefined;
}

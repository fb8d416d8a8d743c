import { ApiError } from '../api/apiError.ts';

/** True for the refusal that optimistic concurrency brings in the ordinary course of work: somebody wrote first. */
export function isExpectedRetry(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'Conflict';
}

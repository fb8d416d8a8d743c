import { ApiError } from '../api/apiError.ts';

/**
 * Runs a request whose refusal for one of these `Status` reasons is an ordinary outcome (the object is already there, or already
 * gone; the next event will tell). Gives undefined then; every other error goes on.
 */
export async function ignoreReasons<T>(reasons: readonly string[], request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ApiError && reasons.includes(error.reason)) return undefined;
    throw error;
  }
}

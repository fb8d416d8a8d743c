import { setFlagsFromString } from 'node:v8';

/**
 * Patterns of clients run on an engine of their own (`api/patterns`). Those of the server are tried on whatever anybody sends: V8 leaves backtracking for its engine of
 * linear time should one of them ever backtrack too often.
 */
export function boundPatterns(): void {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}

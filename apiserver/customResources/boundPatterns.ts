import { setFlagsFromString } from 'node:v8';

/**
 * Patterns come from whoever may create a CustomResourceDefinition, and are tried on whatever anybody sends. V8 leaves backtracking, which can take for
 * ever, for its engine of linear time when a pattern backtracks too often; Go's regular expressions have nothing that this engine lacks.
 */
export function boundPatterns(): void {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  // Expressions in CEL ask for that engine at once (the flag `l`) where a pattern looks like it.
  setFlagsFromString('--enable-experimental-regexp-engine');
}

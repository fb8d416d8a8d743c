import { MATCH_CONDITIONS_BUDGET, type Bindings } from '../../../api/cel/types.ts';
import type { PolicyProgram } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { Expressions, OutOfBudgetError } from './expressions.ts';

/** Whether all conditions hold; `error` where none is false and some have no value. */
export interface ConditionsOutcome {
  readonly matches: boolean;
  readonly error?: string;
}

/** Evaluates the match conditions of a policy. One that is false is enough, whatever becomes of the others. Yields after every few milliseconds of work. */
export function* evaluateConditions(conditions: readonly PolicyProgram[], bindings: Bindings): Generator<void, ConditionsOutcome> {
  if (conditions.length === 0) return { matches: true };
  const expressions = new Expressions([], bindings, { remaining: MATCH_CONDITIONS_BUDGET });
  const errors = new Set<string>();
  try {
    for (const condition of conditions) {
      const result = yield* expressions.evaluate(condition);
      if (!result.ok) errors.add(result.message);
      else if (result.value === false) return { matches: false };
    }
  } catch (error) {
    if (error instanceof OutOfBudgetError) return { matches: false, error: error.message };
    throw error;
  }
  if (errors.size === 0) return { matches: true };
  return { matches: false, error: errors.size === 1 ? [...errors].join() : `[${[...errors].join(', ')}]` };
}

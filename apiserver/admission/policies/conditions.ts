import { MATCH_CONDITIONS_BUDGET, type Bindings } from '../../../api/cel/types.ts';
import type { PolicyProgram } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { Expressions, OutOfBudgetError } from './expressions.ts';

/** Whether all conditions hold; `error` where none is false and some have no value. */
export interface ConditionsOutcome {
  readonly matches: boolean;
  readonly error?: string;
}

/** Evaluates the match conditions of a policy. One that is false is enough, whatever becomes of the others. */
export function evaluateConditions(conditions: readonly PolicyProgram[], bindings: Bindings): ConditionsOutcome {
  if (conditions.length === 0) return { matches: true };
  const expressions = new Expressions([], bindings, { remaining: MATCH_CONDITIONS_BUDGET });
  const errors: string[] = [];
  try {
    for (const condition of conditions) {
      const result = expressions.evaluate(condition);
      if (!result.ok) errors.push(result.message);
      else if (result.value === false) return { matches: false };
    }
  } catch (error) {
    if (error instanceof OutOfBudgetError) return { matches: false, error: error.message };
    throw error;
  }
  if (errors.length === 0) return { matches: true };
  return { matches: false, error: errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]` };
}

import type { AdmissionAttributes } from '../../types.ts';
import type { Version, View } from './admittedObject.ts';
import type { Hook } from './hooks.ts';
import type { Asked } from './matchHook.ts';

/** What conditions are asked about. */
export interface ConditionInput {
  readonly attributes: AdmissionAttributes;
  readonly asked: Asked;
  readonly version: Version;
  readonly view: View;
}

/** Whether all conditions hold; `error` is set where none is false and some have no value. */
export interface ConditionOutcome {
  readonly matches: boolean;
  readonly error?: string;
}

/** Evaluates the match conditions of webhooks. */
export interface MatchConditions {
  evaluate(hook: Hook, input: ConditionInput): ConditionOutcome;
}

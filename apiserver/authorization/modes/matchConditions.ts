import type { V1SubjectAccessReviewSpec } from '../../../api/generated/types.ts';
import type { AuthorizationAttributes } from '../../types.ts';
import type { ExpressionFault } from './validateAuthorizationConfiguration.ts';

/** Decides whether a webhook is asked at all: all conditions must hold. Yields when others are to have their turn. */
export interface MatchConditions {
  match(attributes: AuthorizationAttributes, spec: V1SubjectAccessReviewSpec): Generator<void, { readonly matches: boolean } | { readonly error: string }>;
}

/** What makes conditions of expressions. */
export interface ConditionLanguage {
  readonly fault: ExpressionFault;
  /** Of expressions without fault. */
  conditions(expressions: readonly string[]): MatchConditions;
}

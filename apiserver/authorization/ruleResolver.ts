import type { V1PolicyRule } from '../../api/generated/types.ts';
import type { UserInfo } from '../types.ts';

/** What an authorizer knows of somebody's rights; `errors` say what could not be looked up. */
export interface ResolvedRules {
  readonly rules: readonly V1PolicyRule[];
  readonly errors: readonly string[];
  /** Set where it may allow more than it can tell. */
  readonly incomplete?: true;
}

/** An authorizer that can tell beforehand what it would allow. */
export interface RuleResolver {
  /** All rules that apply to a user in a namespace (`''`: cluster-wide ones only). */
  rulesFor(user: UserInfo, namespace: string): ResolvedRules;
}

import type { V1PolicyRule } from '../../api/generated/types.ts';
import type { UserInfo } from '../types.ts';

/** What an authorizer knows of somebody's rights; `errors` say why that may not be all. */
export interface ResolvedRules {
  readonly rules: readonly V1PolicyRule[];
  readonly errors: readonly string[];
}

/** An authorizer that can tell beforehand what it would allow. */
export interface RuleResolver {
  /** All rules that apply to a user in a namespace (`''`: cluster-wide ones only). */
  rulesFor(user: UserInfo, namespace: string): ResolvedRules;
}

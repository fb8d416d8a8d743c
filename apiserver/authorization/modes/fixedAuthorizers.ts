import type { AuthorizationAttributes, Decision, ImmediateAuthorizer } from '../../types.ts';
import { PRIVILEGED_GROUP } from '../rbacAuthorizer.ts';
import type { ResolvedRules, RuleResolver } from '../ruleResolver.ts';

/** `AlwaysAllow`. */
export class AlwaysAllow implements ImmediateAuthorizer, RuleResolver {
  authorize(): Decision {
    return { allowed: true, reason: '' };
  }

  rulesFor(): ResolvedRules {
    return { rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }], errors: [] };
  }
}

/** `AlwaysDeny`. */
export class AlwaysDeny implements ImmediateAuthorizer, RuleResolver {
  authorize(): Decision {
    return { allowed: false, reason: 'Everything is forbidden.' };
  }

  rulesFor(): ResolvedRules {
    return { rules: [], errors: [] };
  }
}

/** Comes before all others, whatever is configured: `system:masters` may do everything. */
export class PrivilegedGroup implements ImmediateAuthorizer {
  authorize({ user }: AuthorizationAttributes): Decision {
    return { allowed: user.groups.includes(PRIVILEGED_GROUP), reason: '' };
  }
}

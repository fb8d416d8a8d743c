import type { RbacV1Subject, V1PolicyRule, V1RoleRef } from '../../api/generated/types.ts';
import type { AuthorizationAttributes, Decision, ImmediateAuthorizer, UserInfo } from '../types.ts';
import type { RuleResolver, ResolvedRules } from './ruleResolver.ts';
import type { RbacIndex } from './rbacIndex.ts';
import { rulesAllow } from './rbacRules.ts';

/** Members may do everything, whatever the roles say. */
export const PRIVILEGED_GROUP = 'system:masters';

/** What a user has been granted through one binding; `missing` where its role does not exist. */
interface Grant {
  readonly rules: readonly V1PolicyRule[];
  readonly missing?: string;
  /** For the reason of an allowed request. */
  readonly through: string;
}

/** Kubernetes' RBAC: a request is allowed when a rule of a bound role allows it; nothing denies. */
export class RbacAuthorizer implements ImmediateAuthorizer, RuleResolver {
  readonly #index: RbacIndex;

  constructor(index: RbacIndex) {
    this.#index = index;
  }

  authorize(attributes: AuthorizationAttributes): Decision {
    const { user, namespace } = attributes;
    if (user.groups.includes(PRIVILEGED_GROUP)) return { allowed: true, reason: '' };
    const missing = new Set<string>();
    for (const grant of this.#grants(user, namespace)) {
      if (grant.missing !== undefined) missing.add(grant.missing);
      else if (rulesAllow(grant.rules, attributes)) return { allowed: true, reason: `RBAC: allowed by ${grant.through}` };
    }
    return { allowed: false, reason: missing.size === 0 ? '' : `RBAC: ${aggregate([...missing])}` };
  }

  rulesFor(user: UserInfo, namespace: string): ResolvedRules {
    const grants = [...this.#grants(user, namespace)];
    return { rules: grants.flatMap(({ rules }) => rules), errors: [...new Set(grants.flatMap(({ missing }) => missing ?? []))] };
  }

  /** The rules of a role that a binding in a namespace (`''`: a ClusterRoleBinding) refers to; undefined where there is none. */
  rulesOf(roleRef: Pick<V1RoleRef, 'kind' | 'name'>, namespace: string): readonly V1PolicyRule[] | undefined {
    const role = roleRef.kind === 'Role' ? this.#index.role(namespace, roleRef.name) : this.#index.clusterRole(roleRef.name);
    return role && (role.rules ?? []);
  }

  *#grants(user: UserInfo, namespace: string): Generator<Grant> {
    for (const { binding, subject } of this.#index.clusterBindingsOf(user)) {
      yield this.#grant(binding.roleRef, '', `ClusterRoleBinding ${JSON.stringify(binding.metadata.name)}`, subject);
    }
    if (namespace === '') return;
    for (const { binding, subject } of this.#index.bindingsOf(user, namespace)) {
      yield this.#grant(binding.roleRef, namespace, `RoleBinding ${JSON.stringify(`${binding.metadata.name}/${namespace}`)}`, subject);
    }
  }

  #grant(roleRef: V1RoleRef, namespace: string, binding: string, subject: RbacV1Subject): Grant {
    const through = `${binding} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${describe(subject, namespace)}`;
    const rules = this.rulesOf(roleRef, namespace);
    return rules ? { rules, through } : { rules: [], through, missing: `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(roleRef.name)} not found` };
  }
}

function describe({ kind, name, namespace }: RbacV1Subject, bindingNamespace: string): string {
  return kind === 'ServiceAccount' ? `${kind} ${JSON.stringify(`${name}/${namespace || bindingNamespace}`)}` : `${kind} ${JSON.stringify(name)}`;
}

/** As Go's aggregated errors print. */
function aggregate(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

import { forbiddenError, notFoundError } from '../../api/apiError.ts';
import type { V1ClusterRole, V1PolicyRule, V1RoleBinding, V1RoleRef } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import type { AdmissionAttributes, AdmissionPlugin, Authorizer, UserInfo } from '../types.ts';
import { PRIVILEGED_GROUP, type RbacAuthorizer } from './rbacAuthorizer.ts';
import { compactRules, formatRule, formatStrings, uncovered } from './ruleCoverage.ts';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES: ReadonlySet<string> = new Set(['roles', 'clusterroles']);
const BINDINGS: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings']);
/** An aggregated role may come to hold anything. */
const FULL_AUTHORITY: readonly V1PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/**
 * Nobody hands out by a role or a binding what they do not have, unless they hold the verb `escalate` on the role or `bind` on
 * the role that is referred to (Kubernetes' policy-based RBAC storage).
 */
export class RbacEscalation implements AdmissionPlugin {
  readonly name = 'RBACEscalation';
  readonly #rbac: RbacAuthorizer;
  readonly #authorizer: Authorizer;

  /** `rbac` tells what somebody holds; `authorizer`, the whole one, who may go beyond that. */
  constructor(rbac: RbacAuthorizer, authorizer: Authorizer) {
    this.#rbac = rbac;
    this.#authorizer = authorizer;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { definition, object, previous, user } = attributes;
    if (definition.group !== GROUP || !object || attributes.operation === 'DELETE' || user.groups.includes(PRIVILEGED_GROUP)) return;
    if (previous && isOnlyCollection(object, previous)) return;
    if (ROLES.has(definition.plural)) await this.#checkRole(attributes, object);
    else if (BINDINGS.has(definition.plural)) await this.#checkBinding(attributes, object as IncomingObject<V1RoleBinding>);
  }

  async #checkRole(attributes: AdmissionAttributes, role: IncomingObject<V1ClusterRole>): Promise<void> {
    const { definition, user, namespace, name } = attributes;
    const before: V1ClusterRole | undefined = attributes.previous;
    // Who creates does not say a name in the URL, so that a right to escalate certain roles does not count.
    if (await this.#may(user, 'escalate', definition.plural, namespace, before ? name : '')) return;
    this.#confirm(attributes, role.rules ?? []);
    if ((isAggregated(role) || isAggregated(before)) && uncovered(this.#rbac.rulesFor(user, namespace).rules, FULL_AUTHORITY).length > 0) {
      throw forbiddenError({ group: GROUP, resource: definition.plural }, name, 'must have cluster-admin privileges to use the aggregationRule');
    }
  }

  async #checkBinding(attributes: AdmissionAttributes, { roleRef }: IncomingObject<V1RoleBinding>): Promise<void> {
    const { user, namespace } = attributes;
    const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    if (await this.#may(user, 'bind', plural, namespace, roleRef.name)) return;
    this.#confirm(attributes, this.#rulesOf(roleRef, plural, namespace));
  }

  #rulesOf(roleRef: V1RoleRef, plural: string, namespace: string): readonly V1PolicyRule[] {
    const rules = this.#rbac.rulesOf(roleRef, namespace);
    if (!rules) throw notFoundError({ group: GROUP, resource: plural }, roleRef.name);
    return rules;
  }

  async #may(user: UserInfo, verb: string, resource: string, namespace: string, name: string): Promise<boolean> {
    const { allowed } = await this.#authorizer.authorize({ user, verb, isResourceRequest: true, group: GROUP, version: '*', resource, subresource: '', namespace, name, path: '' });
    return allowed;
  }

  #confirm({ definition, user, namespace, name }: AdmissionAttributes, wanted: readonly V1PolicyRule[]): void {
    const { rules, errors } = this.#rbac.rulesFor(user, namespace);
    const missing = uncovered(rules, wanted);
    if (missing.length === 0) return;
    const texts = [...new Set(compactRules(missing).map(formatRule))].sort();
    const unresolved = errors.length === 0 ? '' : `; resolution errors: [${errors.length === 1 ? errors[0] : `[${[...new Set(errors)].join(', ')}]`}]`;
    const why = `user ${JSON.stringify(user.name)} (groups=${formatStrings(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}${unresolved}`;
    throw forbiddenError({ group: GROUP, resource: definition.plural }, name, why);
  }
}

const isAggregated = (role: Pick<V1ClusterRole, 'aggregationRule'> | undefined): boolean => Boolean(role?.aggregationRule?.clusterRoleSelectors?.length);

/** The garbage collector may take owners and finalizers away without holding what the role grants. */
function isOnlyCollection(object: IncomingObject, previous: KubeObject): boolean {
  const rest = (value: IncomingObject | KubeObject): unknown => ({ ...value, metadata: { ...value.metadata, ownerReferences: undefined, finalizers: undefined, managedFields: undefined, resourceVersion: undefined } });
  return semanticEqual(rest(object), rest(previous));
}

import { badRequest } from '../../api/apiError.ts';
import type { V1PolicyRule, V1SelfSubjectRulesReview, V1SubjectRulesReviewStatus } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { PRIVILEGED_GROUP } from '../authorization/rbacAuthorizer.ts';
import type { RuleResolver } from '../authorization/ruleResolver.ts';
import type { UserInfo, VirtualResource } from '../types.ts';

const EVERYTHING: readonly V1PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** All that the asker may do in a namespace: what `kubectl auth can-i --list` shows. */
export function rulesReview(resolver: RuleResolver): VirtualResource {
  return {
    group: 'authorization.k8s.io',
    resource: 'selfsubjectrulesreviews',
    subresource: '',
    kind: { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview', model: 'V1SelfSubjectRulesReview' },
    create: ({ object, user }) => {
      const review = object as unknown as V1SelfSubjectRulesReview;
      const namespace = review.spec.namespace ?? '';
      if (namespace === '') return Promise.reject(badRequest('no namespace on request'));
      const answered: KubeObject & { spec: object; status: V1SubjectRulesReviewStatus } = { ...review, spec: {}, status: statusOf(resolver, user, namespace) };
      return Promise.resolve(answered);
    },
  };
}

function statusOf(resolver: RuleResolver, user: UserInfo, namespace: string): V1SubjectRulesReviewStatus {
  const bound = resolver.rulesFor(user, namespace);
  // The privileged group has its rights without a binding; usually `cluster-admin` names them, too.
  const isUnnamed = user.groups.includes(PRIVILEGED_GROUP) && !bound.rules.some(({ verbs, resources }) => verbs.includes('*') && resources?.includes('*'));
  const found = isUnnamed ? { ...bound, rules: [...EVERYTHING, ...bound.rules] } : bound;
  const errors = [...new Set(found.errors)];
  return {
    resourceRules: found.rules
      .filter((rule) => (rule.resources ?? []).length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups: apiGroups ?? [], resources: resources ?? [], ...(resourceNames ? { resourceNames } : {}) })),
    nonResourceRules: found.rules.filter((rule) => (rule.nonResourceURLs ?? []).length > 0).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs: nonResourceURLs ?? [] })),
    incomplete: found.incomplete ?? false,
    ...(errors.length > 0 ? { evaluationError: errors.length > 1 ? `[${errors.join(', ')}]` : errors[0]! } : {}),
  };
}

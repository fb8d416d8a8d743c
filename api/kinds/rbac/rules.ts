import type { V1PolicyRule } from '../../generated/types.ts';
import { invalid, required, type FieldError } from '../../fieldError.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** The rules of a Role or ClusterRole (`ValidatePolicyRule`). A rule grants resources or paths, never both; paths have no namespace. */
export function validateRules(rules: readonly V1PolicyRule[] | undefined, isNamespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(`rules[${index}]`, rule, isNamespaced));
}

function validateRule(field: string, { verbs, nonResourceURLs, apiGroups, resources, resourceNames }: V1PolicyRule, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!verbs?.length) errors.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs?.length) {
    if (isNamespaced) errors.push(invalid(`${field}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups?.length || resources?.length || resourceNames?.length) {
      errors.push(invalid(`${field}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
    }
    return errors;
  }
  if (!apiGroups?.length) errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!resources?.length) errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

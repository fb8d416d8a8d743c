import type { V1ClusterRole } from '../../generated/types.ts';
import { type FieldError, ofEach, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { validatePathSegmentName } from '../../validation/names.ts';
import { defineKind } from '../defineKind.ts';
import { validateRules } from './validateRbac.ts';

export const clusterRole = defineKind<V1ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  model: 'V1ClusterRole',
  createOnUpdate: true,
  validateName: validatePathSegmentName,
  validate: (role) => [...validateRules(role.rules, false), ...validateAggregation(role)],
});

function validateAggregation({ aggregationRule }: IncomingObject<V1ClusterRole>): FieldError[] {
  if (!aggregationRule) return [];
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) return [required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  return ofEach(field, selectors, validateLabelSelector);
}

import type { V1ClusterRole } from '../../generated/types.ts';
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
  validate: ({ rules }) => validateRules(rules, false),
});

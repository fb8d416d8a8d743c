import type { V1Role } from '../../generated/types.ts';
import { validatePathSegmentName } from '../../validation/names.ts';
import { defineKind } from '../defineKind.ts';
import { validateRules } from './validateRbac.ts';

export const role = defineKind<V1Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  model: 'V1Role',
  createOnUpdate: true,
  validateName: validatePathSegmentName,
  validate: ({ rules }) => validateRules(rules, true),
});

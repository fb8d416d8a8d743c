import type { V1RoleBinding } from '../../generated/types.ts';
import { validatePathSegmentName } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { setBindingDefaults, subjectsOf, validateBinding, validateBindingUpdate } from './validateRbac.ts';

export const roleBinding = defineKind<V1RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  model: 'V1RoleBinding',
  createOnUpdate: true,
  validateName: validatePathSegmentName,
  setDefaults: setBindingDefaults,
  validate: (object) => validateBinding(object, ['Role', 'ClusterRole'], true),
  validateUpdate: validateBindingUpdate,
  columns: [
    textColumn('Role', 'What it grants.', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
    ageColumn,
    textColumn('Users', 'Users that it grants it to.', (binding) => subjectsOf(binding, 'User'), 1),
    textColumn('Groups', 'Groups that it grants it to.', (binding) => subjectsOf(binding, 'Group'), 1),
    textColumn('ServiceAccounts', 'Service accounts that it grants it to.', (binding) => subjectsOf(binding, 'ServiceAccount'), 1),
  ],
});

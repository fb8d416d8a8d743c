import type { V1ClusterRoleBinding } from '../../generated/types.ts';
import { validatePathSegmentName } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { setBindingDefaults, subjectsOf, validateBinding, validateBindingUpdate } from './validateRbac.ts';

export const clusterRoleBinding = defineKind<V1ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  model: 'V1ClusterRoleBinding',
  createOnUpdate: true,
  validateName: validatePathSegmentName,
  setDefaults: setBindingDefaults,
  validate: (object) => validateBinding(object, ['ClusterRole'], false),
  validateUpdate: validateBindingUpdate,
  columns: [
    textColumn('Role', 'RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
    ageColumn,
    textColumn('Users', 'Users in the clusterRoleBinding', (binding) => subjectsOf(binding, 'User'), 1),
    textColumn('Groups', 'Groups in the clusterRoleBinding', (binding) => subjectsOf(binding, 'Group'), 1),
    textColumn('ServiceAccounts', 'ServiceAccounts in the clusterRoleBinding', (binding) => subjectsOf(binding, 'ServiceAccount'), 1),
  ],
});

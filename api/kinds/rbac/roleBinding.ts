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
    textColumn('Role', 'RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
    ageColumn,
    textColumn('Users', 'Users in the roleBinding', (binding) => subjectsOf(binding, 'User'), 1),
    textColumn('Groups', 'Groups in the roleBinding', (binding) => subjectsOf(binding, 'Group'), 1),
    textColumn('ServiceAccounts', 'ServiceAccounts in the roleBinding', (binding) => subjectsOf(binding, 'ServiceAccount'), 1),
  ],
});

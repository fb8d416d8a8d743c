import type { V1RoleBinding } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const roleBinding = defineKind<V1RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  model: 'V1RoleBinding',
  createOnUpdate: true,
});

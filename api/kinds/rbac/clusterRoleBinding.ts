import type { V1ClusterRoleBinding } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const clusterRoleBinding = defineKind<V1ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  model: 'V1ClusterRoleBinding',
  createOnUpdate: true,
});

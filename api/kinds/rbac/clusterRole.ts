import type { V1ClusterRole } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const clusterRole = defineKind<V1ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  model: 'V1ClusterRole',
  createOnUpdate: true,
});

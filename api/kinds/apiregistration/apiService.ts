import type { V1APIService } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const apiService = defineKind<V1APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1APIService',
  hasStatus: true,
  unconditionalUpdate: false,
});

import type { V1Service } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const service = defineKind<V1Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Service',
  hasStatus: true,
  createOnUpdate: true,
});

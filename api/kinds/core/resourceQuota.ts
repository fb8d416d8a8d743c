import type { V1ResourceQuota } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const resourceQuota = defineKind<V1ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  model: 'V1ResourceQuota',
  hasStatus: true,
});

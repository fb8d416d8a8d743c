import type { V1ServiceCIDR } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const serviceCIDR = defineKind<V1ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  model: 'V1ServiceCIDR',
  hasStatus: true,
  unconditionalUpdate: false,
});

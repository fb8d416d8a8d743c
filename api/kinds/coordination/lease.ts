import type { V1Lease } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const lease = defineKind<V1Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  model: 'V1Lease',
  createOnUpdate: true,
  unconditionalUpdate: false,
});

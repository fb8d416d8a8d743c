import type { V1EndpointSlice } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const endpointSlice = defineKind<V1EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  model: 'V1EndpointSlice',
  hasGeneration: true,
});

import type { V1Ingress } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const ingress = defineKind<V1Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  model: 'V1Ingress',
  hasStatus: true,
  hasGeneration: true,
});

import type { V1IngressClass } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const ingressClass = defineKind<V1IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  model: 'V1IngressClass',
  hasGeneration: true,
});

import type { V1CustomResourceDefinition } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const customResourceDefinition = defineKind<V1CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1CustomResourceDefinition',
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
});

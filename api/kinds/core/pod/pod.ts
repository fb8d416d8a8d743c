import type { V1Pod } from '../../../generated/types.ts';
import { defineKind } from '../../defineKind.ts';

export const pod = defineKind<V1Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Pod',
  hasStatus: true,
  hasGeneration: true,
});
